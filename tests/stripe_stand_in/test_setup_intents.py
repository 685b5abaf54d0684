"""Saving a card and charging it in its holder's absence, against the real SDK."""

from __future__ import annotations

import pytest
import stripe

from tests.stripe_stand_in import StripeStandIn
from tests.stripe_stand_in.payments import card_payment


async def saved_card(client: stripe.StripeClient, method: str) -> stripe.SetupIntent:
    """Return a set-up intent that was confirmed for a new customer."""
    customer = await client.v1.customers.create_async({"metadata": {"person_id": "p1"}})
    return await client.v1.setup_intents.create_async(
        {
            "customer": customer.id,
            "payment_method": method,
            "allowed_payment_method_types": ["card"],
            "confirm": True,
            "usage": "off_session",
            "metadata": {"delivery_id": "d1"},
        }
    )


async def test_a_saved_card_is_charged_off_session(client: stripe.StripeClient) -> None:
    setup = await saved_card(client, "pm_card_visa")

    intent = await client.v1.payment_intents.create_async(
        card_payment(
            customer=setup.customer,
            payment_method=setup.payment_method,
            off_session=True,
            capture_method="manual",
            expand=["latest_charge"],
        )
    )

    assert setup.status == "succeeded"
    assert isinstance(intent.latest_charge, stripe.Charge)
    details = intent.latest_charge.payment_method_details
    assert details is not None
    assert details.card is not None
    assert details.card.capture_before == intent.latest_charge.created + (4 * 24 + 18) * 3_600
    kept = await client.v1.customers.payment_methods.list_async(str(setup.customer))
    assert [method.id for method in kept] == [setup.payment_method]


async def test_a_card_that_wants_its_holder_fails_off_session(client: stripe.StripeClient) -> None:
    customer = await client.v1.customers.create_async()
    method = await client.v1.payment_methods.attach_async(
        "pm_card_authenticationRequired", {"customer": customer.id}
    )

    with pytest.raises(stripe.CardError) as declined:
        await client.v1.payment_intents.create_async(
            card_payment(customer=customer.id, payment_method=method.id, off_session=True)
        )

    error = declined.value.error
    assert error is not None
    assert error.payment_intent is not None
    assert declined.value.code == "authentication_required"
    fallback = await client.v1.payment_intents.confirm_async(
        error.payment_intent.id, {"payment_method": method.id}
    )
    assert fallback.status == "requires_action"


async def test_a_card_that_was_set_up_with_its_holder_pays_off_session(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    setup = await saved_card(client, "pm_card_authenticationRequiredOnSetup")
    assert setup.status == "requires_action"
    stand_in.world.authenticate(setup.id)

    intent = await client.v1.payment_intents.create_async(
        card_payment(customer=setup.customer, payment_method=setup.payment_method, off_session=True)
    )

    assert intent.status == "succeeded"


async def test_a_refused_set_up_is_a_card_error(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    with pytest.raises(stripe.CardError) as declined:
        await saved_card(client, "pm_card_visa_chargeDeclined")
    assert declined.value.error is not None
    assert declined.value.error.setup_intent is not None

    asked = await saved_card(client, "pm_card_authenticationRequiredOnSetup")
    stand_in.world.authenticate(asked.id, succeed=False)

    failed = await client.v1.setup_intents.retrieve_async(asked.id)
    assert failed.status == "requires_payment_method"
    gone = await client.v1.setup_intents.cancel_async(asked.id)
    assert gone.status == "canceled"
    listed = await client.v1.setup_intents.list_async({"customer": str(asked.customer)})
    assert [intent.id for intent in listed] == [asked.id]


async def test_a_card_saved_while_paying_is_kept(client: stripe.StripeClient) -> None:
    customer = await client.v1.customers.create_async({"name": "Ada"})

    intent = await client.v1.payment_intents.create_async(
        card_payment(customer=customer.id, setup_future_usage="off_session")
    )

    again = await client.v1.payment_intents.create_async(
        card_payment(customer=customer.id, payment_method=intent.payment_method, off_session=True)
    )
    assert again.status == "succeeded"
    await client.v1.payment_methods.detach_async(str(intent.payment_method))
    with pytest.raises(stripe.InvalidRequestError):
        await client.v1.payment_intents.create_async(
            card_payment(customer=customer.id, payment_method=intent.payment_method)
        )


async def test_a_strangers_card_cannot_be_charged(client: stripe.StripeClient) -> None:
    setup = await saved_card(client, "pm_card_visa")
    stranger = await client.v1.customers.create_async()

    with pytest.raises(stripe.InvalidRequestError, match="must be attached to the customer"):
        await client.v1.payment_intents.create_async(
            card_payment(customer=stranger.id, payment_method=setup.payment_method)
        )
