"""The sandbox's clock moves for one delivery: reservations end, banks want their answer later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.payment_ports import Operation
from domain.money import Money
from domain.transitions import OperationKind, PaymentOutcome
from infra.identifiers import new_id
from infra.payments.sandbox import SandboxProvider
from infra.payments.sandbox_clock import SandboxClock

DAY = timedelta(days=1)


async def reserve(engine: AsyncEngine, delivery_id: str, number: int = 1) -> datetime:
    """Reserve money and return until when it is held."""
    operation = Operation(OperationKind.AUTHORISE, f"{delivery_id}:authorise:{number}")
    provider = SandboxProvider(engine)
    answer = await provider.authorise(operation, Money(4_200, "EUR"), "pm_sandbox_ok")
    assert answer.capture_before is not None
    return answer.capture_before


async def test_a_reservation_ends_when_its_time_is_over(engine: AsyncEngine) -> None:
    clock, delivery_id, other_id = SandboxClock(engine), new_id(), new_id()
    await reserve(engine, delivery_id)
    await reserve(engine, other_id)
    await clock.advance(delivery_id, "first", 6 * DAY)
    assert await clock.lapse(delivery_id) == []
    await clock.advance(delivery_id, "second", 2 * DAY)
    (news,) = await clock.lapse(delivery_id)
    assert news.operation_id == f"{delivery_id}:authorise:1"
    assert await clock.lapse(delivery_id) == []
    (still,) = await SandboxProvider(engine).objects(other_id)
    assert still.outcome is PaymentOutcome.SUCCEEDED


async def test_what_is_reserved_later_is_held_longer(engine: AsyncEngine) -> None:
    clock, delivery_id = SandboxClock(engine), new_id()
    await clock.advance(delivery_id, "once", 30 * DAY)
    held_until = await reserve(engine, delivery_id)
    assert held_until > datetime.now(UTC) + 36 * DAY


async def test_a_move_that_failed_is_taken_back(engine: AsyncEngine) -> None:
    clock, delivery_id = SandboxClock(engine), new_id()
    assert await clock.advance(delivery_id, "first", DAY) == DAY
    assert await clock.advance(delivery_id, "first", DAY) == DAY
    assert await clock.advance(delivery_id, "second", DAY) == 2 * DAY
    await clock.take_back(delivery_id, "second")
    assert await clock.ahead(delivery_id) == DAY
