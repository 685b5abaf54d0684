"""Payment intents against the real SDK."""

from __future__ import annotations

import pytest
import stripe

from tests.stripe_stand_in import StripeStandIn
from tests.stripe_stand_in.payments import card_payment


async def test_a_payment_is_captured_at_once(client: stripe.StripeClient) -> None:
    intent = await client.v1.payment_intents.create_async(
        card_payment(capture_method="automatic", expand=["latest_charge.balance_transaction"])
    )

    charge = intent.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert isinstance(charge.balance_transaction, stripe.BalanceTransaction)
    assert (intent.status, charge.captured, charge.metadata["op_id"]) == ("succeeded", True, "op1")
    assert charge.balance_transaction.fee == 63 + 25
    assert charge.balance_transaction.net == 4_200 - 88


async def test_the_balance_transaction_of_a_default_capture_comes_a_moment_later(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    intent = await client.v1.payment_intents.create_async(card_payment(expand=["latest_charge"]))

    assert isinstance(intent.latest_charge, stripe.Charge)
    assert intent.latest_charge.balance_transaction is None
    later = await client.v1.charges.retrieve_async(intent.latest_charge.id)
    assert later.balance_transaction is not None
    assert stand_in.events[-1]["type"] == "charge.updated"


async def test_held_money_can_be_captured_in_part(client: stripe.StripeClient) -> None:
    held = await client.v1.payment_intents.create_async(
        card_payment(capture_method="manual", expand=["latest_charge"])
    )
    assert isinstance(held.latest_charge, stripe.Charge)
    details = held.latest_charge.payment_method_details
    assert details is not None
    assert details.card is not None
    assert details.card.capture_before == held.latest_charge.created + 7 * 86_400

    taken = await client.v1.payment_intents.capture_async(
        held.id, {"amount_to_capture": 3_000, "expand": ["latest_charge"]}
    )

    assert (held.status, held.amount_capturable) == ("requires_capture", 4_200)
    assert (taken.status, taken.amount_received, taken.amount_capturable) == ("succeeded", 3_000, 0)
    assert isinstance(taken.latest_charge, stripe.Charge)
    assert taken.latest_charge.amount_refunded == 1_200


async def test_a_hold_that_nobody_captures_dies(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    held = await client.v1.payment_intents.create_async(card_payment(capture_method="manual"))

    stand_in.move(days=7, seconds=1)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.payment_intents.capture_async(held.id)
    assert refused.value.code == "payment_intent_unexpected_state"
    dead = await client.v1.payment_intents.retrieve_async(held.id)
    assert (dead.status, dead.cancellation_reason) == ("canceled", "automatic")
    assert "charge.expired" in [event["type"] for event in stand_in.events]
    assert stand_in.view.transactions() == []


async def test_a_bank_may_keep_a_hold_for_another_time(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    held = await client.v1.payment_intents.create_async(card_payment(capture_method="manual"))
    charge = str(held.latest_charge)
    stand_in.world.move_capture_before(charge, stand_in.clock.now() + 86_400)

    stand_in.move(days=1, seconds=1)

    assert (await client.v1.payment_intents.retrieve_async(held.id)).status == "canceled"


async def test_a_hold_can_be_let_go(client: stripe.StripeClient, stand_in: StripeStandIn) -> None:
    held = await client.v1.payment_intents.create_async(card_payment(capture_method="manual"))

    gone = await client.v1.payment_intents.cancel_async(
        held.id, {"cancellation_reason": "requested_by_customer"}
    )

    moved = stand_in.view.moved(delivery_id="d1")
    assert gone.status == "canceled"
    assert (moved.captured, moved.held, moved.refunded) == (0, 0, 0)
    assert [refund["balance_transaction"] for refund in moved.releases] == [None]
    with pytest.raises(stripe.InvalidRequestError, match="status of canceled"):
        await client.v1.payment_intents.cancel_async(held.id)


@pytest.mark.parametrize(
    ("method", "code", "decline_code"),
    [
        (
            "pm_card_visa_chargeDeclinedInsufficientFunds",
            "card_declined",
            "insufficient_funds",
        ),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
    ],
)
async def test_a_declined_card_is_a_card_error(
    client: stripe.StripeClient, method: str, code: str, decline_code: str
) -> None:
    with pytest.raises(stripe.CardError) as declined:
        await client.v1.payment_intents.create_async(card_payment(payment_method=method))

    error = declined.value.error
    assert error is not None
    assert error.payment_intent is not None
    assert (declined.value.code, error.decline_code) == (code, decline_code)
    assert error.payment_intent.status == "requires_payment_method"
    assert declined.value.request_id is not None
    again = await client.v1.payment_intents.confirm_async(
        error.payment_intent.id, {"payment_method": "pm_card_visa"}
    )
    assert again.status == "succeeded"


async def test_the_cardholder_is_asked_and_answers(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    asked = await client.v1.payment_intents.create_async(
        card_payment(payment_method="pm_card_authenticationRequired")
    )
    assert asked.status == "requires_action"
    assert asked.client_secret is not None
    assert asked.next_action is not None
    assert asked.next_action.type == "use_stripe_sdk"

    stand_in.world.authenticate(asked.id)

    paid = await client.v1.payment_intents.retrieve_async(asked.id, {"expand": ["latest_charge"]})
    assert paid.status == "succeeded"
    assert "payment_intent.requires_action" in [event["type"] for event in stand_in.events]


async def test_the_cardholder_fails_to_answer(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    asked = await client.v1.payment_intents.create_async(
        card_payment(payment_method="pm_card_threeDSecureRequired")
    )

    stand_in.world.authenticate(asked.id, succeed=False)

    failed = await client.v1.payment_intents.retrieve_async(asked.id)
    assert failed.status == "requires_payment_method"
    assert failed.last_payment_error is not None
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"


async def test_a_redirect_needs_somewhere_to_return_to(client: stripe.StripeClient) -> None:
    params = card_payment()
    del params["allowed_payment_method_types"]

    with pytest.raises(stripe.InvalidRequestError, match="return_url"):
        await client.v1.payment_intents.create_async(params)

    intent = await client.v1.payment_intents.create_async(
        params | {"return_url": "https://sendalong.example/back"}
    )
    assert intent.status == "succeeded"


async def test_a_payment_method_without_customer_works_once(client: stripe.StripeClient) -> None:
    first = await client.v1.payment_intents.create_async(card_payment())

    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        await client.v1.payment_intents.create_async(
            card_payment(payment_method=first.payment_method)
        )


async def test_intents_are_found_by_list_at_once_and_by_search_later(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    made = [
        await client.v1.payment_intents.create_async(
            card_payment(metadata={"delivery_id": "d1", "op_id": f"op{number}"})
        )
        for number in range(3)
    ]
    query = "metadata['op_id']:'op1' AND metadata['delivery_id']:'d1'"

    listed = await client.v1.payment_intents.list_async({"limit": 2})
    early = await client.v1.payment_intents.search_async({"query": query})
    stand_in.move(seconds=61)
    late = await client.v1.payment_intents.search_async({"query": query})

    assert [intent.id for intent in listed] == [made[2].id, made[1].id]
    assert listed.has_more
    everything = [intent.id async for intent in listed.auto_paging_iter()]
    assert everything == [intent.id for intent in reversed(made)]
    assert [intent.id for intent in early] == []
    assert [intent.id for intent in late] == [made[1].id]


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        (-1, "eur", "parameter_invalid_integer"),
        (0, "eur", "parameter_invalid_integer"),
        (49, "eur", "amount_too_small"),
        (10**9, "eur", "amount_too_large"),
        (1_001, "kwd", "parameter_invalid_integer"),
        (49, "jpy", "amount_too_small"),
    ],
)
async def test_impossible_amounts_are_refused(
    client: stripe.StripeClient, amount: int, currency: str, code: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.payment_intents.create_async(card_payment(amount=amount, currency=currency))
    assert (refused.value.code, refused.value.param) == (code, "amount")


@pytest.mark.parametrize(("amount", "currency"), [(4_200, "jpy"), (4_200, "kwd")])
async def test_currencies_without_and_with_three_decimals_work(
    client: stripe.StripeClient, amount: int, currency: str
) -> None:
    intent = await client.v1.payment_intents.create_async(
        card_payment(amount=amount, currency=currency)
    )
    assert (intent.status, intent.amount_received) == ("succeeded", amount)
