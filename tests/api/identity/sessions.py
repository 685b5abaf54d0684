"""Sessions of people, written as signing in writes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import access_token, session
from infra.database.tokens import token_hash
from infra.identifiers import new_id
from tests.api.client import Person

LIFE = timedelta(hours=1)


async def signed_in(engine: AsyncEngine, person: Person, since: timedelta = timedelta(0)) -> Person:
    """Return the person with a credential of a session in place of one made by an operator."""
    token, session_id = "sa_" + token_urlsafe(32), new_id()
    began_at = datetime.now(UTC) - since
    async with engine.begin() as connection:
        await connection.execute(
            insert(session).values(
                session_id=session_id,
                person_id=person.person_id,
                device_name="Phone",
                user_agent_family="Test",
                authenticated_by=["pwd"],
                created_at=began_at,
                expires_at=began_at + LIFE,
            )
        )
        await connection.execute(
            insert(access_token).values(
                token_hash=token_hash(token),
                person_id=person.person_id,
                expires_at=began_at + LIFE,
                kind="session",
                session_id=session_id,
            )
        )
    return replace(person, token=token)
