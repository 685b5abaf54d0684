"""What each of Stripe's failures means for the platform.

Stripe's own messages are never passed on: they may repeat a token or a name. Its codes are.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

import httpx
import stripe

from activities.payment_ports import (
    AccountNotReady,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
)

T = TypeVar("T")

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_NOT_READY = "insufficient_capabilities_for_transfer"
_CONFLICT = 409
_FINAL = (
    stripe.AuthenticationError,
    stripe.CardError,
    stripe.IdempotencyError,
    stripe.InvalidRequestError,
    stripe.PermissionError,
)


async def answered(call: Awaitable[T]) -> T:
    """Wait for a call and return what it answers.

    Raises:
        ProviderUnavailable, ProviderRefused, OutcomeUnknown.
    """
    try:
        return await call
    except stripe.StripeError as error:
        raise translated(error) from None


def translated(error: stripe.StripeError) -> Exception:
    """Return the port's word for a failure."""
    text = _described(error)
    if isinstance(error, stripe.APIConnectionError):
        never_sent = isinstance(error.__cause__, _NEVER_SENT)
        return ProviderUnavailable(text) if never_sent else OutcomeUnknown(text)
    if isinstance(error, stripe.RateLimitError):
        return ProviderUnavailable(text)
    if error.http_status == _CONFLICT:
        # Another request under the same key is still being answered, and may do it.
        return OutcomeUnknown(text)
    if isinstance(error, _FINAL):
        kind = AccountNotReady if code_of(error) == _NOT_READY else ProviderRefused
        return kind(text, code=code_of(error), key_spent=is_replayed(error))
    return OutcomeUnknown(text, key_spent=is_replayed(error))


def code_of(error: stripe.StripeError) -> str:
    """Return Stripe's code; some classes carry it in their body only."""
    inner = error.error.code if error.error is not None else None
    return inner or error.code or ""


def is_replayed(error: stripe.StripeError) -> bool:
    """Return whether Stripe only repeated what it had kept under the key."""
    return dict(error.headers or {}).get("idempotent-replayed") == "true"


def _described(error: stripe.StripeError) -> str:
    if isinstance(error, stripe.APIConnectionError):
        return f"Stripe gave no answer: {type(error.__cause__ or error).__name__}."
    words = ["Stripe answered", str(error.http_status or "nothing"), code_of(error)]
    if error.request_id:
        words.append(f"to {error.request_id}")
    return " ".join(word for word in words if word) + "."
