"""A provider's statement shows every movement of the platform's balance, once, under our names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.payment_ports import Operation
from activities.reconciliation_ports import ProviderStatement, TooManyLines
from domain.money import Money
from domain.reconciliation.lines import BalanceLine, LineKind
from domain.transitions import OperationKind
from infra.payments.sandbox_statement import SandboxStatement
from infra.payments.stripe_statement import StripeStatement
from tests.infra.payments.conformance.contract import (
    CENT,
    CHARGED,
    PART,
    ProviderUnderTest,
    Scene,
    charged,
    drawing,
    held,
    new_delivery,
    ready_account,
)
from tests.infra.payments.conformance.sandbox import SandboxUnderTest
from tests.infra.payments.conftest import Stripe

MakeStatement = Callable[[], ProviderStatement]
SHORT = timedelta(minutes=1)


@pytest.fixture
def make_statement(
    under_test: ProviderUnderTest, request: pytest.FixtureRequest
) -> Callable[..., ProviderStatement]:
    """Return a way to read the statement of the provider under test, in pages of any length."""
    if isinstance(under_test, SandboxUnderTest):
        engine: AsyncEngine = request.getfixturevalue("engine")
        return lambda **limits: SandboxStatement(engine, **limits)
    parts: Stripe = request.getfixturevalue("at_stripe")
    return lambda **limits: StripeStatement(parts.client, **limits)


@pytest.fixture
def statement(make_statement: MakeStatement) -> ProviderStatement:
    return make_statement()


async def lines_of(statement: ProviderStatement, delivery: str) -> list[BalanceLine]:
    """Return a delivery's lines of the last minute, oldest first."""
    now = datetime.now(UTC)
    found = [
        line
        async for page in statement.lines(now - SHORT, now + SHORT)
        for line in page
        if line.operation_id.startswith(delivery) or line.delivery_id == delivery
    ]
    return sorted(found, key=lambda line: (line.created_at, line.line_id))


def told(lines: list[BalanceLine]) -> set[tuple[LineKind, int, str]]:
    return {(line.kind, line.amount.amount_minor, line.operation_id) for line in lines}


async def test_every_movement_is_a_line_under_the_operation_that_made_it(
    under_test: ProviderUnderTest, statement: ProviderStatement
) -> None:
    delivery = new_delivery()
    charge = await charged(under_test, delivery)
    refund = drawing(OperationKind.REFUND, charge)
    transfer = drawing(OperationKind.TRANSFER, charge)
    back = await under_test.provider.refund(refund, CENT)
    await under_test.provider.transfer(transfer, PART, await ready_account(under_test))
    reversal = drawing(OperationKind.REVERSAL, transfer)
    await under_test.provider.reverse(reversal, CENT)

    lines = await lines_of(statement, delivery)

    assert told(lines) == {
        (LineKind.CHARGE, 4_200, charge.operation_id),
        (LineKind.REFUND, -1, refund.operation_id),
        (LineKind.TRANSFER, -3_780, transfer.operation_id),
        (LineKind.TRANSFER_REVERSAL, 1, reversal.operation_id),
    }
    assert {line.delivery_id for line in lines} == {delivery}
    assert not any(line.of_traveler for line in lines)
    (refunded,) = (line for line in lines if line.kind is LineKind.REFUND)
    assert refunded.source_id == back.provider_id
    assert refunded.related_ids, "it says which charge it belongs to"


async def test_a_charge_names_what_it_was_answered_as_and_what_it_cost(
    under_test: ProviderUnderTest, statement: ProviderStatement
) -> None:
    delivery = new_delivery()
    charge = await charged(under_test, delivery)
    answer = await under_test.provider.find(charge)
    (line,) = await lines_of(statement, delivery)
    assert answer is not None
    assert answer.provider_id in (line.source_id, *line.related_ids)
    assert line.fee == (answer.fee or Money(0, "EUR"))
    assert line.net == line.amount - line.fee
    assert line.available_on >= line.created_at


async def test_what_was_only_authorised_moves_nothing_until_it_is_captured(
    under_test: ProviderUnderTest, statement: ProviderStatement
) -> None:
    delivery = new_delivery()
    hold = await held(under_test, delivery)
    assert await lines_of(statement, delivery) == []
    captured = await under_test.provider.capture(drawing(OperationKind.CAPTURE, hold), PART)
    (line,) = await lines_of(statement, delivery)
    assert (line.kind, line.amount) == (LineKind.CHARGE, PART)
    assert captured.provider_id in (line.source_id, *line.related_ids)


