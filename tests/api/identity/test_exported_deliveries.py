"""What a copy says of deliveries that were opened, carried and handed on through the API itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.identity.privacy import ROUGH_M
from infra.database.schema import account
from infra.encryption.fields import SEALED_PREFIX
from tests.api.client import Person
from tests.api.story import Story, done
from tests.api.test_relays import HERE, hand_on


async def copy_of(person: Person) -> dict[str, Any]:
    """Return the copy of somebody, in which nothing is encrypted."""
    answer = await person.post("/v1/me/exports")
    assert SEALED_PREFIX not in answer.text
    return done(answer)


async def test_addresses_and_names_are_read_by_those_whose_they_are(story: Story) -> None:
    cast = await story.picked_up()
    seen = done(await cast.customer.get(cast.path))
    (given,) = (await copy_of(cast.customer))["deliveries"]
    assert given["pickup_address"] == seen["pickup"]["address"]
    assert given["destination_address"] == seen["destination"]["address"]
    (awaited,) = (await copy_of(cast.recipient))["deliveries"]
    assert awaited["destination_address"] == seen["destination"]["address"]
    assert awaited["recipient_name"] == seen["recipient"]["name"]
    assert (awaited["pickup_address"], awaited["description"]) == (None, None)
    (carried,) = (await copy_of(cast.traveler))["deliveries"]
    assert (carried["pickup_address"], carried["destination_address"]) == (None, None)
    assert "parcel_key" not in carried


async def hide_position(engine: AsyncEngine, person: Person) -> None:
    row = {"person_id": person.person_id, "email_lookup": person.person_id}
    async with engine.begin() as connection:
        await connection.execute(insert(account).values(**row, shares_position=False))


async def test_each_traveler_reads_only_the_own_leg_of_a_way(
    story: Story, engine: AsyncEngine
) -> None:
    cast, taker = await story.picked_up(), await story.traveler()
    await hide_position(engine, cast.traveler)
    await hand_on(cast, taker)
    track = f"{cast.path}/track"
    assert done(await taker.get(track))["positions"] == []
    later = {**HERE, "latitude": 52.123456, "taken_at": datetime.now(UTC).isoformat()}
    done(await taker.post(f"{cast.path}/positions", {"positions": [later]}))
    own = done(await taker.get(track))["positions"]
    seen = done(await cast.customer.get(track))["positions"]
    whole = done(await cast.agent.get(track))["positions"]
    assert own == seen[:1] == whole[:1]
    assert (len(own), len(seen), len(whole)) == (1, 2, 2)
    assert seen[1]["accuracy_m"] == ROUGH_M != whole[1]["accuracy_m"], "the giver shares no more"
    for traveler, taken in ((taker, whole[0]), (cast.traveler, whole[1])):
        (copied,) = (await copy_of(traveler))["positions"]
        assert copied["latitude"] == taken["latitude"]
