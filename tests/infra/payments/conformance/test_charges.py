"""Charges: every way they may stand, and every way to get out of them."""

from __future__ import annotations

from contextlib import suppress

import pytest

from activities.payment_ports import Operation, ProviderAnswer, ProviderRefused
from domain.money import Money
from domain.transitions import OperationKind, PaymentOutcome
from tests.infra.payments.conformance.contract import (
    CHARGED,
    PART,
    ProviderUnderTest,
    Scene,
    charge_of,
    charged,
    drawing,
    new_delivery,
    ready_account,
)

VOID, REFUND = OperationKind.VOID, OperationKind.REFUND
OUTCOMES = {
    Scene.ASKS_THE_CUSTOMER: PaymentOutcome.REQUIRES_ACTION,
    Scene.TAKES_TIME: PaymentOutcome.PENDING,
}


async def found(under_test: ProviderUnderTest, operation: Operation) -> ProviderAnswer:
    answer = await under_test.provider.find(operation)
    assert answer is not None
    return answer


async def outcome_of(under_test: ProviderUnderTest, operation: Operation) -> PaymentOutcome:
    return (await found(under_test, operation)).outcome


async def came_to_rest(under_test: ProviderUnderTest, delivery: str) -> int:
    """What the customer has paid in the end: charges less refunds."""
    signs = {"charge": 1, "refund": -1}
    moved = await under_test.moved(delivery)
    return sum(signs[entry.kind] * entry.amount_minor for entry in moved)


async def test_a_decline_is_an_answer_with_a_code_and_takes_no_money(
    under_test: ProviderUnderTest,
) -> None:
    delivery = new_delivery()
    charge = await charged(under_test, delivery, scene=Scene.DECLINES)
    answer = await found(under_test, charge)
    assert (answer.outcome, answer.detail) == (PaymentOutcome.DECLINED, "insufficient_funds")
    method = (await under_test.tokens(Scene.DECLINES)).method
    assert await under_test.provider.charge(charge, CHARGED, method) == answer
    assert await under_test.moved(delivery) == []


async def test_an_unsettled_charge_can_succeed_later(
    under_test: ProviderUnderTest, unsettled: Scene
) -> None:
    delivery = new_delivery()
    charge = await charged(under_test, delivery, scene=unsettled)
    before = await found(under_test, charge)
    assert before.outcome is OUTCOMES[unsettled]
    assert await under_test.moved(delivery) == []
    asks = unsettled is Scene.ASKS_THE_CUSTOMER
    await (under_test.approve if asks else under_test.settle)(charge.operation_id)
    after = await found(under_test, charge)
    assert (after.outcome, after.provider_id) == (PaymentOutcome.SUCCEEDED, before.provider_id)
    method = (await under_test.tokens(unsettled)).method
    assert await under_test.provider.charge(charge, CHARGED, method) == after
    assert await came_to_rest(under_test, delivery) == CHARGED.amount_minor


async def test_an_unsettled_charge_can_be_turned_down_later(
    under_test: ProviderUnderTest, unsettled: Scene
) -> None:
    delivery = new_delivery()
    charge = await charged(under_test, delivery, scene=unsettled)
    assert await outcome_of(under_test, charge) is OUTCOMES[unsettled]
    await under_test.reject(charge.operation_id)
    assert await outcome_of(under_test, charge) is PaymentOutcome.DECLINED
    with pytest.raises(ProviderRefused):
        await under_test.approve(charge.operation_id)
    assert await under_test.moved(delivery) == []


async def test_a_customer_who_is_asked_gets_the_secret_and_nobody_else_does(
    under_test: ProviderUnderTest,
) -> None:
    delivery = new_delivery()
    charge = await charged(under_test, delivery, scene=Scene.ASKS_THE_CUSTOMER)
    action = await under_test.provider.action_for(charge)
    assert action is not None
    assert action.kind
    assert action.client_secret not in repr(action)
    assert action.client_secret not in repr(await found(under_test, charge))
    await under_test.approve(charge.operation_id)
    assert await under_test.provider.action_for(charge) is None


async def test_a_customer_who_is_away_is_asked_to_come_back(
    under_test: ProviderUnderTest,
) -> None:
    delivery = new_delivery()
    charge, method = (
        charge_of(delivery),
        (await under_test.tokens(Scene.ASKS_THE_CUSTOMER)).method,
    )
    for _ in range(2):
        answer = await under_test.provider.charge(charge, CHARGED, method, off_session=True)
        assert (answer.outcome, answer.detail) == (
            PaymentOutcome.REQUIRES_ACTION,
            "authentication_required",
        )
    assert await under_test.provider.action_for(charge) is not None
    assert await under_test.moved(delivery) == []
    await under_test.approve(charge.operation_id)
    assert await came_to_rest(under_test, delivery) == CHARGED.amount_minor


@pytest.mark.parametrize("scene", [Scene.DECLINES, Scene.ASKS_THE_CUSTOMER])
async def test_nothing_can_be_taken_out_of_a_charge_that_did_not_succeed(
    under_test: ProviderUnderTest, scene: Scene
) -> None:
    delivery = new_delivery()
    charge = await charged(under_test, delivery, scene=scene)
    account = await ready_account(under_test)
    with pytest.raises(ProviderRefused):
        await under_test.provider.refund(drawing(REFUND, charge), PART)
    with pytest.raises(ProviderRefused):
        await under_test.provider.transfer(drawing(OperationKind.TRANSFER, charge), PART, account)
    assert await under_test.moved(delivery) == []


