"""How the outbox waits for messages, and how it stops."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.ports import (
    MessageUnavailable,
    OutboxReport,
)
from tests.infra.notifications.conftest import OutboxTable
from tests.infra.notifications.script import ScriptedSender, outbox_of
from tests.waiting import until


async def test_a_cancelled_round_gives_messages_under_way_their_answers(
    engine: AsyncEngine, table: OutboxTable
) -> None:
    message_id = await table.queue()
    sender = ScriptedSender(gate=asyncio.Event())
    delivering = asyncio.create_task(outbox_of(engine, sender).deliver(60))
    await sender.entered.wait()
    delivering.cancel()
    assert sender.gate is not None
    sender.gate.set()
    assert await delivering == OutboxReport(sent=1)
    assert (await table.row(message_id)).state == "sent"


async def test_waiting_ends_at_once_when_it_is_cancelled(
    engine: AsyncEngine, table: OutboxTable
) -> None:
    delivering = asyncio.create_task(outbox_of(engine, ScriptedSender()).deliver(600))
    await until(lambda: _is_listening(engine))
    delivering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await delivering
    assert await table.states() == []
    await until(lambda: _nobody_listens(engine))


async def test_a_new_message_wakes_a_waiting_outbox(
    engine: AsyncEngine, table: OutboxTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.database.rounds.POLL_S", 600.0)
    sender = ScriptedSender()
    delivering = asyncio.create_task(outbox_of(engine, sender).deliver(600))
    await until(lambda: _is_listening(engine))
    await table.queue()
    async with engine.begin() as connection:
        await connection.exec_driver_sql("SELECT pg_notify('sendalong_outbox', '')")
    assert await asyncio.wait_for(delivering, 30) == OutboxReport(sent=1)


async def test_a_missed_wakeup_is_made_good_by_looking_again(
    engine: AsyncEngine, table: OutboxTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.database.rounds.POLL_S", 0.1)
    delivering = asyncio.create_task(outbox_of(engine, ScriptedSender()).deliver(600))
    await until(lambda: _is_listening(engine))
    await table.queue()
    assert await asyncio.wait_for(delivering, 30) == OutboxReport(sent=1)


async def test_a_postponed_message_is_sent_when_it_is_due_again(
    engine: AsyncEngine, table: OutboxTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.database.rounds.POLL_S", 600.0)
    await table.queue()
    outbox = outbox_of(engine, ScriptedSender([MessageUnavailable("busy")]))
    assert await outbox.deliver(0) == OutboxReport(postponed=1)
    assert await asyncio.wait_for(outbox.deliver(600), 30) == OutboxReport(sent=1)


async def _is_listening(engine: AsyncEngine) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN sendalong_outbox'"
    async with engine.connect() as connection:
        return bool((await connection.exec_driver_sql(query)).scalar_one())


async def _nobody_listens(engine: AsyncEngine) -> bool:
    return not await _is_listening(engine)
