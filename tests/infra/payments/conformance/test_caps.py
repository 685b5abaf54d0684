"""No more leaves than came in, in whatever order and however many ask at once."""

from __future__ import annotations

import asyncio

import pytest

from activities.ports import ProviderRefused
from domain.money import Money
from domain.transitions import OperationKind
from tests.infra.payments.conformance.contract import (
    CHARGED,
    PART,
    ProviderUnderTest,
    Scene,
    new_delivery,
)

CENT = Money(1, "EUR")


def account(under_test: ProviderUnderTest) -> str:
    return f"{under_test.tokens[Scene.GOES_WELL].account_of_transfer}-{new_delivery()}"


async def total(under_test: ProviderUnderTest, delivery: str, kind: OperationKind) -> int:
    moved = await under_test.moved(delivery)
    return sum(entry.amount_minor for entry in moved if entry.kind is kind)


async def test_refunds_end_with_the_charge(under_test: ProviderUnderTest) -> None:
    delivery = new_delivery()
    charge_id = await under_test.charged(delivery, CHARGED)
    with pytest.raises(ProviderRefused):
        await under_test.provider.refund(f"{delivery}:refund:0", charge_id, CHARGED + CENT)
    await under_test.provider.refund(f"{delivery}:refund:1", charge_id, PART)
    await under_test.provider.refund(f"{delivery}:refund:2", charge_id, CHARGED - PART)
    with pytest.raises(ProviderRefused):
        await under_test.provider.refund(f"{delivery}:refund:3", charge_id, CENT)
    assert await total(under_test, delivery, OperationKind.REFUND) == CHARGED.amount_minor


async def test_transfers_end_with_the_charge(under_test: ProviderUnderTest) -> None:
    delivery, traveler = new_delivery(), account(under_test)
    charge_id = await under_test.charged(delivery, CHARGED)
    provider = under_test.provider
    with pytest.raises(ProviderRefused):
        await provider.transfer(f"{delivery}:transfer:0", charge_id, CHARGED + CENT, traveler)
    await provider.transfer(f"{delivery}:transfer:1", charge_id, CHARGED, traveler)
    with pytest.raises(ProviderRefused):
        await provider.transfer(f"{delivery}:transfer:2", charge_id, CENT, traveler)
    assert await total(under_test, delivery, OperationKind.TRANSFER) == CHARGED.amount_minor


async def test_payouts_end_with_the_balance(under_test: ProviderUnderTest) -> None:
    delivery, traveler = new_delivery(), account(under_test)
    provider = under_test.provider
    with pytest.raises(ProviderRefused):
        await provider.pay_out(f"{delivery}:payout:0", CENT, traveler)
    charge_id = await under_test.charged(delivery, CHARGED)
    await provider.transfer(f"{delivery}:transfer", charge_id, PART, traveler)
    with pytest.raises(ProviderRefused):
        await provider.pay_out(f"{delivery}:payout:1", PART + CENT, traveler)
    await provider.pay_out(f"{delivery}:payout:2", PART, traveler)
    with pytest.raises(ProviderRefused):
        await provider.pay_out(f"{delivery}:payout:3", CENT, traveler)
    assert await total(under_test, delivery, OperationKind.PAYOUT) == PART.amount_minor


async def test_only_one_of_two_refunds_at_once_fits(under_test: ProviderUnderTest) -> None:
    delivery = new_delivery()
    charge_id = await under_test.charged(delivery, CHARGED)
    results = await asyncio.gather(
        *(under_test.provider.refund(f"{delivery}:refund:{n}", charge_id, PART) for n in range(4)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, ProviderRefused) for result in results) == 3
    assert await total(under_test, delivery, OperationKind.REFUND) == PART.amount_minor


async def test_a_charge_pays_its_refund_or_its_transfer_but_not_both(
    under_test: ProviderUnderTest,
) -> None:
    delivery = new_delivery()
    charge_id = await under_test.charged(delivery, CHARGED)
    results = await asyncio.gather(
        under_test.provider.refund(f"{delivery}:refund", charge_id, PART),
        under_test.provider.transfer(f"{delivery}:transfer", charge_id, PART, account(under_test)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, ProviderRefused) for result in results) == 1
    out = [entry for entry in await under_test.moved(delivery) if entry.kind != "charge"]
    assert [entry.amount_minor for entry in out] == [PART.amount_minor]


async def test_a_split_uses_the_charge_up_exactly(under_test: ProviderUnderTest) -> None:
    delivery = new_delivery()
    charge_id = await under_test.charged(delivery, CHARGED)
    traveler = account(under_test)
    await under_test.provider.refund(f"{delivery}:refund", charge_id, CHARGED - PART)
    await under_test.provider.transfer(f"{delivery}:transfer", charge_id, PART, traveler)
    with pytest.raises(ProviderRefused):
        await under_test.provider.refund(f"{delivery}:refund:again", charge_id, CENT)
    with pytest.raises(ProviderRefused):
        await under_test.provider.void(f"{delivery}:void", charge_id)


async def test_another_currency_is_refused(under_test: ProviderUnderTest) -> None:
    delivery, traveler = new_delivery(), account(under_test)
    charge_id = await under_test.charged(delivery, CHARGED)
    foreign, provider = Money(100, "USD"), under_test.provider
    with pytest.raises(ProviderRefused):
        await provider.refund(f"{delivery}:refund", charge_id, foreign)
    with pytest.raises(ProviderRefused):
        await provider.transfer(f"{delivery}:transfer", charge_id, foreign, traveler)
    await provider.transfer(f"{delivery}:transfer:eur", charge_id, CHARGED, traveler)
    with pytest.raises(ProviderRefused):
        await provider.pay_out(f"{delivery}:payout", foreign, traveler)


async def test_an_unknown_charge_gives_nothing(under_test: ProviderUnderTest) -> None:
    delivery = new_delivery()
    nowhere = f"{delivery}:charge:0"
    with pytest.raises(ProviderRefused):
        await under_test.provider.refund(f"{delivery}:refund", nowhere, CENT)
    with pytest.raises(ProviderRefused):
        await under_test.provider.transfer(
            f"{delivery}:transfer", nowhere, CENT, account(under_test)
        )
    assert await under_test.moved(delivery) == []


async def test_an_unknown_account_gets_and_gives_nothing(under_test: ProviderUnderTest) -> None:
    delivery, provider = new_delivery(), under_test.provider
    charge_id = await under_test.charged(delivery, CHARGED)
    with pytest.raises(ProviderRefused) as refused:
        await provider.transfer(f"{delivery}:transfer", charge_id, PART, "acct_of_nobody")
    assert "acct_of_nobody" not in str(refused.value)
    with pytest.raises(ProviderRefused):
        await provider.pay_out(f"{delivery}:payout", PART, "acct_of_nobody")
    assert await total(under_test, delivery, OperationKind.TRANSFER) == 0
