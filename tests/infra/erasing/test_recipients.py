"""Who was named as a recipient by a contact only is erased there, once the contact is theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import Actor, Role
from domain.erasing.rules import (
    ERASED_TEXT,
    FORMER_MEMBER,
    Blocker,
    BlockerKind,
    ErasureNote,
    ErasureOrder,
    ErasureStatus,
)
from domain.ids import PersonId
from infra.database.engine import create_engine
from infra.database.roles import application_url
from infra.database.schema import parcel
from infra.encryption.parcels import key_column, opened_parcel, seal_parcels
from infra.encryption.recipients import index_recipients
from infra.erasing.erasures import DatabaseErasures
from infra.identifiers import new_id
from tests.conftest import PARCEL, MakeParcel, MakePerson
from tests.infra.database.story import Story
from tests.infra.erasing.planting import Planted, nothing_runs
from tests.keys import ENCRYPTION


@pytest.fixture(scope="module")
async def erasures(database_url: str) -> AsyncIterator[DatabaseErasures]:
    engine = create_engine(application_url(database_url))
    yield DatabaseErasures(engine, ENCRYPTION, nothing_runs)
    await engine.dispose()


async def named_story(
    engine: AsyncEngine, make_person: MakePerson, make_parcel: MakeParcel, **contact: Any
) -> Story:
    """Deliver a parcel to somebody whom its customer named by a contact, as it was kept of old."""
    customer, traveler = await make_person("customer"), await make_person("traveler")
    delivery_id = await make_parcel(customer_id=customer, **{"recipient_phone": None, **contact})
    await seal_parcels(engine, ENCRYPTION.keys)
    await index_recipients(engine, ENCRYPTION)
    story = Story(
        engine, delivery_id, Actor(Role.CUSTOMER, customer), Actor(Role.TRAVELER, traveler)
    )
    await story.held()
    return story


async def read_parcel(engine: AsyncEngine, story: Story) -> dict[str, Any]:
    query = select(parcel, key_column()).where(parcel.c.delivery_id == story.delivery_id)
    async with engine.connect() as connection:
        row: Row[Any] = (await connection.execute(query)).one()
    return await opened_parcel(ENCRYPTION.keys, row._asdict())


async def asked(erasures: DatabaseErasures, person_id: PersonId) -> ErasureOrder:
    order = ErasureOrder(person_id, new_id(), datetime.now(UTC))
    await erasures.note(ErasureNote(order, ErasureStatus.COOLING_OFF))
    return order


@pytest.mark.parametrize("contact", ["recipient_email", "recipient_phone"])
async def test_a_recipient_without_account_is_erased_by_the_contact_that_became_theirs(
    engine: AsyncEngine,
    make_person: MakePerson,
    make_parcel: MakeParcel,
    erasures: DatabaseErasures,
    contact: str,
) -> None:
    planted = Planted()
    value = planted.email.upper() if contact == "recipient_email" else planted.phone
    story = await named_story(
        engine, make_person, make_parcel, recipient_name=planted.name, **{contact: value}
    )
    person_id = await make_person("customer", email=planted.email, phone=planted.phone)
    order = await asked(erasures, person_id)
    outcome = await erasures.erase(order)
    assert outcome.blockers == (Blocker(BlockerKind.DELIVERY_OPEN, story.delivery_id),)
    await story.deliver()
    await story.release()
    assert (await erasures.erase(order)).is_done
    left = await read_parcel(engine, story)
    assert left["recipient_name"] == FORMER_MEMBER
    assert left["destination_address"] == ERASED_TEXT
    assert left["pickup_address"] == PARCEL["pickup_address"], "it is the customer's"
    assert left["recipient_email_lookup"] is left["recipient_phone_lookup"] is None
    assert await planted.found_in(engine) == set()


async def test_somebody_else_with_the_same_name_keeps_theirs(
    engine: AsyncEngine,
    make_person: MakePerson,
    make_parcel: MakeParcel,
    erasures: DatabaseErasures,
) -> None:
    story = await named_story(
        engine, make_person, make_parcel, recipient_email=Planted().email, recipient_name="Zoe"
    )
    person_id = await make_person("customer", display_name="Zoe", email=Planted().email)
    assert (await erasures.erase(await asked(erasures, person_id))).is_done
    assert (await read_parcel(engine, story))["recipient_name"] == "Zoe"
