"""Requests that many tests make, typed as the SDK wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import stripe

from tests.stripe_stand_in.stand_in import StripeStandIn

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams


def card_payment(**more: object) -> PaymentIntentCreateParams:
    """Return the parameters of a card payment that is confirmed at once."""
    params = {
        "amount": 4_200,
        "currency": "eur",
        "payment_method": "pm_card_visa",
        "allowed_payment_method_types": ["card"],
        "confirm": True,
        "metadata": {"delivery_id": "d1", "op_id": "op1"},
        "transfer_group": "d1",
    }
    return params | more  # type: ignore[return-value]


async def paid_charge(client: stripe.StripeClient, **more: object) -> str:
    """Return the id of a charge that was just paid."""
    intent = await client.v1.payment_intents.create_async(card_payment(**more))
    return str(intent.latest_charge)


async def traveler_account(client: stripe.StripeClient, stand_in: StripeStandIn) -> str:
    """Return the id of a connected account that may receive transfers."""
    account = await client.v1.accounts.create_async(
        {
            "controller": {
                "fees": {"payer": "application"},
                "losses": {"payments": "application"},
                "stripe_dashboard": {"type": "express"},
            },
            "capabilities": {"transfers": {"requested": True}},
            "country": "ES",
            "email": "traveler@example.com",
            "metadata": {"person_id": "p1"},
        }
    )
    stand_in.world.complete_onboarding(account.id)
    return account.id
