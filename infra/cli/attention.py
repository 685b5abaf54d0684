"""`sendalong attention`: what people must look at besides parked steps."""

from __future__ import annotations

import argparse

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.attention import AttentionKind
from domain.ids import PersonId
from infra.cli.connection import with_database
from infra.database.attention import KeptItem, NotStaff, listed, settled_by_staff
from infra.local_stack.errors import StackError


def run(options: argparse.Namespace) -> int:
    """List items, or take one off the list."""
    return _settle(options) if options.action == "settle" else _list(options)


def _list(options: argparse.Namespace) -> int:
    kind = AttentionKind(options.kind) if options.kind else None

    async def read(engine: AsyncEngine) -> list[KeptItem]:
        return await listed(
            engine,
            settled=options.settled,
            kind=kind,
            delivery_id=options.delivery,
            count_max=options.limit,
        )

    items = with_database(options, read)
    for item in items:
        print(_lines(item))
    if not items:
        print("Nothing is settled." if options.settled else "Nothing needs attention.")
    return 0


def _settle(options: argparse.Namespace) -> int:
    async def settle(engine: AsyncEngine) -> bool:
        try:
            return await settled_by_staff(
                engine, options.item, PersonId(options.by), options.remark
            )
        except NotStaff as refusal:
            raise StackError(str(refusal)) from refusal

    if not with_database(options, settle):
        raise StackError(f"There is no open item {options.item}.")
    print(f"{options.item} is settled.")
    return 0


def _lines(item: KeptItem) -> str:
    about = f" of delivery {item.delivery_id}" if item.delivery_id else ""
    seen = f"{item.raised_at:%Y-%m-%d %H:%M:%S}, seen last {item.last_seen_at:%Y-%m-%d %H:%M:%S}"
    lines = [f"{item.item_id} {item.kind}{about}", f"    {item.subject}: {item.problem}"]
    if item.settled_at is None:
        lines += [f"    {item.suggested_repair}", f"    raised {seen}"]
    else:
        by = item.settled_by or "the platform"
        when = f"{item.settled_at:%Y-%m-%d %H:%M:%S}"
        lines.append(f"    settled {when} by {by}: {item.settlement}")
    return "\n".join(lines)
