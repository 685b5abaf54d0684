"""Whose payout account it is, and where it is kept."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Text, Uuid, bindparam, cast, exists, func, or_, select, update

from api.access.callers import claim_by
from api.access.claims import Claim, Replay, asker_of, claim
from api.access.database import Database
from api.access.permissions import declared_action, role_missing
from api.access.request import Change
from api.access.rows import Asker
from domain.identity.actions import Action
from domain.ids import DeliveryId
from domain.journey.relay import RelayStatus
from infra.database.schema import delivery, person, relay
from infra.webhooks.matching import WAITING_FOR_AN_ACCOUNT

_CLAIM = claim_by(Action.SET_UP_PAYOUT_ACCOUNT)
_traveler_id = bindparam("traveler_id", type_=Uuid(as_uuid=False))
_kept = (
    update(person)
    .where(person.c.person_id == _traveler_id)
    .values(payout_account=func.coalesce(person.c.payout_account, bindparam("account", type_=Text)))
    .returning(person.c.payout_account)
    .cte("kept")
)
_waiting = (
    select(func.array_agg(cast(delivery.c.delivery_id, Text)))
    .where(
        or_(
            delivery.c.traveler_id == _traveler_id,
            exists().where(
                relay.c.delivery_id == delivery.c.delivery_id,
                relay.c.giver_id == _traveler_id,
                relay.c.status == RelayStatus.DONE,
            ),
        ),
        delivery.c.status.in_([str(status) for status in WAITING_FOR_AN_ACCOUNT]),
    )
    .scalar_subquery()
)
_KEEP = select(_kept.c.payout_account, _waiting.label("waiting"))


@dataclass(frozen=True, slots=True)
class KeptAccount:
    """The account that a traveler has."""

    account: str
    waiting: tuple[DeliveryId, ...]
    """Deliveries whose release may wait for it."""


async def claiming_traveler(database: Database, change: Change) -> Asker:
    """Claim the key of a traveler's request and return who asks; nothing is kept with the claim.

    Raises:
        Problem: `unauthenticated`, `not_your_role` or `idempotency_key_reused`.
    """
    claimed: Claim | Replay = await claim(
        database, _CLAIM, change, {}, unclaimed=lambda _: role_missing(declared_action())
    )
    return asker_of(claimed.row)


async def keep_account(database: Database, traveler: Asker, account: str) -> KeptAccount:
    """Give a traveler an account and return the one that they have: the first stays."""
    values = {"traveler_id": traveler.person_id, "account": account}
    row = await database.first(_KEEP, values)
    assert row is not None, "the person was found by the token a moment ago"
    return KeptAccount(row["payout_account"], tuple(map(DeliveryId, row["waiting"] or ())))
