"""What only Stripe knows: stamps, fees, customers, the search index, keys that are used up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import stripe

from activities.payment_ports import AUTHORISATION_ENDED, Operation, OutcomeUnknown, ProviderRefused
from domain.money import Money
from domain.transitions import OperationKind, PaymentOutcome
from infra.payments.stripe_provider import StripeProvider
from tests.infra.payments.conformance.contract import (
    CHARGED,
    PART,
    charge_of,
    drawing,
    new_delivery,
)
from tests.infra.payments.conftest import Stripe
from tests.stripe_stand_in import Fault, Json

VISA, ASKS = "pm_card_visa", "pm_card_threeDSecureRequired"


def posts(at_stripe: Stripe) -> list[Json]:
    seen = at_stripe.stand_in.requests
    return [each.parameters or {} for each in seen if each.method == "POST"]


async def test_every_object_says_which_operation_made_it(at_stripe: Stripe) -> None:
    provider, account = at_stripe.provider, await at_stripe.account()
    delivery, sent_before = new_delivery(), len(posts(at_stripe))
    charge = charge_of(delivery)
    transfer = drawing(OperationKind.TRANSFER, charge)
    made = [
        (charge, await provider.charge(charge, CHARGED, VISA)),
        (transfer, await provider.transfer(transfer, PART, account)),
    ]
    for kind, source, ask in (
        (OperationKind.REFUND, charge, provider.refund),
        (OperationKind.REVERSAL, transfer, provider.reverse),
    ):
        operation = drawing(kind, source)
        made.append((operation, await ask(operation, PART)))
    parameters = posts(at_stripe)[sent_before:]
    for (operation, _), sent in zip(made, parameters, strict=True):
        assert sent["metadata"] == {
            "delivery_id": delivery,
            "op_id": operation.operation_id,
            "attempt": "1",
        }
        assert "application_fee_amount" not in sent
    assert [sent.get("transfer_group") for sent in parameters[:2]] == [delivery, delivery]
    assert parameters[1]["source_transaction"].startswith("ch_")
    keys = [each.key for each in at_stripe.stand_in.requests if each.method == "POST"]
    assert keys[sent_before:] == [operation.operation_id for operation, _ in made]


async def test_the_answer_to_a_charge_says_what_stripe_keeps(at_stripe: Stripe) -> None:
    answer = await at_stripe.provider.charge(charge_of(new_delivery()), CHARGED, VISA)
    assert answer.fee == Money(63 + 25, "EUR")


async def test_a_saved_method_is_charged_while_its_customer_is_away(at_stripe: Stripe) -> None:
    customer = await at_stripe.client.v1.customers.create_async()
    method = await at_stripe.client.v1.payment_methods.attach_async(
        "pm_card_authenticationRequiredSetupForOffSession", {"customer": customer.id}
    )
    token = f"{customer.id}/{method.id}"
    for _ in range(2):
        charge = charge_of(new_delivery())
        answer = await at_stripe.provider.charge(charge, CHARGED, token, off_session=True)
        assert answer.outcome is PaymentOutcome.SUCCEEDED


@pytest.mark.parametrize("age", [timedelta(0), timedelta(minutes=50), timedelta(hours=30)])
async def test_a_charge_is_found_however_long_ago_it_was_sent(
    at_stripe: Stripe, age: timedelta
) -> None:
    charge = replace(charge_of(new_delivery()), first_sent_at=datetime.now(UTC))
    answer = await at_stripe.provider.charge(charge, CHARGED, VISA)
    at_stripe.stand_in.move(seconds=age.total_seconds())
    later = StripeProvider(at_stripe.client, clock=lambda: datetime.now(UTC) + age)
    assert await later.find(charge) == answer
    assert await later.find(charge_of(new_delivery())) is None


async def test_a_charge_is_found_among_many(at_stripe: Stripe) -> None:
    charge = replace(charge_of(new_delivery()), first_sent_at=datetime.now(UTC))
    answer = await at_stripe.provider.charge(charge, CHARGED, VISA)
    for number in range(101):
        await at_stripe.client.v1.payment_intents.create_async(
            {"amount": 100 + number, "currency": "eur", "allowed_payment_method_types": ["card"]}
        )
    assert await at_stripe.provider.find(charge) == answer


async def test_a_declined_charge_cannot_be_paid_behind_our_back(at_stripe: Stripe) -> None:
    charge = charge_of(new_delivery())
    await at_stripe.provider.charge(charge, CHARGED, "pm_card_visa_chargeDeclined")
    (intent,) = at_stripe.stand_in.view.objects("payment_intent")
    assert intent["status"] == "canceled"
    answer = await at_stripe.provider.find(charge)
    assert answer is not None
    assert (answer.outcome, answer.detail) == (PaymentOutcome.DECLINED, "card_declined")


async def test_the_key_of_a_charge_that_never_arrived_is_used_up_by_its_void(
    at_stripe: Stripe,
) -> None:
    charge = charge_of(new_delivery())
    await at_stripe.provider.void(drawing(OperationKind.VOID, charge))
    with pytest.raises(ProviderRefused):
        await at_stripe.provider.charge(charge, CHARGED, VISA)
    moved = at_stripe.stand_in.view.moved(delivery_id=charge.delivery_id)
    assert [intent["status"] for intent in moved.intents] == ["canceled"]
    assert moved.charges == ()


@pytest.mark.parametrize("fault", [Fault.CACHED_500, Fault.CACHED_500_AFTER])
async def test_a_void_whose_own_claim_of_the_key_fails_for_ever_comes_to_its_end(
    at_stripe: Stripe, fault: Fault
) -> None:
    charge = charge_of(new_delivery())
    void = drawing(OperationKind.VOID, charge)
    at_stripe.stand_in.faults.put("POST /v1/payment_intents", fault)
    with pytest.raises(OutcomeUnknown):
        await at_stripe.provider.void(void)
    assert (await at_stripe.provider.void(void)).outcome is PaymentOutcome.SUCCEEDED
    with pytest.raises(ProviderRefused):
        await at_stripe.provider.charge(charge, CHARGED, VISA)
    assert at_stripe.stand_in.view.moved(delivery_id=charge.delivery_id).charges == ()


async def test_a_charge_that_was_answered_with_a_kept_error_can_be_voided(
    at_stripe: Stripe,
) -> None:
    charge = charge_of(new_delivery())
    with pytest.raises(ProviderRefused):
        await at_stripe.provider.charge(charge, CHARGED, "pm_of_nobody")
    answer = await at_stripe.provider.void(drawing(OperationKind.VOID, charge))
    assert (answer.outcome, answer.provider_id) == (PaymentOutcome.SUCCEEDED, "")
    assert at_stripe.stand_in.view.objects("payment_intent") == []


class Overtaken(StripeProvider):
    """Has read the authorisation when the bank lets the money go."""

    let_go: Callable[[], None]

    async def _source_intent(self, operation: Operation, amount: Money) -> stripe.PaymentIntent:
        intent = await super()._source_intent(operation, amount)
        self.let_go()
        return intent


async def test_an_authorisation_that_dies_while_it_is_captured_is_a_decline(
    at_stripe: Stripe,
) -> None:
    hold = Operation(OperationKind.AUTHORISE, f"{new_delivery()}:authorise")
    await at_stripe.provider.authorise(hold, CHARGED, VISA)
    (charge,) = at_stripe.stand_in.view.objects("charge")
    provider, world = Overtaken(at_stripe.client), at_stripe.stand_in.world
    provider.let_go = lambda: world.move_capture_before(
        charge["id"], at_stripe.stand_in.clock.now()
    )
    answer = await provider.capture(drawing(OperationKind.CAPTURE, hold), CHARGED)
    assert (answer.outcome, answer.detail) == (PaymentOutcome.DECLINED, AUTHORISATION_ENDED)


async def test_a_saved_card_has_a_customer_that_says_nothing_of_the_person(
    at_stripe: Stripe,
) -> None:
    save = Operation(OperationKind.SAVE, f"{new_delivery()}:save")
    answer = await at_stripe.provider.save_method(save, VISA)
    (customer,) = at_stripe.stand_in.view.objects("customer")
    assert answer.saved_method.startswith(f"{customer['id']}/pm_")
    assert [customer[name] for name in ("name", "email", "phone", "description")] == [None] * 4
    assert customer["metadata"] == {
        "delivery_id": save.delivery_id,
        "op_id": save.operation_id,
        "attempt": "1",
    }


@pytest.mark.parametrize("age", [timedelta(0), timedelta(minutes=50), timedelta(hours=30)])
async def test_a_saved_card_is_found_however_long_ago_it_was_sent(
    at_stripe: Stripe, age: timedelta
) -> None:
    sent_at = datetime.now(UTC)
    save = Operation(OperationKind.SAVE, f"{new_delivery()}:save", first_sent_at=sent_at)
    answer = await at_stripe.provider.save_method(save, VISA)
    at_stripe.stand_in.move(seconds=age.total_seconds())
    later = StripeProvider(at_stripe.client, clock=lambda: datetime.now(UTC) + age)
    assert await later.find(save) == answer


async def test_a_customer_who_comes_back_and_is_declined_has_nothing_left_to_pay(
    at_stripe: Stripe,
) -> None:
    charge = charge_of(new_delivery())
    method = "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds"
    asked = await at_stripe.provider.charge(charge, CHARGED, method, off_session=True)
    assert asked.outcome is PaymentOutcome.REQUIRES_ACTION
    at_stripe.stand_in.world.authenticate(asked.provider_id)
    answer = await at_stripe.provider.find(charge)
    assert answer is not None
    assert (answer.outcome, answer.detail) == (PaymentOutcome.DECLINED, "insufficient_funds")
    (intent,) = at_stripe.stand_in.view.objects("payment_intent")
    assert intent["status"] == "canceled"


async def test_each_attempt_has_a_key_of_its_own(at_stripe: Stripe) -> None:
    first = charge_of(new_delivery())
    with pytest.raises(ProviderRefused):
        await at_stripe.provider.charge(first, CHARGED, "pm_of_nobody")
    answer = await at_stripe.provider.charge(replace(first, attempt=2), CHARGED, VISA)
    assert await at_stripe.provider.find(first) == answer
    assert at_stripe.stand_in.requests[-2].key != first.operation_id


async def test_amounts_finer_than_card_networks_settle_are_refused_before_stripe_is_asked(
    at_stripe: Stripe,
) -> None:
    with pytest.raises(ProviderRefused, match="multiples of 10"):
        await at_stripe.provider.charge(charge_of(new_delivery()), Money(4_201, "KWD"), VISA)
    assert at_stripe.stand_in.requests == []


async def test_what_draws_on_nothing_is_refused(at_stripe: Stripe) -> None:
    orphan = Operation(OperationKind.REFUND, f"{new_delivery()}:refund")
    with pytest.raises(ProviderRefused):
        await at_stripe.provider.refund(orphan, PART)
    payout = Operation(OperationKind.PAYOUT, f"{new_delivery()}:payout")
    assert await at_stripe.provider.find(payout) is None
    with pytest.raises(ProviderRefused):
        await at_stripe.provider.pay_out(payout, PART, "acct_1")


async def test_a_lost_reversal_or_refund_of_nothing_is_not_found(at_stripe: Stripe) -> None:
    nowhere = charge_of(new_delivery())
    sent = Operation(OperationKind.TRANSFER, f"{new_delivery()}:transfer")
    assert await at_stripe.provider.find(drawing(OperationKind.REFUND, nowhere)) is None
    assert await at_stripe.provider.find(drawing(OperationKind.REVERSAL, sent)) is None
