"""No more leaves than came in, in whatever order and however many ask at once.

That a charge pays its refund or its transfer and not both is the platform's own rule, and is tested
where it stands: `tests/infra/database/test_operations.py`.
"""

from __future__ import annotations

import asyncio

import pytest

from activities.payment_ports import Operation, ProviderRefused
from domain.money import Money
from domain.transitions import OperationKind
from tests.infra.payments.conformance.contract import (
    CENT,
    CHARGED,
    PART,
    ProviderUnderTest,
    charge_of,
    charged,
    drawing,
    held,
    new_delivery,
    ready_account,
)

REFUND, TRANSFER = OperationKind.REFUND, OperationKind.TRANSFER


async def total(under_test: ProviderUnderTest, delivery: str, kind: OperationKind) -> int:
    moved = await under_test.moved(delivery)
    return sum(entry.amount_minor for entry in moved if entry.kind is kind)


async def test_refunds_end_with_the_charge(under_test: ProviderUnderTest) -> None:
    delivery, provider = new_delivery(), under_test.provider
    charge = await charged(under_test, delivery)
    with pytest.raises(ProviderRefused):
        await provider.refund(drawing(REFUND, charge, ":0"), CHARGED + CENT)
    await provider.refund(drawing(REFUND, charge, ":1"), PART)
    await provider.refund(drawing(REFUND, charge, ":2"), CHARGED - PART)
    with pytest.raises(ProviderRefused):
        await provider.refund(drawing(REFUND, charge, ":3"), CENT)
    assert await total(under_test, delivery, REFUND) == CHARGED.amount_minor


async def test_transfers_end_with_the_charge(under_test: ProviderUnderTest) -> None:
    delivery, provider = new_delivery(), under_test.provider
    traveler, charge = await ready_account(under_test), await charged(under_test, delivery)
    with pytest.raises(ProviderRefused):
        await provider.transfer(drawing(TRANSFER, charge, ":0"), CHARGED + CENT, traveler)
    await provider.transfer(drawing(TRANSFER, charge, ":1"), CHARGED, traveler)
    with pytest.raises(ProviderRefused):
        await provider.transfer(drawing(TRANSFER, charge, ":2"), CENT, traveler)
    assert await total(under_test, delivery, TRANSFER) == CHARGED.amount_minor


async def test_the_platform_sends_of_its_own_no_more_than_it_has(
    under_test: ProviderUnderTest,
) -> None:
    delivery, provider = new_delivery(), under_test.provider
    traveler, other = await ready_account(under_test), f"{delivery}-other"
    # Nobody else uses this currency, so that the platform has exactly what comes in here.
    has, most = Money(2_000, "NZD"), Money(1_500, "NZD")
    await charged(under_test, other, has)
    refused = Operation(TRANSFER, f"{delivery}:0")
    with pytest.raises(ProviderRefused) as too_much:
        await provider.transfer(refused, has + Money(1, "NZD"), traveler)
    assert too_much.value.code == "balance_insufficient"
    assert await provider.find(refused) is None
    gift = Operation(TRANSFER, f"{delivery}:1")
    answer = await provider.transfer(gift, most, traveler)
    assert await provider.find(gift) == answer
    assert await provider.transfer(gift, most, traveler) == answer
    with pytest.raises(ProviderRefused):
        await provider.transfer(Operation(TRANSFER, f"{delivery}:2"), most, traveler)
    reversal = drawing(OperationKind.REVERSAL, gift)
    await provider.reverse(reversal, most)
    await provider.transfer(drawing(TRANSFER, reversal), most, traveler)
    assert await total(under_test, delivery, TRANSFER) == 2 * most.amount_minor


async def test_captures_end_with_what_is_held(under_test: ProviderUnderTest) -> None:
    delivery, provider = new_delivery(), under_test.provider
    hold = await held(under_test, delivery)
    with pytest.raises(ProviderRefused):
        await provider.capture(drawing(OperationKind.CAPTURE, hold, ":0"), CHARGED + CENT)
    await provider.capture(drawing(OperationKind.CAPTURE, hold, ":1"), PART)
    with pytest.raises(ProviderRefused):
        await provider.capture(drawing(OperationKind.CAPTURE, hold, ":2"), CENT)
    with pytest.raises(ProviderRefused):
        await provider.refund(drawing(REFUND, hold), CHARGED)
    await provider.refund(drawing(REFUND, hold, ":of what was taken"), PART)
    assert await total(under_test, delivery, OperationKind.CHARGE) == PART.amount_minor


async def test_reversals_end_with_the_transfer(under_test: ProviderUnderTest) -> None:
    delivery, provider = new_delivery(), under_test.provider
    traveler, charge = await ready_account(under_test), await charged(under_test, delivery)
    sent = drawing(TRANSFER, charge)
    await provider.transfer(sent, PART, traveler)
    with pytest.raises(ProviderRefused):
        await provider.reverse(drawing(OperationKind.REVERSAL, sent, ":0"), PART + CENT)
    await provider.reverse(drawing(OperationKind.REVERSAL, sent, ":1"), PART - CENT)
    await provider.reverse(drawing(OperationKind.REVERSAL, sent, ":2"), CENT)
    with pytest.raises(ProviderRefused):
        await provider.reverse(drawing(OperationKind.REVERSAL, sent, ":3"), CENT)
    assert await total(under_test, delivery, OperationKind.REVERSAL) == PART.amount_minor


