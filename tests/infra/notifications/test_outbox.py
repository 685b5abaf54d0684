"""What the outbox does with each answer, and that no message goes out twice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event as engine_event
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.ports import (
    MessageOutcomeUnknown,
    MessageRefused,
    MessageUnavailable,
    OutboxReport,
)
from domain.messages import NotificationState
from infra.notifications.outbox import SENT_AT_ONCE
from tests.infra.notifications.conftest import OutboxTable
from tests.infra.notifications.script import RETRIES, ScriptedSender, outbox_of


async def test_a_due_message_is_sent_once(engine: AsyncEngine, table: OutboxTable) -> None:
    message_id = await table.queue()
    sender = ScriptedSender()
    outbox = outbox_of(engine, sender)
    assert await outbox.deliver(0) == OutboxReport(sent=1)
    assert await outbox.deliver(0) == OutboxReport()
    row = await table.row(message_id)
    assert (row.state, row.provider_id, row.tries) == ("sent", f"provider-{message_id}", 1)
    assert row.sent_at is not None
    (sent,) = sender.sent
    assert sent.message_id == message_id
    assert sent.to == "+34600000042"
    assert sent.body.startswith("Sendalong 3F9A2C: Your payment of EUR 42.00 is held")


async def test_the_call_is_committed_before_it_is_made(
    engine: AsyncEngine, table: OutboxTable
) -> None:
    message_id = await table.queue()
    sender = ScriptedSender(gate=asyncio.Event())
    delivering = asyncio.create_task(outbox_of(engine, sender).deliver(0))
    await sender.entered.wait()
    assert (await table.row(message_id)).state == NotificationState.SENDING
    assert sender.gate is not None
    sender.gate.set()
    assert await delivering == OutboxReport(sent=1)


@pytest.mark.parametrize(
    ("answer", "state", "report"),
    [
        (MessageRefused("code 21211"), "refused", OutboxReport(refused=1)),
        (MessageOutcomeUnknown("no answer"), "unknown", OutboxReport(unknown=1)),
        (RuntimeError("private words"), "unknown", OutboxReport(unknown=1)),
        (MessageUnavailable("busy"), "queued", OutboxReport(postponed=1)),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else type(value).__name__,
)
async def test_each_answer_has_its_state(
    engine: AsyncEngine,
    table: OutboxTable,
    answer: Exception,
    state: str,
    report: OutboxReport,
) -> None:
    message_id = await table.queue()
    sender = ScriptedSender([answer])
    assert await outbox_of(engine, sender).deliver(0) == report
    row = await table.row(message_id)
    assert row.state == state
    assert row.error
    assert "private" not in row.error


@pytest.mark.parametrize("answer", [MessageRefused("no"), MessageOutcomeUnknown("no answer")])
async def test_a_message_that_is_refused_or_unknown_is_never_sent_again(
    engine: AsyncEngine, table: OutboxTable, answer: Exception
) -> None:
    await table.queue()
    sender = ScriptedSender([answer])
    outbox = outbox_of(engine, sender)
    await outbox.deliver(0)
    await table.make_due()
    assert await outbox.deliver(0) == OutboxReport()
    assert sender.calls == 1


async def test_what_was_surely_not_sent_is_tried_again_with_growing_waits(
    engine: AsyncEngine, table: OutboxTable
) -> None:
    message_id = await table.queue()
    sender = ScriptedSender([MessageUnavailable("busy"), MessageUnavailable("busy")])
    outbox = outbox_of(engine, sender)
    waits = []
    for _ in range(2):
        assert await outbox.deliver(0) == OutboxReport(postponed=1)
        assert await outbox.deliver(0) == OutboxReport()
        left_s = await outbox._rows.seconds_until_due()
        assert left_s is not None
        waits.append(left_s)
        await table.make_due()
    assert 0 < waits[0] <= RETRIES.first_wait_s < waits[1] <= 2 * RETRIES.first_wait_s
    assert await outbox.deliver(0) == OutboxReport(sent=1)
    assert (await table.row(message_id)).tries == 3
    assert len(sender.sent) == 1


async def test_a_provider_that_stays_away_ends_in_a_refusal(
    engine: AsyncEngine, table: OutboxTable
) -> None:
    message_id = await table.queue()
    sender = ScriptedSender([MessageUnavailable("busy")] * 9)
    outbox = outbox_of(engine, sender)
    for _ in range(RETRIES.tries_max):
        await outbox.deliver(0)
        await table.make_due()
    row = await table.row(message_id)
    assert row.state == "refused"
    assert row.error == "given up after 3 tries: busy"
    assert await outbox.deliver(0) == OutboxReport()
    assert sender.calls == RETRIES.tries_max


async def test_a_crash_leaves_the_outcome_unknown_and_the_message_unrepeated(
    engine: AsyncEngine, table: OutboxTable
) -> None:
    message_id = await table.queue()
    lost_worker = ScriptedSender(gate=asyncio.Event())
    lost = asyncio.create_task(outbox_of(engine, lost_worker)._round())
    await lost_worker.entered.wait()
    lost.cancel()
    await asyncio.wait({lost})
    sender = ScriptedSender()
    outbox = outbox_of(engine, sender)
    assert await outbox.deliver(0) == OutboxReport()
    assert (await table.row(message_id)).state == "sending"
    await table.make_due()
    assert await outbox.deliver(0) == OutboxReport(unknown=1)
    assert (await table.row(message_id)).state == "unknown"
    assert sender.calls == 0


async def test_an_answer_after_the_lease_is_still_noted(
    engine: AsyncEngine, table: OutboxTable
) -> None:
    message_id = await table.queue()
    slow = ScriptedSender(gate=asyncio.Event())
    delivering = asyncio.create_task(outbox_of(engine, slow).deliver(0))
    await slow.entered.wait()
    await table.make_due()
    other = ScriptedSender()
    assert await outbox_of(engine, other).deliver(0) == OutboxReport(unknown=1)
    assert slow.gate is not None
    slow.gate.set()
    await delivering
    row = await table.row(message_id)
    assert (row.state, row.error) == ("sent", None)
    assert other.calls == 0


async def test_a_message_declared_unknown_is_not_queued_by_a_late_answer(
    engine: AsyncEngine, table: OutboxTable
) -> None:
    message_id = await table.queue()
    slow = ScriptedSender([MessageUnavailable("busy")], gate=asyncio.Event())
    delivering = asyncio.create_task(outbox_of(engine, slow).deliver(0))
    await slow.entered.wait()
    await table.make_due()
    await outbox_of(engine, ScriptedSender()).deliver(0)
    assert slow.gate is not None
    slow.gate.set()
    await delivering
    assert (await table.row(message_id)).state == "unknown"


async def test_workers_share_the_messages_and_send_each_once(
    engine: AsyncEngine, table: OutboxTable
) -> None:
    ids = [await table.queue() for _ in range(4 * SENT_AT_ONCE)]
    sender = ScriptedSender()
    outboxes = [outbox_of(engine, sender) for _ in range(3)]
    while "queued" in await table.states():
        await asyncio.gather(*(outbox.deliver(0) for outbox in outboxes))
    assert sorted(message.message_id for message in sender.sent) == sorted(ids)


async def test_a_round_is_bounded(engine: AsyncEngine, table: OutboxTable) -> None:
    for _ in range(SENT_AT_ONCE + 2):
        await table.queue()
    sender = ScriptedSender()
    assert await outbox_of(engine, sender).deliver(0) == OutboxReport(sent=SENT_AT_ONCE)
    assert (await table.states()).count("queued") == 2
    assert sender.most_under_way <= SENT_AT_ONCE


class DatabaseGone(Exception):
    """Stands for any loss of the database after a provider took a message."""


@contextmanager
def settling_fails(engine: AsyncEngine) -> Iterator[None]:
    def fail(*arguments: object) -> None:
        if "sent_at=now()" in str(arguments[2]):
            raise DatabaseGone

    engine_event.listen(engine.sync_engine, "before_cursor_execute", fail)
    yield
    engine_event.remove(engine.sync_engine, "before_cursor_execute", fail)


async def test_a_lost_database_is_an_error_that_sends_nothing_twice(
    engine: AsyncEngine, table: OutboxTable
) -> None:
    message_id = await table.queue()
    sender = ScriptedSender()
    with settling_fails(engine), pytest.raises(DatabaseGone):
        await outbox_of(engine, sender).deliver(0)
    await table.make_due()
    assert await outbox_of(engine, sender).deliver(0) == OutboxReport(unknown=1)
    assert (await table.row(message_id)).state == "unknown"
    assert sender.calls == 1


async def test_a_cancelled_round_that_fails_says_so(
    engine: AsyncEngine, table: OutboxTable, caplog: pytest.LogCaptureFixture
) -> None:
    await table.queue()
    sender = ScriptedSender(gate=asyncio.Event())
    delivering = asyncio.create_task(outbox_of(engine, sender).deliver(0))
    await sender.entered.wait()
    delivering.cancel()
    assert sender.gate is not None
    sender.gate.set()
    with settling_fails(engine), pytest.raises(asyncio.CancelledError):
        await delivering
    assert "DatabaseGone" in caplog.text
