"""Who waits at the pickup in vain says so through the API, and the other side answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import position
from tests.api.counting import Counter
from tests.api.story import BERLIN, MUNICH, Story, done


def at(place: dict[str, Any], accuracy_m: float = 12.5) -> dict[str, Any]:
    where = {name: place[name] for name in ("latitude", "longitude")}
    return {"position": {**where, "accuracy_m": accuracy_m}}


async def play_leaving(story: Story, counter: Counter) -> None:
    """Let both sides of a pickup leave in each way that there is."""
    late = await story.paid(pickup_by=(datetime.now(UTC) + timedelta(hours=5)).isoformat())
    await counter.post(late.traveler, f"{late.path}/no-show", at(BERLIN))
    await counter.post(late.customer, f"{late.path}/no-show/contest")
    left = await story.paid()
    await counter.post(left.traveler, f"{left.path}/withdraw")


async def test_a_traveler_at_the_pickup_starts_the_clock_of_the_sender(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await story.paid(pickup_by=(datetime.now(UTC) + timedelta(hours=5)).isoformat())
    path = f"{cast.path}/no-show"
    far = await cast.traveler.post(path, at(MUNICH))
    assert (far.status_code, far.json()["code"]) == (409, "position_not_near")
    vague = await cast.traveler.post(path, at(BERLIN, accuracy_m=2_000.0))
    assert vague.json()["code"] == "position_not_near"
    assert (await cast.recipient.post(path, {})).json()["code"] == "not_your_role"
    seen = done(await cast.traveler.post(path, at(BERLIN)))
    assert seen["deadline"]["kind"] == "sender_no_show"
    quote = done(await cast.customer.get(f"{cast.path}/cancellation-quote"))
    assert quote["now"]["because"] == "sender_absent"
    assert (await cast.traveler.post(f"{path}/contest")).json()["code"] == "not_your_role"
    disputed = done(await cast.customer.post(f"{path}/contest"))
    await cast.until("disputed")
    assert disputed["status"] in {"awaiting_pickup", "disputed"}
    async with engine.connect() as connection:
        kept = await connection.scalar(
            select(func.count()).where(position.c.delivery_id == cast.delivery_id)
        )
    assert kept == 3


async def test_nobody_is_late_long_before_the_pickup(story: Story) -> None:
    cast = await story.paid()
    early = await cast.customer.post(f"{cast.path}/no-show", {})
    assert (early.status_code, early.json()["code"]) == (409, "no_show_too_early")
