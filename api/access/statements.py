"""The SQL that says who asks and what they may touch, in one statement.

Shape: `who` holds at most one row, the owner of a valid token; `target` at most one, the object of
the request, and only when that person may know that it exists.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    Boolean,
    ColumnElement,
    FromClause,
    Integer,
    LargeBinary,
    ScalarSelect,
    Select,
    Table,
    Text,
    Uuid,
    all_,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from api.access.asking import staff_counts
from api.access.held import held_since
from domain.identity.actions import Action
from domain.identity.permissions import KNOWN, RULES
from domain.identity.roles import (
    INSIDERS,
    PARTIES,
    STAFF_ROLES,
    PersonRole,
    Relation,
    staff_relations,
)
from domain.status import DeliveryStatus
from infra.database.schema import (
    access_token,
    delivery,
    dispute,
    dispute_evidence,
    dispute_message,
    idempotent_request,
    offer,
    parcel,
    person,
    relay,
    session,
)
from infra.encryption.answers import ANSWER_KEY
from infra.encryption.parcels import key_column
from infra.encryption.people import person_key_sql

_STANDING_COLUMNS = (
    "traveler_id", "status", "escrow", "dispute", "dispute_id", "price_minor", "deadline_kind",
    "deadline_at", "attention", "head_sequence",
)  # fmt: skip
_DISPUTE_COLUMNS = (
    "opened_by_role", "reason", "status", "opened_at", "outcome", "refund_minor", "release_minor",
    "note", "decided_at", "stage", "version", "desired_outcome", "desired_refund_minor", "agent_id",
    "first_agent_id", "absent", "waiting_for", "question", "questions", "waived", "appealed_by",
    "weighed_at",
)  # fmt: skip
_PARCEL_COLUMNS = tuple(column.name for column in parcel.c if column.name != "policies")

DELIVERY_ID = bindparam("delivery_id", type_=Uuid(as_uuid=False))
OFFER_ID = bindparam("offer_id", type_=Uuid(as_uuid=False))
DISPUTE_ID = bindparam("dispute_id", type_=Uuid(as_uuid=False))
TOKEN_HASH = bindparam("token_hash", type_=LargeBinary)
KEY = bindparam("key", type_=Text)
ROUTE = bindparam("route", type_=Text)
REQUEST_HASH = bindparam("request_hash", type_=LargeBinary)
RESOURCE_ID = bindparam("resource_id", type_=Uuid(as_uuid=False))
HELD_S = bindparam("held_s", type_=Integer)
"""For how long the request holds its claim: nobody else carries it out meanwhile."""
STAFF_COUNTS = bindparam("staff_counts", type_=Boolean, callable_=staff_counts)
"""Whether powers of staff count in the request under way: no caller names it, so none forgets it."""
_STAFF_ROLES = sorted(str(role) for role in STAFF_ROLES)


def who_asks() -> CTE:
    """Return the owner of the token, or nobody when it is unknown, expired or revoked."""
    return (
        select(
            person.c.person_id.label("asker_id"),
            _roles_that_count().label("asker_roles"),
            (~_staff_counts() & _has_staff_role()).label("asker_withheld"),
            _lacks_factor().label("asker_lacks_factor"),
            person.c.payout_account.label("asker_payout_account"),
        )
        .join(access_token, access_token.c.person_id == person.c.person_id)
        .where(
            access_token.c.token_hash == TOKEN_HASH,
            access_token.c.revoked_at.is_(None),
            access_token.c.expires_at > func.now(),
        )
        .cte("who")
    )


def _roles_that_count() -> ColumnElement[Any]:
    """Return the roles of a person, without those of staff where these do not count."""
    role = func.unnest(person.c.roles).column_valued("role")
    others = (
        select(func.array_agg(role))
        .where(role != all_(literal(_STAFF_ROLES, ARRAY(Text))))
        .scalar_subquery()
    )
    nobody = cast(literal([], ARRAY(Text)), ARRAY(Text))
    return case((_staff_counts(), person.c.roles), else_=func.coalesce(others, nobody))


def _staff_counts() -> ColumnElement[bool]:
    return STAFF_COUNTS & ~_lacks_factor()


def _lacks_factor() -> ColumnElement[bool]:
    """Tell whether the credential of the row is a session that has shown no second factor."""
    shown = exists().where(
        session.c.session_id == access_token.c.session_id, session.c.second_factor_at.is_not(None)
    )
    return (access_token.c.session_id.is_not(None) & ~shown).self_group()


def _has_staff_role() -> ColumnElement[bool]:
    return person.c.roles.op("&&", is_comparison=True)(literal(_STAFF_ROLES, ARRAY(Text)))


def delivery_columns(who: CTE) -> list[ColumnElement[Any]]:
    """Return the columns of a `DeliveryRow`."""
    return [
        *(parcel.c[name] for name in _PARCEL_COLUMNS),
        key_column(),
        *(delivery.c[name] for name in _STANDING_COLUMNS),
        has_offered(who).label("is_offering"),
        held_since(),
    ]


def has_offered(who: CTE) -> ColumnElement[bool]:
    """Tell whether the asking person made an offer for the delivery of the row."""
    own = offer.alias("own_offer")
    return exists().where(
        own.c.traveler_id == who.c.asker_id, own.c.delivery_id == delivery.c.delivery_id
    )


def holds_any(
    who: CTE, relations: Iterable[Relation], of: FromClause = delivery
) -> ColumnElement[bool]:
    """Tell whether the asking person is one of these to the delivery of the row.

    It is what `relations_of` says in Python.
    """
    wanted = frozenset(relations)
    held = [
        of.c[f"{relation}_id"] == who.c.asker_id
        for relation in Relation
        if relation in wanted & PARTIES
    ]
    if Relation.OFFERING in wanted:
        held.append(has_offered(who))
    if Relation.BROWSING in wanted:
        requested = of.c.status == DeliveryStatus.REQUESTED
        held.append(and_(requested, has_any_role(who, {PersonRole.TRAVELER})))
    staff = [role for role in STAFF_ROLES if staff_relations({role}) & wanted]
    return or_(*held, *([has_any_role(who, staff)] if staff else []))


def is_party(who: CTE) -> ColumnElement[bool]:
    """Tell whether the asking person is a party of the delivery of the row."""
    return holds_any(who, PARTIES)


def is_staff(who: CTE) -> ColumnElement[bool]:
    """Tell whether the asking person works for the platform."""
    return has_any_role(who, STAFF_ROLES)


def may_ask_for(who: CTE, action: Action) -> ColumnElement[bool]:
    """Tell whether the asking person may do something, as far as it depends on their roles."""
    roles = RULES[action].roles
    return has_any_role(who, roles) if roles else true()


def has_any_role(who: CTE, roles: Iterable[str]) -> ColumnElement[bool]:
    """Tell whether the asking person has one of these roles."""
    named = [str(role) for role in sorted(roles)]
    return who.c.asker_roles.op("&&", is_comparison=True)(literal(named, ARRAY(Text)))


def may_know(who: CTE) -> ColumnElement[bool]:
    """Tell whether the asking person may know that the delivery of the row exists."""
    return holds_any(who, KNOWN)


def known_delivery(who: CTE) -> Select[Any]:
    """Return the delivery named in the request, if the asking person may know it."""
    return (
        select(*delivery_columns(who))
        .select_from(who.join(delivery, true()).join(parcel, _same_delivery(parcel)))
        .where(delivery.c.delivery_id == DELIVERY_ID, may_know(who))
    )


def known_offer(who: CTE) -> Select[Any]:
    """Return the delivery and, if it has it, the offer named in the request."""
    owner = person.alias("offer_owner")
    named = and_(offer.c.offer_id == OFFER_ID, offer.c.delivery_id == delivery.c.delivery_id)
    return (
        select(
            *delivery_columns(who),
            offer.c.offer_id,
            offer.c.traveler_id.label("offer_traveler_id"),
            offer.c.status.label("offer_status"),
            offer.c.price_minor.label("offer_price_minor"),
            offer.c.proposed_by.label("offer_proposed_by"),
            offer.c.sequence.label("offer_sequence"),
            owner.c.payout_account.label("offer_payout_account"),
            parcel.c.policies["risk"].label("risk_policy"),
        )
        .select_from(
            who.join(delivery, true())
            .join(parcel, _same_delivery(parcel))
            .outerjoin(offer, named)
            .outerjoin(owner, owner.c.person_id == offer.c.traveler_id)
        )
        .where(delivery.c.delivery_id == DELIVERY_ID, may_know(who))
    )


def known_dispute(who: CTE) -> Select[Any]:
    """Return the dispute named in the request with its delivery, for parties and staff."""
    return (
        select(
            *delivery_columns(who),
            *(dispute.c[name].label(f"dispute_{name}") for name in _DISPUTE_COLUMNS),
            (_said(dispute_evidence) + _said(dispute_message)).label("dispute_said"),
            parcel.c.policies["fees"].label("dispute_fees"),
            _taker_points().label("dispute_relay_points"),
        )
        .select_from(
            who.join(dispute, true())
            .join(delivery, delivery.c.delivery_id == dispute.c.delivery_id)
            .join(parcel, _same_delivery(parcel))
        )
        .where(dispute.c.dispute_id == DISPUTE_ID, holds_any(who, INSIDERS))
    )


def _taker_points() -> ScalarSelect[int]:
    """Return the share of the traveler to whom the parcel of the row was handed on, if it was."""
    is_done = and_(relay.c.delivery_id == delivery.c.delivery_id, relay.c.status == "done")
    return select(relay.c.share_points).where(is_done).scalar_subquery()


def _said(table: Table) -> ScalarSelect[int]:
    """Return how many pieces of a kind the dispute of the row has."""
    count = select(func.count()).select_from(table)
    return count.where(table.c.dispute_id == dispute.c.dispute_id).scalar_subquery()


def claim_for(asker_id: ColumnElement[str], source: FromClause) -> CTE:
    """Return the claim of the request's key: a new one, or the one that is kept already.

    Nothing is claimed when `source` has no row. The row of a kept claim is locked and returned as
    it is now, even when it was written after this statement began, so that of two equal requests at
    once the second sees the first. Unless it is answered, it is held by one request at a time: by
    the first, and by another one once that has let go of it or its time is over.
    """
    claim = insert(idempotent_request).from_select(
        [
            *("person_id", "key", "route", "request_hash", "resource_id", "created_at"),
            *("held_by", "held_until"),
        ],
        select(
            *(asker_id, KEY, ROUTE, REQUEST_HASH, RESOURCE_ID, func.now()),
            *(RESOURCE_ID, func.now() + HELD_S * literal(timedelta(seconds=1))),
        ).select_from(source),
    )
    kept = idempotent_request.c
    may_be_held = and_(
        kept.status_code.is_(None),
        kept.request_hash == claim.excluded.request_hash,
        or_(kept.held_until.is_(None), kept.held_until <= func.now()),
    )
    held = {
        name: case((may_be_held, claim.excluded[name]), else_=kept[name])
        for name in ("held_by", "held_until")
    }
    return (
        claim.on_conflict_do_update(index_elements=["person_id", "key"], set_=held)
        .returning(
            kept.request_hash.label("claim_hash"),
            kept.resource_id.label("claim_resource_id"),
            kept.status_code.label("claim_status_code"),
            kept.response.label("claim_response"),
            kept.created_at.label("claim_created_at"),
            literal_column(person_key_sql("idempotent_request.person_id")).label(ANSWER_KEY),
            (kept.held_by == RESOURCE_ID).label("claim_is_held"),
        )
        .cte("claim")
    )


def claim_on(who: CTE, target: FromClause) -> CTE:
    """Return the claim of a request about an object that the asking person may know."""
    return claim_for(who.c.asker_id, who.join(target, true()))


def seen(who: CTE, target: FromClause, *more: FromClause) -> Select[Any]:
    """Return one row per asking person with what was found, or none for a token that is no good."""
    source: FromClause = who.outerjoin(target, true())
    for part in more:
        source = source.outerjoin(part, true())
    return select(who, target, *more).select_from(source)


def _same_delivery(table: FromClause) -> ColumnElement[bool]:
    same: ColumnElement[bool] = table.c.delivery_id == delivery.c.delivery_id
    return same
