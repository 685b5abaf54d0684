"""Chargebacks as people read them, and the one that a request is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Uuid, bindparam, select, true

from api.access.database import Database
from api.access.rows import STAFF, Relation, Sight
from api.access.statements import claim_on, delivery_columns, holds_any, seen, who_asks
from api.models.chargebacks import ChargebackHandling, ChargebackView
from api.models.types import MoneyView, money_view
from api.views import deadline_view
from domain.contracts import Standing
from domain.identity.actions import Action
from domain.identity.permissions import RULES
from domain.money import Money
from infra.database.schema import chargeback, delivery, parcel

_CHARGEBACK_ID = bindparam("chargeback_id", type_=Uuid(as_uuid=False))
_DELIVERY_ID = bindparam("delivery_id", type_=Uuid(as_uuid=False))
_who = who_asks()
_target = (
    select(*delivery_columns(_who))
    .select_from(
        _who.join(chargeback, true())
        .join(delivery, delivery.c.delivery_id == chargeback.c.delivery_id)
        .join(parcel, parcel.c.delivery_id == delivery.c.delivery_id)
    )
    .where(
        chargeback.c.chargeback_id == _CHARGEBACK_ID,
        holds_any(_who, RULES[Action.RESOLVE_CHARGEBACK].known_to),
    )
    .cte("target")
)
CLAIM_ON_CHARGEBACK = seen(_who, _target, claim_on(_who, _target))
"""For staff only: to everybody else there is no such chargeback."""

_OF_DELIVERY = (
    select(chargeback)
    .where(chargeback.c.delivery_id == _DELIVERY_ID)
    .order_by(chargeback.c.opened_at.desc(), chargeback.c.chargeback_id.desc())
)


async def chargebacks_of(database: Database, sight: Sight) -> list[ChargebackView]:
    """Return the chargebacks of a delivery, the newest first, as one of its people may see them."""
    values = {"delivery_id": sight.delivery.delivery_id}
    rows = await database.every(_OF_DELIVERY, values)
    return [_view(row, sight.relations) for row in rows]


def _view(row: Mapping[str, Any], relations: frozenset[Relation]) -> ChargebackView:
    is_staffs = bool(relations & STAFF)
    knows_recall = is_staffs or Relation.TRAVELER in relations
    clock = Standing(
        row["status"], "", deadline_kind=row["deadline_kind"], deadline_at=row["deadline_at"]
    )
    return ChargebackView(
        chargeback_id=row["chargeback_id"],
        status=row["status"],
        amount=_money(row, "amount_minor") if row["amount_minor"] else None,
        taken_back=_money(row, "recalled_minor") if knows_recall else None,
        opened_at=row["opened_at"],
        decided_at=row["decided_at"],
        deadline=deadline_view(clock),
        handling=_handling(row) if is_staffs else None,
    )


def _handling(row: Mapping[str, Any]) -> ChargebackHandling:
    return ChargebackHandling(
        provider=row["provider"],
        dispute_id=row["dispute_id"],
        reason=row["reason"],
        withdrawn=_money(row, "withdrawn_minor"),
        fee=_money(row, "fee_minor"),
        taken_from_held=_money(row, "taken_from_held_minor"),
        evidence_due_by=row["due_by"],
        evidence_staged_at=row["evidence_staged_at"],
        evidence_submitted_at=row["evidence_submitted_at"],
        parked_step=row["attention"],
    )


def _money(row: Mapping[str, Any], name: str) -> MoneyView:
    return money_view(Money(row[name], row["currency"]))
