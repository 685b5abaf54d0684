"""What people must look at is listed once, settled once, and comes back when it is wrong still."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Row, delete, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.attention import AttentionItem, AttentionKind
from domain.ids import DeliveryId, PersonId
from infra.database.attention import DatabaseAttention, raise_in
from infra.database.schema import attention_item
from infra.identifiers import new_id


@pytest.fixture
def attention(engine: AsyncEngine) -> DatabaseAttention:
    return DatabaseAttention(engine)


@pytest.fixture
def item() -> AttentionItem:
    return AttentionItem(
        key=f"missing_in_ledger:stripe:{new_id()}",
        kind=AttentionKind.MISSING_IN_LEDGER,
        subject="refund re_1",
        problem="EUR 42.00 went back and nothing was booked.",
        delivery_id=DeliveryId(new_id()),
    )


async def row_of(engine: AsyncEngine, item: AttentionItem) -> Row[Any]:
    found = select(attention_item).where(attention_item.c.key == item.key)
    async with engine.connect() as connection:
        return (await connection.execute(found)).one()


async def test_an_item_is_listed_once_in_its_latest_words(
    engine: AsyncEngine, attention: DatabaseAttention, item: AttentionItem
) -> None:
    assert await attention.raise_item(item)
    first = await row_of(engine, item)
    assert (first.kind, first.subject, first.problem) == (item.kind, item.subject, item.problem)
    assert (first.delivery_id, first.suggested_repair) == (item.delivery_id, item.repair)
    assert not await attention.raise_item(replace(item, problem="It still is."))
    again = await row_of(engine, item)
    assert (again.item_id, again.raised_at) == (first.item_id, first.raised_at)
    assert again.problem == "It still is."
    assert again.last_seen_at > first.last_seen_at


async def test_of_many_who_raise_an_item_at_once_one_is_told_that_it_is_news(
    crowd: AsyncEngine, item: AttentionItem
) -> None:
    attention = DatabaseAttention(crowd)
    news = await asyncio.gather(*(attention.raise_item(item) for _ in range(8)))
    assert news.count(True) == 1


async def test_an_item_is_settled_once(
    engine: AsyncEngine, attention: DatabaseAttention, item: AttentionItem
) -> None:
    agent = PersonId(new_id())
    await attention.raise_item(item)
    assert await attention.settle_item(item.key, agent, "Booked as goodwill.")
    assert not await attention.settle_item(item.key, None, "It is gone.")
    row = await row_of(engine, item)
    assert (row.settled_by, row.settlement) == (agent, "Booked as goodwill.")
    assert row.settled_at is not None
    assert not await attention.settle_item("unknown", None, "It is gone.")


async def test_what_is_wrong_still_comes_back(
    engine: AsyncEngine, attention: DatabaseAttention, item: AttentionItem
) -> None:
    await attention.raise_item(item)
    first = await row_of(engine, item)
    await attention.settle_item(item.key, None, "It is gone.")
    assert await attention.raise_item(item)
    again = await row_of(engine, item)
    assert again.item_id == first.item_id
    assert again.raised_at > first.raised_at
    assert (again.settled_at, again.settled_by, again.settlement) == (None, None, None)


async def test_an_item_that_is_raised_in_a_lost_transaction_is_not_there(
    engine: AsyncEngine, item: AttentionItem
) -> None:
    async with engine.connect() as connection:
        assert await raise_in(connection, item)
        await connection.rollback()
    assert await DatabaseAttention(engine).raise_item(item), "nobody has listed it"


async def test_no_item_is_ever_deleted(
    engine: AsyncEngine, attention: DatabaseAttention, item: AttentionItem
) -> None:
    await attention.raise_item(item)
    with pytest.raises(DBAPIError, match="append-only"):
        async with engine.begin() as connection:
            await connection.execute(delete(attention_item).where(attention_item.c.key == item.key))
