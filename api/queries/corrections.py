"""Corrections of deliveries, each for whom it concerns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Uuid,
    and_,
    bindparam,
    or_,
    select,
    true,
)

from api.access.database import Database
from api.access.rows import STAFF, Relation
from api.access.statements import (
    claim_on,
    delivery_columns,
    is_staff,
    seen,
    who_asks,
)
from api.models.corrections import CorrectionView
from api.models.types import money_view
from api.views import clock_view
from domain.correcting.rules import CorrectionKind, CorrectionStatus
from domain.ids import DeliveryId
from domain.ledger import Bearer
from domain.money import Money
from infra.database.schema import correction, delivery, parcel

_K, _row = CorrectionKind, correction.c
_COLUMNS = tuple(column.name for column in correction.c)
_PREFIX = "correction_"

_OF_CUSTOMER = (_K.GOODWILL_REFUND, _K.TIP, _K.EXTRA_COST, _K.REFUND_AGAIN)
_OF_TRAVELER = (_K.COMPENSATION, _K.EXTRA_COST, _K.PAYOUT_AGAIN)


def _concerns_customer() -> ColumnElement[bool]:
    return or_(_row.kind.in_(map(str, _OF_CUSTOMER)), _row.debtor == Bearer.CUSTOMER)


def _concerns_traveler() -> ColumnElement[bool]:
    """Tell whether it is the traveler's; a tip is, once it has arrived."""
    return or_(
        _row.kind.in_(map(str, _OF_TRAVELER)),
        and_(_row.kind == _K.TIP, _row.status == CorrectionStatus.DONE),
        and_(_row.kind == _K.GOODWILL_REFUND, _row.bearer == Bearer.TRAVELER),
        _row.debtor == Bearer.TRAVELER,
    )


_who = who_asks()
_target = (
    select(
        *delivery_columns(_who),
        *(_row[name].label(f"{_PREFIX}{name}") for name in _COLUMNS),
    )
    .select_from(
        _who.join(correction, true())
        .join(delivery, delivery.c.delivery_id == _row.delivery_id)
        .join(parcel, parcel.c.delivery_id == _row.delivery_id)
    )
    .where(
        _row.correction_id == bindparam("asked_correction_id", type_=Uuid(as_uuid=False)),
        or_(
            is_staff(_who),
            and_(delivery.c.customer_id == _who.c.asker_id, _concerns_customer()),
            and_(delivery.c.traveler_id == _who.c.asker_id, _concerns_traveler()),
        ),
    )
    .cte("target")
)
CORRECTION = seen(_who, _target)
CLAIM_ON_CORRECTION = seen(_who, _target, claim_on(_who, _target))
"""For those whom it concerns; only staff resolve it."""

_AS_STAFF = bindparam("as_staff", type_=Integer)
_AS_CUSTOMER = bindparam("as_customer", type_=Integer)
_AS_TRAVELER = bindparam("as_traveler", type_=Integer)
_SHOWN = or_(
    _AS_STAFF == 1,
    and_(_AS_CUSTOMER == 1, _concerns_customer()),
    and_(_AS_TRAVELER == 1, _concerns_traveler()),
)
_OF_DELIVERY = _row.delivery_id == bindparam("delivery_id", type_=Uuid(as_uuid=False))
_LIST = (
    select(correction)
    .where(
        _OF_DELIVERY,
        _row.correction_id < bindparam("before_id", type_=Uuid(as_uuid=False)),
        _SHOWN,
    )
    .order_by(_row.correction_id.desc())
    .limit(bindparam("count", type_=Integer))
)
_CLOCKS = (
    select(_row.deadline_kind, _row.deadline_at)
    .where(_OF_DELIVERY, _row.closed_at.is_(None), _SHOWN)
    .order_by(_row.deadline_at)
)


async def corrections_of(
    database: Database,
    delivery_id: DeliveryId,
    relations: frozenset[Relation],
    before_id: str,
    count: int,
) -> list[CorrectionView]:
    """Return the corrections of a delivery that concern somebody, the newest first."""
    values = {
        **_capacities(relations),
        "delivery_id": delivery_id,
        "before_id": before_id,
        "count": count,
    }
    return [view_of(row, relations) for row in await database.every(_LIST, values)]


async def clocks_of(
    database: Database, delivery_id: DeliveryId, relations: frozenset[Relation]
) -> list[Mapping[str, Any]]:
    """Return the clocks of open corrections that concern somebody, the first to run out first."""
    values = {**_capacities(relations), "delivery_id": delivery_id}
    return list(await database.every(_CLOCKS, values))


def view_of(
    row: Mapping[str, Any], relations: frozenset[Relation], prefix: str = ""
) -> CorrectionView:
    """Return the correction in a row whose columns begin with a prefix.

    What staff note about it stays among them; what is said about extra costs is for both sides.
    """
    found = {name: row[prefix + name] for name in _COLUMNS}
    for_staff = bool(relations & STAFF)
    is_cost = found["kind"] == _K.EXTRA_COST
    knows_bearer = for_staff or Relation.TRAVELER in relations
    return CorrectionView(
        correction_id=found["correction_id"],
        delivery_id=found["delivery_id"],
        kind=found["kind"],
        status=found["status"],
        amount=money_view(Money(found["amount_minor"], found["currency"])),
        bearer=found["bearer"] if knows_bearer else None,
        debtor=found["debtor"],
        cost_reason=found["cost_reason"],
        note=found["note"] if for_staff or is_cost else "",
        reference=found["reference"] if for_staff or is_cost else "",
        step=found["step"] if for_staff else "",
        problem=found["problem"] if for_staff or is_cost or found["kind"] == _K.TIP else "",
        deadline=clock_view(found["deadline_kind"], found["deadline_at"]),
        ordered_by_role=found["ordered_by_role"],
        ordered_at=found["ordered_at"],
        closed_at=found["closed_at"],
    )


def shown_in(row: Mapping[str, Any], relations: frozenset[Relation]) -> CorrectionView:
    """Return the correction in a row that `CORRECTION` or `CLAIM_ON_CORRECTION` has found."""
    return view_of(row, relations, _PREFIX)


def _capacities(relations: frozenset[Relation]) -> dict[str, int]:
    return {
        "as_staff": int(bool(relations & STAFF)),
        "as_customer": int(Relation.CUSTOMER in relations),
        "as_traveler": int(Relation.TRAVELER in relations),
    }
