"""Positions are stored by the batch, once each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.ports import Position
from domain.ids import DeliveryId
from domain.pricing import Place
from infra.database.positions import DatabaseLocations
from infra.identifiers import new_id

START = datetime(2026, 5, 1, 12, tzinfo=UTC)


def _walk(count: int, start: int = 0) -> tuple[Position, ...]:
    return tuple(
        Position(Place(40 + n / 1_000, -3.5), 12.5, START + timedelta(seconds=n))
        for n in range(start, start + count)
    )


async def test_a_batch_is_stored_and_read_back_newest_first(engine: AsyncEngine) -> None:
    locations, delivery_id = DatabaseLocations(engine), DeliveryId(new_id())
    assert await locations.store(delivery_id, _walk(1_000)) == 1_000
    assert await locations.latest(delivery_id, 2) == (*_walk(1, 999), *_walk(1, 998))


async def test_a_position_that_is_known_already_is_not_counted(engine: AsyncEngine) -> None:
    locations, delivery_id = DatabaseLocations(engine), DeliveryId(new_id())
    assert await locations.store(delivery_id, _walk(10)) == 10
    assert await locations.store(delivery_id, _walk(10, 5)) == 5
    assert await locations.store(delivery_id, _walk(1) * 3) == 0
    assert len(await locations.latest(delivery_id, 100)) == 15


async def test_nothing_to_store_is_nothing_to_do(engine: AsyncEngine) -> None:
    locations, delivery_id = DatabaseLocations(engine), DeliveryId(new_id())
    assert await locations.store(delivery_id, ()) == 0
    assert await locations.latest(delivery_id, 5) == ()
