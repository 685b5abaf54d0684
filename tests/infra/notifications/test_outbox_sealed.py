"""Messages to recipients whose contact is encrypted: sent as before, until the contact is erased."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.messages import Channel, NotificationState
from infra.encryption.fields import Place
from infra.encryption.owned import KeyOwner, shred
from infra.notifications.outbox import DatabaseOutbox
from tests.infra.notifications.conftest import LINKS, OutboxTable
from tests.infra.notifications.script import RETRIES, ScriptedSender
from tests.keys import ENCRYPTION

PHONE = "+34600000043"


async def test_an_encrypted_contact_is_read_when_the_message_leaves(
    engine: AsyncEngine, table: OutboxTable
) -> None:
    owner = KeyOwner.delivery(table.delivery_id)
    place = Place("parcel", "recipient_phone", table.delivery_id)
    async with engine.begin() as connection:
        key = await ENCRYPTION.keys.made_for(connection, owner)
    sender = ScriptedSender()
    outbox = DatabaseOutbox(
        engine, dict.fromkeys(Channel, sender), LINKS, RETRIES, keys=ENCRYPTION.keys
    )
    await table.queue(address=key.seal(place, PHONE))
    await outbox.deliver(0)
    assert [message.to for message in sender.sent] == [PHONE]
    late = await table.queue(address=key.seal(place, PHONE))
    async with engine.begin() as connection:
        await shred(connection, owner)
    await outbox.deliver(0)
    row = await table.row(late)
    assert row.state == NotificationState.REFUSED
    assert len(sender.sent) == 1
