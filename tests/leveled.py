"""Deliveries at another level of proof than they were opened at."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import parcel
from tests.api.story import Cast


async def at_level(engine: AsyncEngine, cast: Cast, level: str) -> Cast:
    """Give the parcel of a delivery another level, and return the delivery."""
    own = parcel.c.delivery_id == cast.delivery_id
    async with engine.begin() as connection:
        await connection.execute(update(parcel).where(own).values(proof_level=level))
    return cast
