"""The errors of the payment activities, as Temporal and the workflows know them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from temporalio.exceptions import ApplicationError

from activities.payment_ports import (
    AccountNotReady,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
)
from domain.transitions import PaymentIntent

PROVIDER_REFUSED = "provider_refused"
"""Type of the final error when the provider refuses for good."""
ACCOUNT_NOT_READY = "account_not_ready"
"""Type of the final error when the traveler has no account that may be sent money yet."""
PROVIDER_UNAVAILABLE = "provider_unavailable"
"""Type of the error when the provider was not reached; Temporal tries again."""
OUTCOME_UNKNOWN = "outcome_unknown"
"""Type of the error when the provider may have done it; the next try looks it up first."""


@contextmanager
def provider_errors_named(intent: PaymentIntent) -> Iterator[None]:
    """Turn a provider's errors into ones that Temporal knows, without their causes.

    A cause would carry the provider's own words, which may repeat a token, into the history.
    """
    try:
        yield
    except AccountNotReady as error:
        text = without_token(intent, f"The traveler's account is not set up. {error}")
        raise ApplicationError(text, type=ACCOUNT_NOT_READY, non_retryable=True) from None
    except ProviderRefused as error:
        text = without_token(intent, f"The provider refuses this {intent.kind}. {error}")
        raise ApplicationError(text, type=PROVIDER_REFUSED, non_retryable=True) from None
    except ProviderUnavailable as error:
        text = without_token(intent, f"The provider was not reached. {error}")
        raise ApplicationError(text, type=PROVIDER_UNAVAILABLE) from None
    except OutcomeUnknown as error:
        text = without_token(intent, f"What became of this {intent.kind} is unknown. {error}")
        raise ApplicationError(text, type=OUTCOME_UNKNOWN) from None


def without_token(intent: PaymentIntent, text: str) -> str:
    """Return a text without the token of an intent, or any part of the token of a saved method."""
    for token in [intent.method, *intent.method.split("/")]:
        text = text.replace(token, "(token)") if token else text
    return text
