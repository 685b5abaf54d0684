"""Messages to recipients whose contact is encrypted: sent as before, until the contact is erased."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.ports import OutboxReport
from domain.messages import Channel, NotificationState
from infra.database.schema import data_key
from infra.encryption.fields import Place
from infra.encryption.owned import KeyOwner, shred
from infra.notifications.outbox import DatabaseOutbox
from tests.infra.notifications.conftest import LINKS, OutboxTable
from tests.infra.notifications.script import RETRIES, ScriptedSender, outbox_of
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


async def test_an_address_that_cannot_be_read_keeps_no_other_message_back(
    engine: AsyncEngine, table: OutboxTable
) -> None:
    owner = KeyOwner.delivery(table.delivery_id)
    async with engine.begin() as connection:
        key = await ENCRYPTION.keys.made_for(connection, owner)
        kept = data_key.c.owner_id == table.delivery_id
        lost = (await connection.execute(select(data_key.c.wrapped).where(kept))).scalar_one()
        # What was unwrapped before is remembered under what is stored.
        gone = {"wrapped_by": "k9", "wrapped": lost + b"0"}
        await connection.execute(update(data_key).where(kept).values(gone))
    place = Place("parcel", "recipient_phone", table.delivery_id)
    waiting = await table.queue(address=key.seal(place, PHONE))
    await table.queue(address=PHONE)
    sender = ScriptedSender()
    outbox = outbox_of(engine, sender)
    assert await outbox.deliver(0) == OutboxReport(sent=1, postponed=1)
    assert "lacks the key k9" in (await table.row(waiting)).error
    async with engine.begin() as connection:
        back = {"wrapped_by": "k1", "wrapped": lost}
        await connection.execute(update(data_key).where(kept).values(back))
    tampered = await table.queue(address=key.seal(Place("parcel", "recipient_phone", "1"), PHONE))
    await table.make_due()
    assert await outbox.deliver(0) == OutboxReport(sent=1, refused=1)
    assert (await table.row(tampered)).state == NotificationState.REFUSED
    assert [message.to for message in sender.sent] == [PHONE, PHONE]
