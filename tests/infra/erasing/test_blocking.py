"""Who handed a parcel on still waits for a share of its payment, and is not forgotten before."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.erasing.rules import Blocker, BlockerKind
from infra.database.schema import relay
from infra.erasing.blocking import blockers_of
from infra.erasing.contacts import Lookups
from infra.identifiers import new_id
from tests.conftest import MakePerson
from tests.infra.database.conftest import begin_story


async def test_a_traveler_who_handed_a_parcel_on_is_a_part_of_its_delivery(
    engine: AsyncEngine, make_person: MakePerson
) -> None:
    story = await begin_story(engine)
    await story.held()
    giver, now = await make_person("traveler"), datetime.now(UTC)
    handed_on = {
        "relay_id": new_id(),
        "delivery_id": story.delivery_id,
        "giver_id": giver,
        "taker_id": story.traveler.person_id,
        "share_points": 5_000,
        "deliver_by": now,
        "status": "done",
        "asked_at": now,
        "updated_at": now,
    }
    async with story.engine.begin() as connection:
        await connection.execute(insert(relay).values(handed_on))
        found = await blockers_of(connection, giver, Lookups(None, None))
    assert found == (Blocker(BlockerKind.DELIVERY_OPEN, story.delivery_id),)