async def test_a_declined_charge_is_no_line(
    under_test: ProviderUnderTest, statement: ProviderStatement
) -> None:
    delivery = new_delivery()
    await charged(under_test, delivery, scene=Scene.DECLINES)
    assert await lines_of(statement, delivery) == []


async def test_a_void_gives_back_under_its_own_name(
    under_test: ProviderUnderTest, statement: ProviderStatement
) -> None:
    delivery = new_delivery()
    charge = await charged(under_test, delivery)
    void = drawing(OperationKind.VOID, charge)
    await under_test.provider.void(void)
    assert told(await lines_of(statement, delivery)) == {
        (LineKind.CHARGE, 4_200, charge.operation_id),
        (LineKind.REFUND, -4_200, void.operation_id),
    }


async def test_a_refund_that_fails_comes_back_by_the_same_object(
    under_test: ProviderUnderTest, statement: ProviderStatement
) -> None:
    delivery = new_delivery()
    charge = await charged(under_test, delivery)
    refund = drawing(OperationKind.REFUND, charge)
    await under_test.provider.refund(refund, PART)
    await under_test.fail_refund(refund.operation_id)
    lines = [line for line in await lines_of(statement, delivery) if line.amount != CHARGED]
    assert {(line.kind, line.amount) for line in lines} == {
        (LineKind.REFUND, -PART),
        (LineKind.REFUND_FAILURE, PART),
    }
    assert len({line.source_id for line in lines}) == 1


async def test_a_payout_of_a_traveler_is_no_movement_of_the_platform(
    under_test: ProviderUnderTest, statement: ProviderStatement
) -> None:
    delivery = new_delivery()
    charge = await charged(under_test, delivery)
    account = await ready_account(under_test)
    await under_test.provider.transfer(drawing(OperationKind.TRANSFER, charge), PART, account)
    before = await statement.balances()
    if OperationKind.PAYOUT in under_test.provider.capabilities.kinds:
        payout = Operation(OperationKind.PAYOUT, f"{delivery}:payout")
        await under_test.provider.pay_out(payout, PART, account)
    found = [each for each in await lines_of(statement, delivery) if each.of_traveler]
    expected = [(LineKind.PAYOUT, -PART)] if statement.covers_payouts else []
    assert [(line.kind, line.amount) for line in found] == expected
    assert await statement.balances() == before


async def test_the_balance_changes_by_what_the_lines_say(
    under_test: ProviderUnderTest, statement: ProviderStatement
) -> None:
    before, delivery = await statement.balances(), new_delivery()
    charge = await charged(under_test, delivery)
    account = await ready_account(under_test)
    await under_test.provider.refund(drawing(OperationKind.REFUND, charge), CENT)
    transfer = drawing(OperationKind.TRANSFER, charge)
    await under_test.provider.transfer(transfer, PART, account)
    await under_test.provider.reverse(drawing(OperationKind.REVERSAL, transfer), CENT)
    gift = Operation(OperationKind.TRANSFER, f"{delivery}:gift")
    await under_test.provider.transfer(gift, CENT, account)
    lines = await lines_of(statement, delivery)
    change = (await statement.balances())["EUR"] - before.get("EUR", 0)
    assert change == sum(line.net.amount_minor for line in lines)
    assert change == 4_200 - 1 - 3_780 + 1 - 1 - sum(line.fee.amount_minor for line in lines)


async def test_pages_give_each_line_once_and_no_more_of_them_than_allowed(
    under_test: ProviderUnderTest, make_statement: Callable[..., ProviderStatement]
) -> None:
    delivery = new_delivery()
    charge = await charged(under_test, delivery)
    for number in range(4):
        await under_test.provider.refund(drawing(OperationKind.REFUND, charge, f":{number}"), CENT)
    lines = await lines_of(make_statement(page_length=2), delivery)
    assert len(lines) == len({line.line_id for line in lines}) == 5
    with pytest.raises(TooManyLines):
        await lines_of(make_statement(page_length=2, pages_max=2), delivery)


async def test_a_line_is_found_between_the_moments_around_it_only(
    under_test: ProviderUnderTest, statement: ProviderStatement
) -> None:
    delivery = new_delivery()
    await charged(under_test, delivery)
    (line,) = await lines_of(statement, delivery)
    made = line.created_at.replace(microsecond=0)
    second = timedelta(seconds=1)
    for since, until, is_found in (
        (made, made + second, True),
        (made - SHORT, made, False),
        (made + second, made + SHORT, False),
    ):
        ids = {each.line_id async for page in statement.lines(since, until) for each in page}
        assert (line.line_id in ids) == is_found
