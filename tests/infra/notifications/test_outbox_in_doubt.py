"""What becomes of a message when nobody knows whether it left."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.ports import MessageOutcomeUnknown, MessageRefused, OutboxReport
from domain.contracts import CodePurpose, Role
from domain.messages import TRIES_IN_DOUBT_MAX, Channel
from domain.transitions import EventKind
from infra.notifications.rows import LOST
from tests.infra.notifications.conftest import OutboxTable
from tests.infra.notifications.script import ScriptedSender, outbox_of

TO_RECIPIENT = {
    "audience": Role.RECIPIENT,
    "kind": EventKind.PICKED_UP,
    "parameters": {"reference": "3F9A2C", "due_at": "2026-11-22T10:00:00+00:00"},
}
"""The message with the link to the handover code."""


async def lose_a_worker(
    engine: AsyncEngine, by_channel: Mapping[Channel, ScriptedSender] | None = None
) -> None:
    """Let a worker claim what is due and die before it learns an answer."""
    senders = by_channel or {Channel.SMS: ScriptedSender(gate=asyncio.Event())}
    outbox = outbox_of(engine, senders[Channel.SMS], by_channel=senders)
    lost = asyncio.create_task(outbox._round())
    for sender in senders.values():
        await sender.entered.wait()
    lost.cancel()
    await asyncio.wait({lost})


async def test_a_link_to_a_code_outlives_the_worker_that_was_sending_it(
    engine: AsyncEngine, table: OutboxTable
) -> None:
    token = await table.issue_code(CodePurpose.HANDOVER)
    message_id = await table.queue(**TO_RECIPIENT)
    await lose_a_worker(engine)
    sender = ScriptedSender()
    outbox = outbox_of(engine, sender)
    assert await outbox.deliver(0) == OutboxReport()
    assert (await table.row(message_id)).error is None
    await table.make_due()
    assert await outbox.deliver(0) == OutboxReport(sent=1)
    (sent,) = sender.sent
    assert token in sent.body
    row = await table.row(message_id)
    assert (row.state, row.tries, row.error) == ("sent", 2, None)


@pytest.mark.parametrize("doubt", [MessageOutcomeUnknown("no answer"), RuntimeError("private")])
async def test_a_link_to_a_code_is_sent_again_after_an_unknown_answer_and_not_for_ever(
    engine: AsyncEngine, table: OutboxTable, doubt: Exception
) -> None:
    message_id = await table.queue(**TO_RECIPIENT)
    sender = ScriptedSender([doubt] * 9)
    outbox = outbox_of(engine, sender)
    for _ in range(TRIES_IN_DOUBT_MAX - 1):
        assert await outbox.deliver(0) == OutboxReport(postponed=1)
        await table.make_due()
    assert await outbox.deliver(0) == OutboxReport(unknown=1)
    await table.make_due()
    assert await outbox.deliver(0) == OutboxReport()
    row = await table.row(message_id)
    assert (row.state, row.tries) == ("unknown", TRIES_IN_DOUBT_MAX)
    assert "private" not in row.error


async def test_workers_that_keep_dying_end_in_unknown(
    engine: AsyncEngine, table: OutboxTable
) -> None:
    message_id = await table.queue(**TO_RECIPIENT)
    for _ in range(TRIES_IN_DOUBT_MAX):
        await lose_a_worker(engine)
        await table.make_due()
    sender = ScriptedSender()
    assert await outbox_of(engine, sender).deliver(0) == OutboxReport(unknown=1)
    row = await table.row(message_id)
    assert (row.state, row.error, sender.calls) == ("unknown", LOST, 0)


async def test_a_refused_link_is_not_sent_again(engine: AsyncEngine, table: OutboxTable) -> None:
    await table.queue(**TO_RECIPIENT)
    sender = ScriptedSender([MessageRefused("no such number")])
    outbox = outbox_of(engine, sender)
    assert await outbox.deliver(0) == OutboxReport(refused=1)
    await table.make_due()
    assert await outbox.deliver(0) == OutboxReport()


async def test_a_late_answer_saves_the_second_message(
    engine: AsyncEngine, table: OutboxTable
) -> None:
    message_id = await table.queue(**TO_RECIPIENT)
    slow = ScriptedSender(gate=asyncio.Event())
    delivering = asyncio.create_task(outbox_of(engine, slow).deliver(0))
    await slow.entered.wait()
    await table.make_due()
    other = outbox_of(engine, ScriptedSender())
    await other._rows.settle_lost()
    assert (await table.row(message_id)).state == "queued"
    assert slow.gate is not None
    slow.gate.set()
    await delivering
    assert await other.deliver(0) == OutboxReport()
    assert (await table.row(message_id)).state == "sent"


async def test_what_a_sender_takes_only_once_is_handed_over_again_and_sooner(
    engine: AsyncEngine, table: OutboxTable
) -> None:
    kept, sent_away = await table.queue(), await table.queue(channel=Channel.MAIL)
    gate = asyncio.Event()
    lost_senders = {
        Channel.SMS: ScriptedSender(gate=gate, takes_once=True),
        Channel.MAIL: ScriptedSender(gate=gate),
    }
    await lose_a_worker(engine, lost_senders)
    assert (await table.row(kept)).due_at < (await table.row(sent_away)).due_at
    await table.make_due()
    senders = {Channel.SMS: ScriptedSender(takes_once=True), Channel.MAIL: ScriptedSender()}
    outbox = outbox_of(engine, ScriptedSender(), by_channel=senders)
    assert await outbox.deliver(0) == OutboxReport(sent=1, unknown=1)
    (again,) = senders[Channel.SMS].sent
    assert again.message_id == kept
    assert senders[Channel.MAIL].calls == 0