async def test_a_void_ends_an_unsettled_charge(
    under_test: ProviderUnderTest, unsettled: Scene
) -> None:
    delivery = new_delivery()
    charge = await charged(under_test, delivery, scene=unsettled)
    answer = await under_test.provider.void(drawing(VOID, charge))
    assert (answer.outcome, answer.provider_id) == (PaymentOutcome.SUCCEEDED, "")
    assert await outcome_of(under_test, charge) is PaymentOutcome.DECLINED
    with pytest.raises(ProviderRefused):
        await under_test.approve(charge.operation_id)
    assert await under_test.moved(delivery) == []


async def test_a_void_of_a_declined_charge_moves_nothing(under_test: ProviderUnderTest) -> None:
    delivery = new_delivery()
    charge = await charged(under_test, delivery, scene=Scene.DECLINES)
    answer = await under_test.provider.void(drawing(VOID, charge))
    assert (answer.outcome, answer.provider_id) == (PaymentOutcome.SUCCEEDED, "")
    assert await under_test.moved(delivery) == []


async def test_a_void_gives_back_what_a_charge_took(under_test: ProviderUnderTest) -> None:
    delivery = new_delivery()
    charge = await charged(under_test, delivery)
    answer = await under_test.provider.void(drawing(VOID, charge))
    assert answer.provider_id
    assert await outcome_of(under_test, charge) is PaymentOutcome.SUCCEEDED
    assert await came_to_rest(under_test, delivery) == 0
    with pytest.raises(ProviderRefused):
        await under_test.provider.refund(drawing(REFUND, charge), PART)


async def test_a_void_gives_back_only_what_is_left(under_test: ProviderUnderTest) -> None:
    delivery = new_delivery()
    charge = await charged(under_test, delivery)
    await under_test.provider.refund(drawing(REFUND, charge), PART)
    await under_test.provider.void(drawing(VOID, charge))
    assert await came_to_rest(under_test, delivery) == 0


async def test_a_second_void_moves_nothing(under_test: ProviderUnderTest) -> None:
    delivery = new_delivery()
    charge = await charged(under_test, delivery)
    await under_test.provider.void(drawing(VOID, charge, ":0"))
    second = await under_test.provider.void(drawing(VOID, charge, ":1"))
    assert (second.outcome, second.provider_id) == (PaymentOutcome.SUCCEEDED, "")
    assert await came_to_rest(under_test, delivery) == 0


async def test_a_charge_that_arrives_after_its_void_takes_no_money(
    under_test: ProviderUnderTest,
) -> None:
    delivery = new_delivery()
    charge = charge_of(delivery)
    for _ in range(2):
        await under_test.provider.void(drawing(VOID, charge))
    # A provider may call it a misuse of the key instead of a decline.
    with suppress(ProviderRefused):
        await charged(under_test, delivery)
    assert await came_to_rest(under_test, delivery) == 0
    assert await outcome_of(under_test, charge) is PaymentOutcome.DECLINED


@pytest.mark.parametrize("amount", [Money(0, "EUR"), Money(-1, "EUR"), Money(10**30, "EUR")])
async def test_impossible_amounts_are_refused(under_test: ProviderUnderTest, amount: Money) -> None:
    delivery = new_delivery()
    with pytest.raises(ProviderRefused):
        await charged(under_test, delivery, amount)
    assert await under_test.provider.find(charge_of(delivery)) is None


@pytest.mark.parametrize("currency", ["JPY", "KRW", "EUR", "SEK", "KWD", "TND"])
async def test_amounts_keep_their_minor_units(under_test: ProviderUnderTest, currency: str) -> None:
    delivery, step = new_delivery(), under_test.provider.capabilities.step_minor(currency)
    charge = await charged(under_test, delivery, Money(4_200 + step, currency))
    await under_test.provider.refund(drawing(REFUND, charge), Money(step, currency))
    taken, given = await under_test.moved(delivery)
    assert (taken.amount_minor, taken.currency) == (4_200 + step, currency)
    assert (given.amount_minor, given.currency) == (step, currency)


@pytest.mark.parametrize("currency", ["JPY", "EUR", "KWD"])
async def test_an_amount_finer_than_the_provider_settles_is_refused(
    under_test: ProviderUnderTest, currency: str
) -> None:
    delivery, step = new_delivery(), under_test.provider.capabilities.step_minor(currency)
    refused = None
    try:
        await charged(under_test, delivery, Money(4_201, currency))
    except ProviderRefused as reason:
        refused = reason
    assert (refused is not None) is (step > 1)


async def test_an_unknown_payment_method_is_refused(under_test: ProviderUnderTest) -> None:
    charge = charge_of(new_delivery())
    with pytest.raises(ProviderRefused) as refused:
        await under_test.provider.charge(charge, CHARGED, "pm_of_nobody")
    assert "pm_of_nobody" not in str(refused.value)
    assert await under_test.provider.find(charge) is None
