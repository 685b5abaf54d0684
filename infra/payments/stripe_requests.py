"""What every request to Stripe has in common: legal amounts, keys, stamps, and what Stripe can do."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType

import stripe

from activities.payment_ports import Operation, ProviderCapabilities, ProviderRefused
from domain.money import AMOUNT_MINOR_MAX, MINOR_DIGITS, Money
from infra.payments.stripe_answers import ATTEMPT, DELIVERY_ID, OPERATION_ID

DIGITS_SETTLED = 2
"""Decimals that card networks settle: where a currency has a third, Stripe wants it to be zero."""

STRIPE = ProviderCapabilities(
    name="stripe",
    manual_capture=True,
    off_session=True,
    reversals=True,
    automatic_payouts=True,
    onboarding=True,
    disputes=True,
    key_life=timedelta(hours=24),
    amount_steps=MappingProxyType(
        {currency: 10 for currency, digits in MINOR_DIGITS.items() if digits > DIGITS_SETTLED}
    ),
)


def legal_minor(amount: Money) -> int:
    """Return an amount as Stripe takes it, which is in the minor units of its currency.

    Raises:
        ProviderRefused: it is not positive, too large, or finer than card networks settle.
    """
    step = STRIPE.step_minor(amount.currency)
    if not 0 < amount.amount_minor <= AMOUNT_MINOR_MAX:
        raise ProviderRefused(f"The amount must lie between 1 and {AMOUNT_MINOR_MAX} minor units.")
    if amount.amount_minor % step:
        raise ProviderRefused(f"Amounts in {amount.currency} must be multiples of {step}.")
    return amount.amount_minor


def require_currency(currency: str, amount: Money) -> None:
    """Check that an amount is of the currency of what it draws on.

    Raises:
        ProviderRefused: it is not.
    """
    if currency != amount.currency.lower():
        raise ProviderRefused(f"That money is in {currency.upper()}, not in {amount.currency}.")


def source_of(operation: Operation) -> Operation:
    """Return what an operation draws on.

    Raises:
        ProviderRefused: nothing was named.
    """
    if operation.source is None:
        raise ProviderRefused(f"There is nothing that this {operation.kind} draws on.")
    return operation.source


def stamps_of(operation: Operation) -> dict[str, str]:
    """Return the metadata that says which operation made an object."""
    return {
        DELIVERY_ID: operation.delivery_id,
        OPERATION_ID: operation.operation_id,
        ATTEMPT: str(operation.attempt),
    }


def under_key(operation: Operation) -> stripe.RequestOptions:
    """Return the options of a request that has at most one effect."""
    return {"idempotency_key": operation.key}


def is_repeated(made: stripe.StripeObject) -> bool:
    """Return whether an answer was only repeated from the first time, and may be out of date."""
    response = made.last_response
    return response is not None and dict(response.headers).get("idempotent-replayed") == "true"
