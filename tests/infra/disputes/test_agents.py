"""Agents are chosen by skill, then by load, and never judge a delivery of their own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import PLATFORM, Standing
from domain.ids import DeliveryId, PersonId
from domain.status import DeliveryStatus, EscrowStatus
from domain.transitions import EventKind, Transition
from infra.database.records import DatabaseRecords
from infra.database.schema import dispute
from infra.database.tokens import create_person
from infra.identifiers import new_id
from tests.conftest import MakeParcel
from tests.keys import ENCRYPTION

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def records(engine: AsyncEngine) -> DatabaseRecords:
    return DatabaseRecords(engine, b"k" * 32)


async def opened(records: DatabaseRecords, make_parcel: MakeParcel, **people: str) -> DeliveryId:
    delivery_id: DeliveryId = await make_parcel(**people)
    standing = Standing(DeliveryStatus.REQUESTED, EscrowStatus.NONE)
    event = EventKind.REQUEST_OPENED
    await records.record(Transition(delivery_id, "opened", event, PLATFORM, NOW, standing))
    return delivery_id


async def agent(engine: AsyncEngine, *skills: str) -> PersonId:
    return await create_person(
        engine, ENCRYPTION, display_name="Eve", roles=("agent",), skills=skills
    )


async def test_skill_comes_first_then_who_has_least_to_do(
    engine: AsyncEngine, records: DatabaseRecords, make_parcel: MakeParcel
) -> None:
    delivery_id, skill = await opened(records, make_parcel), new_id()
    await agent(engine)
    busy, free = await agent(engine, skill), await agent(engine, skill)
    async with engine.begin() as connection:
        row = {
            "dispute_id": new_id(),
            "delivery_id": delivery_id,
            "opened_by_role": "platform",
            "reason": "other",
            "status": "open",
            "opened_at": NOW,
            "agent_id": busy,
        }
        await connection.execute(insert(dispute).values(row))
    assert await records.choose_agent(delivery_id, skill, None) == free
    assert await records.choose_agent(delivery_id, skill, free) == busy


async def test_a_party_of_the_delivery_is_never_chosen(
    engine: AsyncEngine, records: DatabaseRecords, make_parcel: MakeParcel
) -> None:
    skill = new_id()
    both = await agent(engine, skill)
    theirs = await opened(records, make_parcel, recipient_id=both)
    assert await records.choose_agent(theirs, skill, None) != both
    others = await opened(records, make_parcel)
    assert await records.choose_agent(others, skill, None) == both
