"""A database that refuses a transition for good parks the delivery; it never fails it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text
from temporalio.service import RPCError

from domain.contracts import CodePurpose, ResolveAttention
from domain.policies import VerdictOutcome
from domain.status import DeliveryStatus
from domain.visibility import Attribute
from tests.waiting import until
from tests.workflows.play import Play, refusal_of
from workflows.view import search_attribute_key

RETRY = ResolveAttention()


@asynccontextmanager
async def refusing(play: Play, kind: str) -> AsyncIterator[None]:
    """Let the database refuse one kind of event of this delivery."""
    name = f"refuse_{play.order.delivery_id.replace('-', '')}_{kind}"
    rule = f"NOT (delivery_id = '{play.order.delivery_id}' AND kind = '{kind}')"
    await alter(play, f"ADD CONSTRAINT {name} CHECK ({rule}) NOT VALID")
    try:
        yield
    finally:
        await alter(play, f"DROP CONSTRAINT {name}")


async def alter(play: Play, change: str) -> None:
    async with play.engine.begin() as connection:
        await connection.execute(text(f"ALTER TABLE event {change}"))


async def needs_attention(play: Play) -> None:
    """Wait until the Web UI's filter finds the delivery."""

    async def is_found() -> bool:
        try:
            attributes = (await play.handle.describe()).typed_search_attributes
        except RPCError:
            return False
        return bool(attributes.get(search_attribute_key(Attribute.NEEDS_ATTENTION)))

    await until(is_found)


async def test_a_refused_default_parks_and_a_retry_ends_it(play: Play) -> None:
    await play.held()
    async with refusing(play, "refund_started"):
        await play.handle.cancel()
        await needs_attention(play)
    await play.resolve(RETRY)
    assert await play.closed() is DeliveryStatus.CANCELLED


async def test_a_refused_opening_parks_and_a_retry_opens(play: Play) -> None:
    async with refusing(play, "request_opened"):
        opening = await play.start()
        await needs_attention(play)
        await play.resolve(RETRY)
        await needs_attention(play)
    await play.resolve(RETRY)
    assert (await opening).status == DeliveryStatus.REQUESTED
    await play.cancel()
    assert await play.closed() is DeliveryStatus.CANCELLED


async def test_a_refused_arrival_stops_nothing(play: Play) -> None:
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    async with refusing(play, "arrived"):
        await play.arrive()
        await play.scan(CodePurpose.HANDOVER)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED


async def test_a_refused_command_fails_alone(play: Play) -> None:
    await play.delivered()
    async with refusing(play, "release_started"):
        assert await refusal_of(play.confirm()) == "illegal_move"
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED


async def test_a_verdict_is_kept_while_its_record_is_parked(play: Play) -> None:
    await play.delivered()
    await play.dispute()
    async with refusing(play, "refund_started"):
        await play.decide(VerdictOutcome.REFUND)
        await needs_attention(play)
        assert await refusal_of(play.dispute()) == "needs_attention"
    await play.resolve(RETRY)
    assert await play.closed() is DeliveryStatus.REFUNDED
    assert (await play.events()).count("verdict_given") == 1


@pytest.mark.parametrize("method", ["pm_sandbox_declined", "pm_sandbox_ok"])
async def test_stray_news_of_a_payment_changes_nothing(play: Play, method: str) -> None:
    await play.open()
    await play.submit()
    await play.accept(method)
    await play.reach(
        DeliveryStatus.PAYMENT_DUE if "declined" in method else DeliveryStatus.AWAITING_PICKUP
    )
    await play.handle.signal("payment_news")
    await play.handle.signal("payment_news")
    await play.cancel()
    assert await play.closed() is DeliveryStatus.CANCELLED
