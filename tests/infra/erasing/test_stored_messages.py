"""What the simulated inboxes hold of a person goes with them, also where somebody else was written to."""

from __future__ import annotations

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import Actor
from domain.ids import PersonId
from infra.database.schema import notification, stored_message
from infra.erasing.erasures import DatabaseErasures
from infra.identifiers import new_id
from tests.infra.database.conftest import begin_story
from tests.infra.database.story import Story
from tests.infra.erasing.asking import asked


async def written(engine: AsyncEngine, story: Story, audience: str, person: str | None) -> str:
    """Write a message as it was sent, and return its id."""
    message_id = new_id()
    of = {"notification_id": message_id, "delivery_id": story.delivery_id, "event_sequence": 1}
    sent = {"channel": "sms", "address": new_id(), "kind": "held", "state": "sent"}
    kept = {"message_id": message_id, "channel": "sms", "address": "+34600000001"}
    async with engine.begin() as connection:
        await connection.execute(
            insert(notification).values(**of, **sent, audience=audience, person_id=person)
        )
        await connection.execute(
            insert(stored_message).values(**kept, subject="", body="Rosa, your parcel is here.")
        )
    return message_id


def person_of(actor: Actor) -> PersonId:
    assert actor.person_id is not None
    return actor.person_id


async def kept(engine: AsyncEngine, *message_ids: str) -> set[str]:
    query = select(stored_message.c.message_id).where(stored_message.c.message_id.in_(message_ids))
    async with engine.connect() as connection:
        return {str(row[0]) for row in await connection.execute(query)}


async def test_messages_to_a_recipient_without_an_account_go_with_the_customer(
    engine: AsyncEngine, erasures: DatabaseErasures
) -> None:
    story = await begin_story(engine)
    await story.held()
    await story.deliver()
    await story.release()
    named = await written(engine, story, "recipient", None)
    other = await written(engine, story, "traveler", person_of(story.traveler))
    order = await asked(erasures, person_of(story.customer))
    assert (await erasures.erase(order)).is_done
    assert await kept(engine, named, other) == {other}
