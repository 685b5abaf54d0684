"""What the outbox makes of a row: its words, its link and its channel."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.ports import (
    MessageRefused,
    OutboxReport,
)
from domain.contracts import CodePurpose, Role
from domain.messages import Channel
from domain.transitions import EventKind
from infra.notifications.stored import StoredMessages
from tests.infra.notifications.conftest import OutboxTable
from tests.infra.notifications.script import ScriptedSender, outbox_of


@pytest.mark.parametrize(
    ("kind", "audience", "purpose"),
    [
        (EventKind.PAYMENT_HELD, Role.SENDER, CodePurpose.PICKUP),
        (EventKind.PICKED_UP, Role.RECIPIENT, CodePurpose.HANDOVER),
    ],
)
async def test_the_link_to_a_code_is_made_when_it_is_sent_and_not_stored(
    engine: AsyncEngine,
    table: OutboxTable,
    kind: EventKind,
    audience: Role,
    purpose: CodePurpose,
) -> None:
    other = CodePurpose.HANDOVER if purpose is CodePurpose.PICKUP else CodePurpose.PICKUP
    await table.issue_code(other)
    token = await table.issue_code(purpose)
    message_id = await table.queue(kind=kind, audience=audience)
    sender = ScriptedSender()
    await outbox_of(engine, sender).deliver(0)
    assert f"https://sendalong.example/v1/links/{token}" in sender.sent[0].body
    assert token not in str(await table.row(message_id))


async def test_a_message_about_a_code_that_is_gone_still_makes_sense(
    engine: AsyncEngine, table: OutboxTable
) -> None:
    await table.queue(kind=EventKind.ARRIVED, audience=Role.RECIPIENT)
    sender = ScriptedSender()
    await outbox_of(engine, sender).deliver(0)
    assert sender.sent[0].body.endswith("(open Sendalong to see it)")


@pytest.mark.parametrize(
    "columns",
    [
        {"kind": "of_a_newer_version"},
        {"audience": "neighbour"},
        {"channel": "pigeon"},
        {"kind": EventKind.REQUEST_OPENED},
        {"parameters": {"due_at": "no time"}},
    ],
    ids=str,
)
async def test_a_row_that_has_no_words_is_refused_and_does_not_stop_the_others(
    engine: AsyncEngine, table: OutboxTable, columns: dict[str, object]
) -> None:
    message_id = await table.queue(**columns)
    await table.queue()
    assert await outbox_of(engine, ScriptedSender()).deliver(0) == OutboxReport(sent=1, refused=1)
    assert (await table.row(message_id)).state == "refused"


async def test_each_channel_has_its_sender(engine: AsyncEngine, table: OutboxTable) -> None:
    by_sms, by_mail = ScriptedSender(), ScriptedSender()
    await table.queue(channel="mail", address="rosa@example.com")
    await table.queue()
    channels = {Channel.SMS: by_sms, Channel.MAIL: by_mail}
    await outbox_of(engine, by_sms, by_channel=channels).deliver(0)
    assert [message.to for message in by_mail.sent] == ["rosa@example.com"]
    assert [message.to for message in by_sms.sent] == ["+34600000042"]


async def test_logs_name_messages_and_nothing_personal(
    engine: AsyncEngine, table: OutboxTable, caplog: pytest.LogCaptureFixture
) -> None:
    sender = ScriptedSender([MessageRefused("code 21211")])
    with caplog.at_level(logging.DEBUG):
        message_id = await table.queue()
        await outbox_of(engine, sender).deliver(0)
        await table.queue(address="rosa@example.com", channel="mail")
        stored = dict.fromkeys(Channel, StoredMessages(engine, Channel.SMS))
        await outbox_of(engine, sender, by_channel=stored).deliver(0)
    mine = [r.getMessage() for r in caplog.records if r.name.startswith("infra.")]
    assert any(message_id in line for line in mine)
    assert not any("+34" in line or "rosa" in line or "payment" in line for line in mine)
