"""Whom a transition leaves a message for, and on which way."""

from __future__ import annotations

from psycopg import AsyncConnection
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import Actor, Role
from domain.transitions import EventKind
from infra.database.schema import notification
from infra.encryption.recipients import index_recipients
from tests.conftest import MakeParcel, MakePerson
from tests.infra.database.story import Story
from tests.keys import ENCRYPTION
from tests.opened import notices


async def _notes(story: Story, kind: EventKind) -> list[tuple[str, str, str, str]]:
    of_kind = (notification.c.delivery_id == story.delivery_id, notification.c.kind == kind)
    rows = await notices(story.engine, *of_kind)
    return [(row["audience"], row["channel"], row["address"], row["state"]) for row in rows]


async def test_people_are_told_on_the_way_they_can_be_reached(story: Story) -> None:
    await story.held()
    await story.pick_up()
    told = await _notes(story, EventKind.PICKED_UP)
    assert told == [
        ("customer", "mail", "customer@example.org", "queued"),
        ("recipient", "sms", "+34600000001", "queued"),
    ]


async def test_one_person_with_two_roles_gets_the_more_specific_message(story: Story) -> None:
    await story.held()
    told = await _notes(story, EventKind.PAYMENT_HELD)
    assert [audience for audience, *_ in told] == ["sender", "traveler"]


async def test_a_recipient_who_is_the_customer_too_is_told_once(
    engine: AsyncEngine, make_person: MakePerson, make_parcel: MakeParcel, story: Story
) -> None:
    phone = "+34600000099"
    customer_id = await make_person("customer", phone=phone)
    delivery_id = await make_parcel(customer_id=customer_id, recipient_phone=phone)
    await index_recipients(engine, ENCRYPTION)
    customer = Actor(Role.CUSTOMER, customer_id)
    mine = Story(engine, delivery_id, customer, story.traveler)
    await mine.held()
    await mine.pick_up()
    told = await _notes(mine, EventKind.PICKED_UP)
    assert [(audience, address) for audience, _, address, _ in told] == [("recipient", phone)]


async def test_a_recipient_with_an_account_is_told_on_its_own_phone(
    engine: AsyncEngine, make_person: MakePerson, make_parcel: MakeParcel, story: Story
) -> None:
    recipient_id = await make_person("customer", phone="+34600000055")
    delivery_id = await make_parcel(recipient_id=recipient_id)
    theirs = Story(engine, delivery_id, story.customer, story.traveler)
    await theirs.held()
    await theirs.pick_up()
    assert ("recipient", "sms", "+34600000055", "queued") in await _notes(
        theirs, EventKind.PICKED_UP
    )


async def test_a_message_to_nowhere_is_refused_at_once(
    engine: AsyncEngine, make_parcel: MakeParcel, story: Story
) -> None:
    delivery_id = await make_parcel(recipient_phone=None, recipient_email=None)
    silent = Story(engine, delivery_id, story.customer, story.traveler)
    await silent.held()
    await silent.pick_up()
    query = select(notification).where(
        notification.c.delivery_id == delivery_id, notification.c.audience == "recipient"
    )
    row = (await silent.rows(query))[0]
    assert (row.state, row.error, row.address) == ("refused", "no_address", "")


async def test_a_listener_is_woken_when_there_is_something_to_send(
    story: Story, database_url: str
) -> None:
    url = database_url.replace("postgresql+psycopg", "postgresql")
    async with await AsyncConnection.connect(url, autocommit=True) as listener:
        await listener.execute("LISTEN sendalong_outbox")
        await story.open()
        await story.tell(EventKind.OFFER_SUBMITTED, story.traveler, offers=(story.offer(),))
        woken = [notify async for notify in listener.notifies(timeout=10, stop_after=1)]
    assert [notify.channel for notify in woken] == ["sendalong_outbox"]
