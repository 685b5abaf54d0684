"""Who was named as a recipient by a contact only is erased there, once the contact is theirs."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.erasing.rules import (
    ERASED_TEXT,
    FORMER_MEMBER,
    Blocker,
    BlockerKind,
)
from infra.database.schema import parcel
from infra.encryption.parcels import key_column, opened_parcel, seal_parcels
from infra.encryption.recipients import index_recipients
from infra.erasing.erasures import DatabaseErasures
from tests.conftest import PARCEL, MakePerson
from tests.infra.database.conftest import begin_story
from tests.infra.database.story import Story
from tests.infra.erasing.asking import asked
from tests.infra.erasing.planting import Planted
from tests.keys import ENCRYPTION


async def named_story(engine: AsyncEngine, **contact: Any) -> Story:
    """Deliver a parcel to somebody whom its customer named by a contact, as it was kept of old."""
    story = await begin_story(engine, **{"recipient_phone": None, **contact})
    await seal_parcels(engine, ENCRYPTION.keys)
    await index_recipients(engine, ENCRYPTION)
    await story.held()
    return story


async def read_parcel(engine: AsyncEngine, story: Story) -> dict[str, Any]:
    query = select(parcel, key_column()).where(parcel.c.delivery_id == story.delivery_id)
    async with engine.connect() as connection:
        row: Row[Any] = (await connection.execute(query)).one()
    return await opened_parcel(ENCRYPTION.keys, row._asdict())


@pytest.mark.parametrize("contact", ["recipient_email", "recipient_phone"])
async def test_a_recipient_without_account_is_erased_by_the_contact_that_became_theirs(
    engine: AsyncEngine,
    make_person: MakePerson,
    erasures: DatabaseErasures,
    contact: str,
) -> None:
    planted = Planted()
    value = planted.email.upper() if contact == "recipient_email" else planted.phone
    story = await named_story(engine, recipient_name=planted.name, **{contact: value})
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
    erasures: DatabaseErasures,
) -> None:
    story = await named_story(engine, recipient_email=Planted().email, recipient_name="Zoe")
    person_id = await make_person("customer", display_name="Zoe", email=Planted().email)
    assert (await erasures.erase(await asked(erasures, person_id))).is_done
    assert (await read_parcel(engine, story))["recipient_name"] == "Zoe"
