"""Messages about accounts go out like those about deliveries, and hold the code only when sent."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.ports import OutboxReport
from domain.identity.codes import CodeUse, derive_verification_code
from infra.identifiers import new_id
from infra.notifications.composing import ACCOUNT_HOLDER
from tests.infra.notifications.conftest import HANDOVER_KEY, OutboxTable
from tests.infra.notifications.script import ScriptedSender, outbox_of

ABOUT_AN_ACCOUNT: dict[str, Any] = {
    "delivery_id": None,
    "event_sequence": None,
    "audience": ACCOUNT_HOLDER,
    "parameters": {},
}


async def test_the_code_is_in_the_message_and_nowhere_else(
    engine: AsyncEngine, table: OutboxTable
) -> None:
    verification_id, sender = new_id(), ScriptedSender()
    message_id = await table.queue(
        **ABOUT_AN_ACCOUNT, kind="account_phone_code", verification_id=verification_id
    )
    assert await outbox_of(engine, sender).deliver(0) == OutboxReport(sent=1)
    (sent,) = sender.sent
    code = derive_verification_code(HANDOVER_KEY, verification_id, CodeUse.PHONE_CHANGE)
    assert sent.body == f"Sendalong: {code} is your code. It is good for 10 minutes."
    assert code not in str((await table.row(message_id))._asdict())


@pytest.mark.parametrize(
    ("kind", "report"),
    [
        ("account_password_changed", OutboxReport(sent=1)),
        ("account_of_a_newer_version", OutboxReport(refused=1)),
    ],
)
async def test_a_message_without_a_code_needs_words_only(
    engine: AsyncEngine, table: OutboxTable, kind: str, report: OutboxReport
) -> None:
    await table.queue(**ABOUT_AN_ACCOUNT, kind=kind)
    assert await outbox_of(engine, ScriptedSender()).deliver(0) == report