async def test_a_refund_may_come_before_the_reversal_of_what_was_sent(
    under_test: ProviderUnderTest,
) -> None:
    delivery, provider = new_delivery(), under_test.provider
    traveler, charge = await ready_account(under_test), await charged(under_test, delivery)
    sent = drawing(TRANSFER, charge)
    await provider.transfer(sent, PART, traveler)
    await provider.refund(drawing(REFUND, charge), CHARGED)
    await provider.reverse(drawing(OperationKind.REVERSAL, sent), PART)
    assert await total(under_test, delivery, REFUND) == CHARGED.amount_minor
    assert await total(under_test, delivery, OperationKind.REVERSAL) == PART.amount_minor


async def test_payouts_end_with_the_balance_or_are_none_of_ours(
    under_test: ProviderUnderTest,
) -> None:
    delivery, provider = new_delivery(), under_test.provider
    traveler, charge = await ready_account(under_test), await charged(under_test, delivery)
    await provider.transfer(drawing(TRANSFER, charge), PART, traveler)
    payouts = [Operation(OperationKind.PAYOUT, f"{delivery}:payout:{n}") for n in range(3)]
    with pytest.raises(ProviderRefused):
        await provider.pay_out(payouts[0], PART + CENT, traveler)
    if provider.capabilities.automatic_payouts:
        with pytest.raises(ProviderRefused):
            await provider.pay_out(payouts[1], PART, traveler)
        return
    await provider.pay_out(payouts[1], PART, traveler)
    with pytest.raises(ProviderRefused):
        await provider.pay_out(payouts[2], PART, traveler)
    assert await total(under_test, delivery, OperationKind.PAYOUT) == PART.amount_minor


async def test_only_one_of_several_refunds_at_once_fits(under_test: ProviderUnderTest) -> None:
    delivery = new_delivery()
    charge = await charged(under_test, delivery)
    results = await asyncio.gather(
        *(under_test.provider.refund(drawing(REFUND, charge, f":{n}"), PART) for n in range(4)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, ProviderRefused) for result in results) == 3
    assert await total(under_test, delivery, REFUND) == PART.amount_minor


async def test_a_split_uses_the_charge_up_and_cannot_be_voided(
    under_test: ProviderUnderTest,
) -> None:
    delivery, provider = new_delivery(), under_test.provider
    traveler, charge = await ready_account(under_test), await charged(under_test, delivery)
    await provider.refund(drawing(REFUND, charge), CHARGED - PART)
    await provider.transfer(drawing(TRANSFER, charge), PART, traveler)
    with pytest.raises(ProviderRefused):
        await provider.void(drawing(OperationKind.VOID, charge))
    assert await total(under_test, delivery, REFUND) == (CHARGED - PART).amount_minor


async def test_another_currency_is_refused(under_test: ProviderUnderTest) -> None:
    delivery, provider, foreign = new_delivery(), under_test.provider, Money(100, "USD")
    traveler, charge = await ready_account(under_test), await charged(under_test, delivery)
    with pytest.raises(ProviderRefused):
        await provider.refund(drawing(REFUND, charge), foreign)
    with pytest.raises(ProviderRefused):
        await provider.transfer(drawing(TRANSFER, charge), foreign, traveler)
    sent = drawing(TRANSFER, charge, ":eur")
    await provider.transfer(sent, CHARGED, traveler)
    with pytest.raises(ProviderRefused):
        await provider.reverse(drawing(OperationKind.REVERSAL, sent), foreign)
    moved = await under_test.moved(delivery)
    assert {entry.currency for entry in moved} == {"EUR"}


async def test_what_is_not_there_gives_nothing(under_test: ProviderUnderTest) -> None:
    delivery, provider = new_delivery(), under_test.provider
    traveler, nowhere = await ready_account(under_test), charge_of(delivery)
    with pytest.raises(ProviderRefused):
        await provider.refund(drawing(REFUND, nowhere), CHARGED)
    with pytest.raises(ProviderRefused):
        await provider.transfer(drawing(TRANSFER, nowhere), CHARGED, traveler)
    with pytest.raises(ProviderRefused):
        await provider.capture(drawing(OperationKind.CAPTURE, nowhere), CHARGED)
    with pytest.raises(ProviderRefused):
        await provider.reverse(
            drawing(OperationKind.REVERSAL, Operation(TRANSFER, f"{delivery}:sent")), CHARGED
        )
    assert await under_test.moved(delivery) == []


async def test_an_unknown_account_gets_nothing_and_is_not_named(
    under_test: ProviderUnderTest,
) -> None:
    delivery, provider = new_delivery(), under_test.provider
    charge = await charged(under_test, delivery)
    with pytest.raises(ProviderRefused) as refused:
        await provider.transfer(drawing(TRANSFER, charge), PART, "acct_of_nobody")
    assert "acct_of_nobody" not in str(refused.value)
    assert await total(under_test, delivery, TRANSFER) == 0
