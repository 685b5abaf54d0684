"""Charges: every way they may stand, and every way to get out of them."""

from __future__ import annotations

import pytest

from activities.ports import ProviderAnswer, ProviderRefused
from domain.money import Money
from domain.transitions import PaymentOutcome
from tests.infra.payments.conformance.contract import (
    CHARGED,
    PART,
    ProviderUnderTest,
    Scene,
    new_delivery,
)

UNSETTLED = [
    (Scene.ASKS_THE_CUSTOMER, PaymentOutcome.REQUIRES_ACTION),
    (Scene.TAKES_TIME, PaymentOutcome.PENDING),
]


async def found(under_test: ProviderUnderTest, operation_id: str) -> ProviderAnswer:
    answer = await under_test.provider.find(operation_id)
    assert answer is not None
    return answer


async def outcome_of(under_test: ProviderUnderTest, operation_id: str) -> PaymentOutcome:
    return (await found(under_test, operation_id)).outcome


async def came_to_rest(under_test: ProviderUnderTest, delivery: str) -> int:
    """What the customer has paid in the end: charges less refunds."""
    signs = {"charge": 1, "refund": -1}
    moved = await under_test.moved(delivery)
    return sum(signs[entry.kind] * entry.amount_minor for entry in moved)


async def test_a_decline_is_an_answer_with_a_code_and_takes_no_money(
    under_test: ProviderUnderTest,
) -> None:
    delivery = new_delivery()
    charge_id = await under_test.charged(delivery, CHARGED, Scene.DECLINES)
    answer = await found(under_test, charge_id)
    assert (answer.outcome, answer.detail) == (PaymentOutcome.DECLINED, "insufficient_funds")
    method = under_test.tokens[Scene.DECLINES].method
    assert await under_test.provider.charge(charge_id, CHARGED, method) == answer
    assert await under_test.moved(delivery) == []


@pytest.mark.parametrize(("scene", "outcome"), UNSETTLED)
async def test_an_unsettled_charge_can_succeed_later(
    under_test: ProviderUnderTest, scene: Scene, outcome: PaymentOutcome
) -> None:
    delivery = new_delivery()
    charge_id = await under_test.charged(delivery, CHARGED, scene)
    before = await found(under_test, charge_id)
    assert before.outcome is outcome
    assert await under_test.moved(delivery) == []
    stage = under_test.stage
    await (stage.approve if scene is Scene.ASKS_THE_CUSTOMER else stage.settle)(charge_id)
    after = await found(under_test, charge_id)
    assert (after.outcome, after.provider_id) == (PaymentOutcome.SUCCEEDED, before.provider_id)
    assert await came_to_rest(under_test, delivery) == CHARGED.amount_minor


@pytest.mark.parametrize(("scene", "outcome"), UNSETTLED)
async def test_an_unsettled_charge_can_be_turned_down_later(
    under_test: ProviderUnderTest, scene: Scene, outcome: PaymentOutcome
) -> None:
    delivery = new_delivery()
    charge_id = await under_test.charged(delivery, CHARGED, scene)
    assert await outcome_of(under_test, charge_id) is outcome
    await under_test.stage.reject(charge_id)
    assert await outcome_of(under_test, charge_id) is PaymentOutcome.DECLINED
    assert await under_test.moved(delivery) == []


@pytest.mark.parametrize("scene", [Scene.DECLINES, Scene.ASKS_THE_CUSTOMER, Scene.TAKES_TIME])
async def test_nothing_can_be_taken_out_of_a_charge_that_did_not_succeed(
    under_test: ProviderUnderTest, scene: Scene
) -> None:
    delivery = new_delivery()
    charge_id = await under_test.charged(delivery, CHARGED, scene)
    account = under_test.tokens[Scene.GOES_WELL].account_of_transfer
    with pytest.raises(ProviderRefused):
        await under_test.provider.refund(f"{delivery}:refund", charge_id, PART)
    with pytest.raises(ProviderRefused):
        await under_test.provider.transfer(f"{delivery}:transfer", charge_id, PART, account)
    assert await under_test.moved(delivery) == []


