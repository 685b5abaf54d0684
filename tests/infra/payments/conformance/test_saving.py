"""Payment methods that are saved now and charged later, while their customer is away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from activities.payment_ports import Operation, OutcomeUnknown, ProviderAnswer, ProviderRefused
from domain.transitions import OperationKind, PaymentOutcome
from tests.infra.payments.conformance.contract import (
    CHARGED,
    ProviderUnderTest,
    Scene,
    charge_of,
    drawing,
    new_delivery,
    prepare,
    saved,
    token_of,
)

SAVE, VOID = OperationKind.SAVE, OperationKind.VOID


async def save(under_test: ProviderUnderTest, scene: Scene) -> tuple[Operation, ProviderAnswer]:
    operation = Operation(SAVE, f"{new_delivery()}:save")
    method = (await under_test.tokens(scene)).method
    return operation, await under_test.provider.save_method(operation, method)


async def charge_away(
    under_test: ProviderUnderTest, delivery: str, token: str
) -> tuple[Operation, ProviderAnswer]:
    charge = charge_of(delivery)
    answer = await under_test.provider.charge(charge, CHARGED, token, off_session=True)
    return charge, answer


async def test_a_saved_method_is_charged_while_its_customer_is_away(
    under_test: ProviderUnderTest,
) -> None:
    operation, answer = await save(under_test, Scene.GOES_WELL)
    assert answer.outcome is PaymentOutcome.SUCCEEDED
    assert answer.saved_method
    assert answer.saved_method not in repr(answer)
    for number in range(2):
        charge = charge_of(operation.delivery_id, number)
        paid = await under_test.provider.charge(
            charge, CHARGED, answer.saved_method, off_session=True
        )
        assert paid.outcome is PaymentOutcome.SUCCEEDED
    assert len(await under_test.moved(operation.delivery_id)) == 2


async def test_a_customer_may_be_asked_before_a_method_is_saved(
    under_test: ProviderUnderTest,
) -> None:
    operation, asked = await save(under_test, Scene.ASKS_THE_CUSTOMER)
    assert asked.outcome is PaymentOutcome.REQUIRES_ACTION
    assert not asked.saved_method
    action = await under_test.provider.action_for(operation)
    assert action is not None
    assert action.client_secret not in repr(action)
    await under_test.approve(operation.operation_id)
    answer = await under_test.provider.find(operation)
    assert answer is not None
    assert (answer.outcome, answer.provider_id) == (PaymentOutcome.SUCCEEDED, asked.provider_id)
    assert answer.saved_method
    assert await under_test.provider.action_for(operation) is None


async def test_a_customer_may_turn_the_question_down(under_test: ProviderUnderTest) -> None:
    operation, _ = await save(under_test, Scene.ASKS_THE_CUSTOMER)
    await under_test.reject(operation.operation_id)
    answer = await under_test.provider.find(operation)
    assert answer is not None
    assert answer.outcome is PaymentOutcome.DECLINED
    with pytest.raises(ProviderRefused):
        await under_test.approve(operation.operation_id)
    assert await token_of(under_test, operation) == ""


async def test_a_bank_may_not_let_a_method_be_saved(under_test: ProviderUnderTest) -> None:
    operation, answer = await save(under_test, Scene.DECLINES)
    assert (answer.outcome, answer.detail) == (PaymentOutcome.DECLINED, "insufficient_funds")
    assert await under_test.provider.find(operation) == answer
    method = (await under_test.tokens(Scene.DECLINES)).method
    assert await under_test.provider.save_method(operation, method) == answer


async def test_a_bank_may_ask_at_a_charge_for_which_its_customer_is_away(
    under_test: ProviderUnderTest,
) -> None:
    delivery = new_delivery()
    operation = await saved(under_test, delivery, Scene.ASKS_EACH_TIME)
    token = await token_of(under_test, operation)
    charge, answer = await charge_away(under_test, delivery, token)
    assert answer.outcome is PaymentOutcome.REQUIRES_ACTION
    assert await under_test.provider.action_for(charge) is not None
    assert await under_test.moved(delivery) == []
    await under_test.approve(charge.operation_id)
    (paid,) = await under_test.moved(delivery)
    assert paid.amount_minor == CHARGED.amount_minor


async def test_a_charge_for_which_its_customer_is_away_may_be_declined(
    under_test: ProviderUnderTest,
) -> None:
    delivery = new_delivery()
    operation = await saved(under_test, delivery, Scene.DECLINES_LATER)
    token = await token_of(under_test, operation)
    charge, answer = await charge_away(under_test, delivery, token)
    assert (answer.outcome, answer.detail) == (PaymentOutcome.DECLINED, "card_declined")
    assert await under_test.provider.find(charge) == answer
    assert await under_test.moved(delivery) == []


async def test_an_authorisation_of_a_saved_method_needs_nobody(
    under_test: ProviderUnderTest,
) -> None:
    delivery = new_delivery()
    token = await token_of(under_test, await saved(under_test, delivery))
    hold = Operation(OperationKind.AUTHORISE, f"{delivery}:authorise")
    answer = await under_test.provider.authorise(hold, CHARGED, token, off_session=True)
    assert answer.capture_before is not None
    assert answer.capture_before > datetime.now(UTC)


@pytest.mark.parametrize("scene", [Scene.GOES_WELL, Scene.ASKS_THE_CUSTOMER])
async def test_a_method_that_was_given_up_cannot_be_charged(
    under_test: ProviderUnderTest, scene: Scene
) -> None:
    operation, answer = await save(under_test, scene)
    void = drawing(VOID, operation)
    assert await under_test.provider.find(void) is None
    for _ in range(2):
        given_up = await under_test.provider.void(void)
        assert (given_up.outcome, given_up.provider_id) == (PaymentOutcome.SUCCEEDED, "")
    assert await under_test.provider.find(void) == given_up
    after = await under_test.provider.find(operation)
    assert after is not None
    assert (after.outcome, after.saved_method) == (PaymentOutcome.DECLINED, "")
    if answer.saved_method:
        with pytest.raises(ProviderRefused) as refused:
            await charge_away(under_test, operation.delivery_id, answer.saved_method)
        assert not any(part in str(refused.value) for part in answer.saved_method.split("/"))
    assert await under_test.moved(operation.delivery_id) == []


async def test_a_saving_that_arrives_after_its_void_saves_nothing(
    under_test: ProviderUnderTest,
) -> None:
    operation = Operation(SAVE, f"{new_delivery()}:save")
    await under_test.provider.void(drawing(VOID, operation))
    method = (await under_test.tokens(Scene.GOES_WELL)).method
    try:
        late = await under_test.provider.save_method(operation, method)
        assert late.outcome is PaymentOutcome.DECLINED
    except ProviderRefused:
        # A provider may call it a misuse of the key instead of a decline.
        pass
    assert await token_of(under_test, operation) == ""


async def test_a_lost_answer_is_found_by_whoever_knows_when_it_was_asked(
    under_test: ProviderUnderTest,
) -> None:
    case = await prepare(SAVE, under_test, Scene.ANSWER_IS_LOST)
    with pytest.raises(OutcomeUnknown):
        await case.ask()
    sent = replace(case.operation, first_sent_at=datetime.now(UTC))
    found = await under_test.provider.find(sent)
    assert found is not None
    assert found.saved_method


async def test_a_method_that_was_never_saved_is_refused_without_being_named(
    under_test: ProviderUnderTest,
) -> None:
    method = (await under_test.tokens(Scene.GOES_WELL)).method
    with pytest.raises(ProviderRefused) as refused:
        await charge_away(under_test, new_delivery(), f"nobodys/{method}")
    assert "nobodys" not in str(refused.value)
