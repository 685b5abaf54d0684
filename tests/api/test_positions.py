"""Positions: taken from the traveler in custody, read by the parties, one arrival per delivery."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import account
from tests.api.client import code_of
from tests.api.story import BERLIN, MUNICH, Story, done


def on_the_way(count: int, end: float = 0.9) -> list[dict[str, Any]]:
    """Return positions from Berlin towards Munich; an `end` of one arrives."""
    start = datetime.now(UTC) - timedelta(minutes=count)
    return [
        {
            "latitude": _between("latitude", end * step / count),
            "longitude": _between("longitude", end * step / count),
            "accuracy_m": 12,
            "taken_at": (start + timedelta(minutes=step)).isoformat(),
        }
        for step in range(1, count + 1)
    ]


def _between(axis: str, share: float) -> float:
    start, end = float(str(BERLIN[axis])), float(str(MUNICH[axis]))
    return start + (end - start) * share


async def test_a_batch_is_stored_and_read_back_newest_first(story: Story) -> None:
    cast = await story.picked_up()
    batch = {"positions": on_the_way(200)}
    answer = await cast.traveler.post(f"{cast.path}/positions", batch)
    assert (answer.status_code, answer.json()) == (202, {"received": 200})
    track = done(await cast.customer.get(f"{cast.path}/track", limit=3))
    taken = [position["taken_at"] for position in track["positions"]]
    assert len(taken) == 3
    assert taken == sorted(taken, reverse=True)
    assert taken[0].endswith("Z")
    assert track["status"] == "in_transit"


async def test_a_repeated_batch_does_no_harm(story: Story) -> None:
    cast = await story.picked_up()
    batch = {"positions": on_the_way(5)}
    for key in ("one", "one", "two"):
        answer = await cast.traveler.post(f"{cast.path}/positions", batch, key=key)
        assert (answer.status_code, answer.json()) == (202, {"received": 5})
    track = done(await cast.recipient.get(f"{cast.path}/track"))
    assert len(track["positions"]) == 5
    other = {"positions": on_the_way(6)}
    reused = await cast.traveler.post(f"{cast.path}/positions", other, key="one")
    assert code_of(reused) == "idempotency_key_reused"


async def test_the_first_position_near_the_destination_is_an_arrival(story: Story) -> None:
    cast = await story.picked_up()
    path = f"{cast.path}/positions"
    done(await cast.traveler.post(path, {"positions": on_the_way(50, end=1.0)}))
    await cast.until("arrived")
    done(await cast.traveler.post(path, {"positions": on_the_way(3, end=1.0)}))
    kinds = [
        event["kind"] for event in done(await cast.customer.get(f"{cast.path}/timeline"))["items"]
    ]
    assert kinds.count("arrived") == 1


async def test_a_batch_may_be_larger_than_other_bodies(story: Story) -> None:
    cast = await story.picked_up()
    most = await cast.traveler.post(f"{cast.path}/positions", {"positions": on_the_way(1_000)})
    assert most.status_code == 202
    more = await cast.traveler.post(f"{cast.path}/positions", {"positions": on_the_way(1_001)})
    assert (more.status_code, code_of(more)) == (422, "fields_invalid")


async def test_positions_are_taken_from_the_traveler_in_custody_only(story: Story) -> None:
    cast = await story.paid()
    batch = {"positions": on_the_way(2)}
    early = await cast.traveler.post(f"{cast.path}/positions", batch)
    assert (early.status_code, code_of(early)) == (409, "wrong_state")
    assert early.json()["current_status"] == "awaiting_pickup"
    carried = await story.picked_up()
    for person in (carried.customer, carried.recipient, carried.agent):
        answer = await person.post(f"{carried.path}/positions", batch)
        assert (answer.status_code, code_of(answer)) == (403, "not_your_role")
    done(await cast.customer.post(f"{cast.path}/cancel"))
    await cast.until("cancelled")
    late = await cast.traveler.post(f"{cast.path}/positions", batch)
    assert (late.status_code, code_of(late)) == (409, "delivery_closed")


async def test_a_position_from_the_future_is_refused(story: Story) -> None:
    cast = await story.picked_up()
    ahead = {**on_the_way(1)[0], "taken_at": (datetime.now(UTC) + timedelta(days=1)).isoformat()}
    answer = await cast.traveler.post(f"{cast.path}/positions", {"positions": [ahead]})
    assert (answer.status_code, code_of(answer)) == (422, "fields_invalid")
    assert answer.json()["errors"][0]["at"] == "body/positions"


async def test_an_accuracy_below_a_centimetre_is_taken(story: Story) -> None:
    cast = await story.picked_up()
    positions = [{**position, "accuracy_m": 1e-300} for position in on_the_way(1)]
    done(await cast.traveler.post(f"{cast.path}/positions", {"positions": positions}))
    track = done(await cast.traveler.get(f"{cast.path}/track"))
    assert [position["accuracy_m"] for position in track["positions"]] == [0]


async def test_a_traveler_who_wants_it_so_is_seen_roughly(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await story.picked_up()
    await cast.traveler.post(f"{cast.path}/positions", {"positions": on_the_way(1)})
    exact = done(await cast.customer.get(f"{cast.path}/track"))["positions"][0]
    quiet = {"person_id": cast.traveler.person_id, "email_lookup": cast.traveler.person_id}
    async with engine.begin() as connection:
        await connection.execute(insert(account).values(**quiet, shares_position=False))
    rough = done(await cast.customer.get(f"{cast.path}/track"))["positions"][0]
    assert rough["accuracy_m"] == 1_000
    assert rough["latitude"] == round(exact["latitude"], 2) != exact["latitude"]
    for insider in (cast.traveler, cast.agent):
        assert done(await insider.get(f"{cast.path}/track"))["positions"][0] == exact