@pytest.mark.parametrize("scene", [Scene.DECLINES, Scene.ASKS_THE_CUSTOMER, Scene.TAKES_TIME])
async def test_a_void_ends_a_charge_that_took_no_money(
    under_test: ProviderUnderTest, scene: Scene
) -> None:
    delivery = new_delivery()
    charge_id = await under_test.charged(delivery, CHARGED, scene)
    answer = await under_test.provider.void(f"{delivery}:void:0", charge_id)
    assert (answer.outcome, answer.provider_id) == (PaymentOutcome.SUCCEEDED, "")
    assert await outcome_of(under_test, charge_id) is PaymentOutcome.DECLINED
    with pytest.raises(ProviderRefused):
        await under_test.stage.approve(charge_id)
    with pytest.raises(ProviderRefused):
        await under_test.stage.settle(charge_id)
    assert await under_test.moved(delivery) == []


async def test_a_void_gives_back_what_a_charge_took(under_test: ProviderUnderTest) -> None:
    delivery = new_delivery()
    charge_id = await under_test.charged(delivery, CHARGED, Scene.GOES_WELL)
    answer = await under_test.provider.void(f"{delivery}:void:0", charge_id)
    assert answer.provider_id
    assert await outcome_of(under_test, charge_id) is PaymentOutcome.SUCCEEDED
    assert await came_to_rest(under_test, delivery) == 0
    with pytest.raises(ProviderRefused):
        await under_test.provider.refund(f"{delivery}:refund", charge_id, PART)


async def test_a_void_gives_back_only_what_is_left(under_test: ProviderUnderTest) -> None:
    delivery = new_delivery()
    charge_id = await under_test.charged(delivery, CHARGED, Scene.GOES_WELL)
    await under_test.provider.refund(f"{delivery}:refund", charge_id, PART)
    await under_test.provider.void(f"{delivery}:void:0", charge_id)
    assert await came_to_rest(under_test, delivery) == 0


async def test_a_second_void_moves_nothing(under_test: ProviderUnderTest) -> None:
    delivery = new_delivery()
    charge_id = await under_test.charged(delivery, CHARGED, Scene.GOES_WELL)
    await under_test.provider.void(f"{delivery}:void:0", charge_id)
    second = await under_test.provider.void(f"{delivery}:void:1", charge_id)
    assert (second.outcome, second.provider_id) == (PaymentOutcome.SUCCEEDED, "")
    assert await came_to_rest(under_test, delivery) == 0


async def test_a_charge_that_arrives_after_its_void_takes_no_money(
    under_test: ProviderUnderTest,
) -> None:
    delivery = new_delivery()
    charge_id = f"{delivery}:charge:0"
    await under_test.provider.void(f"{delivery}:void:0", charge_id)
    try:
        await under_test.charged(delivery, CHARGED, Scene.GOES_WELL)
    except ProviderRefused:
        # A provider may call it a misuse of the key instead of a decline.
        return
    finally:
        assert await came_to_rest(under_test, delivery) == 0
    assert await outcome_of(under_test, charge_id) is PaymentOutcome.DECLINED


@pytest.mark.parametrize("amount", [Money(0, "EUR"), Money(-1, "EUR"), Money(10**30, "EUR")])
async def test_impossible_amounts_are_refused(under_test: ProviderUnderTest, amount: Money) -> None:
    with pytest.raises(ProviderRefused):
        await under_test.charged(new_delivery(), amount)


@pytest.mark.parametrize("currency", ["JPY", "EUR", "KWD"])
async def test_amounts_keep_their_minor_units(under_test: ProviderUnderTest, currency: str) -> None:
    delivery = new_delivery()
    await under_test.charged(delivery, Money(4_201, currency))
    (charge,) = await under_test.moved(delivery)
    assert (charge.amount_minor, charge.currency) == (4_201, currency)


async def test_an_unknown_payment_method_is_refused(under_test: ProviderUnderTest) -> None:
    delivery = new_delivery()
    with pytest.raises(ProviderRefused) as refused:
        await under_test.provider.charge(f"{delivery}:charge:0", CHARGED, "pm_of_nobody")
    assert "pm_of_nobody" not in str(refused.value)
    assert await under_test.provider.find(f"{delivery}:charge:0") is None
