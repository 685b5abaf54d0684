"""What people must look at, for staff: the list, and an item that is settled with its claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    TIMESTAMP,
    ColumnElement,
    Integer,
    Text,
    Uuid,
    bindparam,
    column,
    exists,
    func,
    not_,
    or_,
    select,
    table,
    true,
    update,
)

from api.access.claims import asker_of
from api.access.database import Database
from api.access.permissions import require_role
from api.access.statements import (
    REQUEST_HASH,
    claim_on,
    is_party,
    may_ask_for,
    seen,
    who_asks,
)
from api.edge.problems import unauthenticated
from api.models.attention import AttentionItemView
from domain.attention import AttentionKind
from domain.identity.actions import Action
from infra.database.schema import attention_item, delivery

_COLUMNS = (
    "item_id", "kind", "delivery_id", "subject", "problem", "suggested_repair", "raised_at",
    "last_seen_at", "settled_at", "settled_by", "settlement",
)  # fmt: skip

_item = attention_item.c
_who = who_asks()


def _own_delivery() -> ColumnElement[bool]:
    """Tell whether the asking person is a party of the delivery that the item is about."""
    return exists().where(delivery.c.delivery_id == _item.delivery_id, is_party(_who))


_target = (
    select(
        *(_item[name].label(f"item_{name}") for name in _COLUMNS),
        _own_delivery().label("is_own"),
    )
    .select_from(_who.join(attention_item, true()))
    .where(
        _item.item_id == bindparam("asked_item_id", type_=Uuid(as_uuid=False)),
        may_ask_for(_who, Action.SETTLE_ATTENTION),
    )
    .cte("target")
)
_claim = claim_on(_who, _target)
_may_settle = (
    select(_target.c.item_item_id)
    .select_from(_target.join(_claim, true()))
    .where(
        _target.c.is_own.is_(False),
        _claim.c.claim_hash == REQUEST_HASH,
        _claim.c.claim_status_code.is_(None),
    )
)
"""A request that was answered before settles nothing: the item may have come back since."""
# An update takes every value of the request that is named like one of its columns: it knows only
# those that it sets.
_written = table(
    "attention_item",
    column("item_id", Uuid(as_uuid=False)),
    column("settled_at", TIMESTAMP(timezone=True)),
    column("settled_by", Uuid(as_uuid=False)),
    column("settlement", Text),
)
_settled = (
    update(_written)
    .where(_written.c.item_id.in_(_may_settle), _written.c.settled_at.is_(None))
    .values(
        settled_at=func.now(),
        settled_by=select(_who.c.asker_id).scalar_subquery(),
        settlement=bindparam("remark", type_=Text),
    )
    .returning(_written.c.settled_at.label("settled_now_at"))
    .cte("settled")
)
CLAIM_AND_SETTLE = seen(_who, _target, _claim, _settled)

_SETTLED = bindparam("settled", type_=Integer)
_KIND = bindparam("kind", type_=Text)
_DELIVERY = bindparam("of_delivery_id", type_=Uuid(as_uuid=False))
_page = (
    select(*(_item[name] for name in _COLUMNS))
    .select_from(_who.join(attention_item, true()))
    .where(
        may_ask_for(_who, Action.LIST_ATTENTION),
        _item.item_id < bindparam("before_id", type_=Uuid(as_uuid=False)),
        _item.settled_at.is_(None) == (_SETTLED == 0),
        or_(_KIND.is_(None), _item.kind == _KIND),
        or_(_DELIVERY.is_(None), _item.delivery_id == _DELIVERY),
        # Whoever is in danger because of a party who works here must not be read about by them.
        not_(_own_delivery()),
    )
    .order_by(_item.item_id.desc())
    .limit(bindparam("count", type_=Integer))
    .subquery("page")
)
_LIST = (
    select(_who, _page).select_from(_who.outerjoin(_page, true())).order_by(_page.c.item_id.desc())
)


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Which items are asked for."""

    settled: bool
    """Those that are settled, not those that are open."""
    kind: AttentionKind | None
    delivery_id: str | None


async def items(
    database: Database, token_hash: bytes, wanted: ItemFilter, before_id: str, count: int
) -> list[AttentionItemView]:
    """Return items for staff, the newest first: none about a delivery of their own.

    Raises:
        Problem: `unauthenticated` or `not_your_role`.
    """
    values = {
        "token_hash": token_hash,
        "settled": int(wanted.settled),
        "kind": None if wanted.kind is None else wanted.kind.value,
        "of_delivery_id": wanted.delivery_id,
        "before_id": before_id,
        "count": count,
    }
    rows = await database.every(_LIST, values)
    if not rows:
        raise unauthenticated()
    require_role(asker_of(rows[0]))
    return [item_view(row) for row in rows if row["item_id"] is not None]


def item_view(row: Mapping[str, Any], prefix: str = "", **newer: Any) -> AttentionItemView:
    """Return the item in a row whose columns begin with a prefix, with what is newer than it."""
    known = {name: row[prefix + name] for name in _COLUMNS}
    return AttentionItemView(**{**known, **newer})
