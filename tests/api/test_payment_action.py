"""What the bank wants is told to the customer alone, each time anew, and kept nowhere."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.payments.sandbox import SandboxProvider
from tests.api.client import code_of
from tests.api.story import Cast, Story, done


@pytest.fixture
async def asked(story: Story) -> Cast:
    """A delivery whose customer the bank wants to see."""
    return await story.paid("pm_sandbox_requires_action")


async def test_the_customer_learns_what_the_bank_wants_until_it_is_done(
    asked: Cast, engine: AsyncEngine
) -> None:
    answer = await asked.customer.get(f"{asked.path}/payment-action")
    action = done(answer)
    assert action["kind"] == "authentication_required"
    assert action["client_secret"]
    assert answer.headers["cache-control"] == "no-store"
    assert done(await asked.customer.get(f"{asked.path}/payment-action")) == action
    sandbox = SandboxProvider(engine)
    (waiting,) = await sandbox.objects(asked.delivery_id)
    await sandbox.approve(waiting.operation_id)
    gone = await asked.customer.get(f"{asked.path}/payment-action")
    assert (gone.status_code, code_of(gone)) == (404, "payment_action_not_wanted")
    await asked.customer.post(f"{asked.path}/cancel")


async def test_nobody_else_learns_what_the_bank_wants(asked: Cast, story: Story) -> None:
    for person in (asked.traveler, asked.recipient, asked.agent):
        answer = await person.get(f"{asked.path}/payment-action")
        assert (answer.status_code, code_of(answer)) == (403, "not_your_role")
    stranger = await story.person("customer")
    answer = await stranger.get(f"{asked.path}/payment-action")
    assert (answer.status_code, code_of(answer)) == (404, "not_found")


@pytest.mark.parametrize("method", ["pm_sandbox_ok", "pm_sandbox_declined"])
async def test_where_the_bank_wants_nothing_there_is_nothing_to_show(
    story: Story, method: str
) -> None:
    cast = await story.paid(method)
    answer = await cast.customer.get(f"{cast.path}/payment-action")
    assert (answer.status_code, code_of(answer)) == (404, "payment_action_not_wanted")
    before = await story.offered()
    answer = await before.customer.get(f"{before.path}/payment-action")
    assert (answer.status_code, code_of(answer)) == (404, "payment_action_not_wanted")


async def test_the_secret_is_neither_logged_nor_stored(
    asked: Cast, engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = done(await asked.customer.get(f"{asked.path}/payment-action"))["client_secret"]
    assert secret not in caplog.text
    timeline: dict[str, Any] = done(await asked.customer.get(f"{asked.path}/timeline"))
    assert secret not in json.dumps(timeline)
    kept = text("SELECT count(*) FROM idempotent_request WHERE CAST(response AS text) LIKE :secret")
    async with engine.connect() as connection:
        assert await connection.scalar(kept, {"secret": f"%{secret}%"}) == 0
