"""Two people of staff agree to one scan without network in the same moment."""

from __future__ import annotations

import asyncio

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import custody_claim
from tests.api.story import Story, done
from tests.api.test_offline_levels import ACCEPT, outdated
from tests.waiting import until

_WAITING = text("""
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%agreed_by%'
""")


async def waiting(engine: AsyncEngine, count: int) -> None:
    """Wait until so many agreements stand in line for their claim."""

    async def is_so() -> bool:
        async with engine.connect() as connection:
            return bool(await connection.scalar(_WAITING) == count)

    await until(is_so)


async def test_what_the_first_has_said_stays_when_the_second_had_read_the_claim_before(
    story: Story, engine: AsyncEngine
) -> None:
    cast, claim_id = await outdated(story, engine)
    path = f"/v1/offline-claims/{claim_id}/decision"
    second = await story.person("agent")
    said = {**ACCEPT, "reason": "I have seen a picture."}
    async with engine.begin() as connection, asyncio.TaskGroup() as both:
        own = custody_claim.c.claim_id == claim_id
        await connection.execute(select(custody_claim.c.state).where(own).with_for_update())
        agreeing = both.create_task(cast.agent.post(path, ACCEPT))
        await waiting(engine, 1)
        deciding = both.create_task(second.post(path, said))
        await waiting(engine, 2)
        await connection.rollback()
    assert done(agreeing.result())["evidence"]["agreed_by"] == cast.agent.person_id
    evidence = done(deciding.result())["evidence"]
    assert evidence["decision_reason"] == f"{ACCEPT['reason']}\n{said['reason']}"
