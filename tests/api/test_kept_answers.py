"""The answer that is kept for a repeated request says nothing to whoever reads the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import idempotent_request
from tests.api.client import Person, code_of
from tests.api.story import Story, done

_ROW = idempotent_request.c


async def kept_for(engine: AsyncEngine, person: Person, key: str) -> Any:
    query = select(_ROW.response).where(_ROW.person_id == person.person_id, _ROW.key == key)
    async with engine.connect() as connection:
        return await connection.scalar(query)


async def keep(engine: AsyncEngine, person: Person, key: str, answer: Any) -> None:
    mine = update(idempotent_request).where(_ROW.person_id == person.person_id, _ROW.key == key)
    async with engine.begin() as connection:
        await connection.execute(mine.values(response=answer))


async def test_answers_are_unreadable_where_they_lie_and_only_for_their_own_request(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await story.disputed()
    path, body = f"{cast.dispute_path}/messages", {"text": "The neck is cracked, I saw it."}
    first = done(await cast.traveler.post(path, body, key="words"))
    kept = await kept_for(engine, cast.traveler, "words")
    assert "cracked" not in str(kept)
    assert first["message_id"] not in str(kept)
    assert done(await cast.traveler.post(path, body, key="words")) == first
    other = {"text": "Nobody else did."}
    done(await cast.traveler.post(path, other, key="other"))
    await keep(engine, cast.traveler, "other", kept)
    moved = await cast.traveler.post(path, other, key="other")
    assert (moved.status_code, code_of(moved)) == (503, "unavailable")
    # What was kept before there was encryption is still given again.
    await keep(engine, cast.traveler, "words", {"body": first, "location": None})
    assert done(await cast.traveler.post(path, body, key="words")) == first
