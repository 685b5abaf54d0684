"""An erasure takes the keys of histories, and leaves the other side what is theirs."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.erasing.rules import (
    Blocker,
    BlockerKind,
)
from domain.ids import delivery_workflow_id
from infra.database.schema import notification, parcel
from infra.encryption.fields import Place
from infra.encryption.keys import KeyDestroyed
from infra.encryption.owned import KeyOwner, find_key
from infra.encryption.parcels import SEALED_COLUMNS, key_column, opened_parcel, seal_parcels
from infra.encryption.workflow_keys import DatabasePayloadKeys
from infra.erasing.erasures import DatabaseErasures
from infra.identifiers import new_id
from tests.conftest import PARCEL
from tests.infra.database.conftest import begin_story
from tests.infra.database.story import Story
from tests.infra.erasing.asking import asked
from tests.keys import ENCRYPTION
from tests.opened import notices


@pytest.fixture
async def story(engine: AsyncEngine) -> Story:
    """A delivery that is over, and whose parcel is encrypted."""
    story = await begin_story(engine)
    await seal_parcels(engine, ENCRYPTION.keys)
    await story.held()
    await story.deliver()
    await story.release()
    return story


async def key_id_of(engine: AsyncEngine, story: Story) -> str:
    async with engine.connect() as connection:
        row = await find_key(connection, KeyOwner.delivery(story.delivery_id))
    assert row is not None
    return row.key_id


async def test_a_traveler_s_erasure_leaves_the_customer_s_addresses_readable(
    engine: AsyncEngine, erasures: DatabaseErasures, story: Story
) -> None:
    before = await key_id_of(engine, story)
    query = select(parcel, key_column()).where(parcel.c.delivery_id == story.delivery_id)
    async with engine.begin() as connection:
        contact = (await connection.execute(query)).one().recipient_phone
        waiting = {
            "notification_id": new_id(), "delivery_id": story.delivery_id, "channel": "sms",
            "event_sequence": 1, "audience": "recipient", "address": contact, "kind": "paid_out", "state": "sent",
        }  # fmt: skip
        await connection.execute(insert(notification).values(waiting))
    assert (await erasures.erase(await asked(erasures, story.traveler_id))).is_done

    with pytest.raises(KeyDestroyed):
        await DatabasePayloadKeys(engine, ENCRYPTION.keys, remembered_s=0).by_id(before)
    async with engine.connect() as connection:
        kept = (await connection.execute(query)).one()._asdict()
        copies = select(notification).where(
            notification.c.notification_id == waiting["notification_id"]
        )
        copy = (await connection.execute(copies)).one()
        key = await ENCRYPTION.keys.of(connection, KeyOwner.delivery(story.delivery_id))
    read = await opened_parcel(ENCRYPTION.keys, kept)
    assert {name: read[name] for name in SEALED_COLUMNS} == {
        name: PARCEL[name] for name in SEALED_COLUMNS
    }
    place = Place("parcel", "recipient_phone", story.delivery_id)
    assert key.open(place, copy.address) == PARCEL["recipient_phone"], "it still arrives"


async def test_messages_that_went_to_an_earlier_contact_stay_readable(
    engine: AsyncEngine, erasures: DatabaseErasures, story: Story
) -> None:
    """The recipient's contact was corrected in between, so the parcel holds no copy of the address."""
    place = Place("parcel", "recipient_phone", story.delivery_id)
    async with engine.begin() as connection:
        key = await ENCRYPTION.keys.of(connection, KeyOwner.delivery(story.delivery_id))
        sent = {
            "notification_id": new_id(), "delivery_id": story.delivery_id, "channel": "sms",
            "event_sequence": 1, "audience": "recipient", "kind": "paid_out", "state": "sent",
            "address": key.seal(place, "+34600000009"), "address_owner": "delivery",
        }  # fmt: skip
        await connection.execute(insert(notification).values(sent))
    assert (await erasures.erase(await asked(erasures, story.traveler_id))).is_done
    (read,) = await notices(engine, notification.c.notification_id == sent["notification_id"])
    assert read["address"] == "+34600000009"


async def test_the_key_of_a_workflow_that_still_runs_is_never_taken(
    engine: AsyncEngine, application: AsyncEngine, story: Story
) -> None:
    before = await key_id_of(engine, story)

    async def all_run(workflow_ids: Collection[str]) -> frozenset[str]:
        return frozenset(workflow_ids)

    erasures = DatabaseErasures(application, ENCRYPTION, all_run)
    outcome = await erasures.erase(await asked(erasures, story.traveler_id))
    assert outcome.blockers == (Blocker(BlockerKind.DELIVERY_OPEN, story.delivery_id),)
    assert await key_id_of(engine, story) == before
    assert (await DatabasePayloadKeys(engine, ENCRYPTION.keys).by_id(before)).workflow_id == (
        delivery_workflow_id(story.delivery_id)
    )
