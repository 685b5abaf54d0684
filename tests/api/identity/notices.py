"""What people were told about their accounts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import notification


async def notices_to(engine: AsyncEngine, person_id: str) -> list[tuple[str, dict[str, Any]]]:
    """Return every mail about an account to its holder, in order: its kind, and what it names.

    The code that they registered with came before they held it.
    """
    query = (
        select(notification.c.kind, notification.c.parameters)
        .where(
            notification.c.person_id == person_id,
            notification.c.channel == "mail",
            notification.c.audience == "account_holder",
            notification.c.kind != "account_registration_code",
        )
        .order_by(notification.c.created_at)
    )
    async with engine.connect() as connection:
        return [(row.kind, row.parameters) for row in await connection.execute(query)]


async def kinds_to(engine: AsyncEngine, person_id: str) -> list[str]:
    """Return the kinds only, without the word that all of them begin with."""
    return [kind.removeprefix("account_") for kind, _ in await notices_to(engine, person_id)]
