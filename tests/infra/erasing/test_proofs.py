"""Proofs go with whoever added them, and with whoever's hand or document they show."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import Actor, Role
from domain.erasing.rules import ErasureNote, ErasureStatus
from domain.ids import PersonId
from infra.database.schema import proof_item
from infra.encryption.recipients import recipient_lookups
from infra.erasing.erasures import DatabaseErasures
from infra.identifiers import new_id
from tests.conftest import parcels_in, people_in
from tests.infra.database.story import Story
from tests.infra.erasing.asking import order_of
from tests.infra.erasing.planting import nothing_runs
from tests.infra.erasing.test_erasures import settle
from tests.keys import ENCRYPTION


async def delivered(engine: AsyncEngine, **parcel: Any) -> Story:
    make = people_in(engine)
    customer, traveler = await make("customer"), await make("traveler")
    delivery_id = await parcels_in(engine)(customer_id=customer, **parcel)
    story = Story(
        engine, delivery_id, Actor(Role.CUSTOMER, customer), Actor(Role.TRAVELER, traveler)
    )
    await story.held()
    await story.deliver()
    await story.dispute()
    await settle(story)
    return story


async def added(
    engine: AsyncEngine, story: Story, kind: str, author: str, subject: str | None = None
) -> str:
    item_id = new_id()
    row = {
        "item_id": item_id,
        "delivery_id": story.delivery_id,
        "leg": "handover",
        "kind": kind,
        "author_id": author,
        "author_role": "traveler",
        "subject_id": subject,
        "counts": True,
        "detail": "enc1.",
    }
    async with engine.begin() as connection:
        await connection.execute(insert(proof_item).values(row))
    return item_id


async def erase(application: AsyncEngine, person_id: str) -> None:
    order = order_of(PersonId(person_id))
    erasures = DatabaseErasures(application, ENCRYPTION, nothing_runs)
    await erasures.note(ErasureNote(order, ErasureStatus.COOLING_OFF))
    assert (await erasures.erase(order)).is_done


async def left(engine: AsyncEngine, story: Story) -> set[str]:
    query = select(proof_item.c.item_id).where(proof_item.c.delivery_id == story.delivery_id)
    async with engine.connect() as connection:
        return set((await connection.execute(query)).scalars())


async def test_whose_hand_or_document_it_is_takes_it_along(
    engine: AsyncEngine, application: AsyncEngine
) -> None:
    recipient = await people_in(engine)("customer")
    story = await delivered(engine, recipient_id=recipient)
    traveler = story.traveler_id
    photo = await added(engine, story, "photo", traveler)
    await added(engine, story, "signature", traveler, recipient)
    await added(engine, story, "id_check", traveler, recipient)
    await erase(application, recipient)
    assert await left(engine, story) == {photo}
    await erase(application, traveler)
    assert await left(engine, story) == set()


async def test_a_recipient_without_an_account_is_known_by_the_contact(
    engine: AsyncEngine, application: AsyncEngine
) -> None:
    email = f"{new_id()}@example.org"
    somebody = await people_in(engine)("customer", email=email)
    lookups = recipient_lookups(ENCRYPTION, {"recipient_email": email, "recipient_phone": None})
    story = await delivered(engine, recipient_email=email, **lookups)
    photo = await added(engine, story, "photo", story.traveler_id)
    await added(engine, story, "signature", story.traveler_id)
    await erase(application, somebody)
    assert await left(engine, story) == {photo}


async def test_nobody_takes_a_proof_away_otherwise(
    engine: AsyncEngine, application: AsyncEngine
) -> None:
    story = await delivered(engine)
    await added(engine, story, "photo", story.traveler_id)
    take = text("SELECT erase_proofs(CAST(:person AS uuid), '{}')")
    async with application.connect() as connection:
        with pytest.raises(DBAPIError, match="asked for no erasure"):
            await connection.execute(take, {"person": story.traveler_id})
        await connection.rollback()
        for change in ("DELETE FROM proof_item", "UPDATE proof_item SET counts = false"):
            with pytest.raises(DBAPIError, match="permission denied"):
                await connection.execute(text(change))
            await connection.rollback()
