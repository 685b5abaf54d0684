"""Sets travelers up at Stripe, so that they can be sent money."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import stripe

from infra.payments.stripe_errors import answered

_ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class OnboardingLink:
    """Where a traveler tells Stripe what it needs to know; it works once and for a few minutes."""

    url: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """What a traveler's account may do now."""

    may_receive: bool
    """Money can be transferred to it."""
    may_pay_out: bool
    """Stripe sends its money on to the traveler's bank."""
    details_submitted: bool
    """The traveler has told everything that was asked at first."""
    due: tuple[str, ...]
    """Stripe's names of what it still wants to know."""


class StripeOnboarding:
    """Opens connected accounts and tells how they stand.

    Raises:
        ProviderUnavailable, ProviderRefused, OutcomeUnknown.
    """

    def __init__(self, client: stripe.StripeClient) -> None:
        self._v1 = client.v1

    async def open_account(self, person_id: str, country: str, currency: str) -> str:
        """Open an account that can be sent money, and return its id.

        Shape: `country` is an ISO 3166 code of two letters, `currency` an ISO 4217 code.
        Idempotency: a person asks under one key; whoever calls keeps the id.
        """
        params: Any = {
            "controller": {
                "fees": {"payer": "application"},
                "losses": {"payments": "application"},
                "requirement_collection": "stripe",
                "stripe_dashboard": {"type": "express"},
            },
            "business_type": "individual",
            "capabilities": {"transfers": {"requested": True}},
            "country": country,
            "default_currency": currency.lower(),
            "metadata": {"person_id": person_id},
        }
        options: stripe.RequestOptions = {"idempotency_key": f"account:{person_id}"}
        return (await answered(self._v1.accounts.create_async(params, options))).id

    async def link(self, account: str, return_url: str, refresh_url: str) -> OnboardingLink:
        """Return a new link for the traveler; the one before stops working."""
        params: Any = {
            "account": account,
            "type": "account_onboarding",
            "return_url": return_url,
            "refresh_url": refresh_url,
        }
        made = await answered(self._v1.account_links.create_async(params))
        return OnboardingLink(made.url, datetime.fromtimestamp(made.expires_at, UTC))

    async def status(self, account: str) -> AccountStatus:
        """Return what an account may do now."""
        read = await answered(self._v1.accounts.retrieve_async(account))
        capabilities, requirements = read.capabilities, read.requirements
        transfers = getattr(capabilities, "transfers", None) if capabilities else None
        return AccountStatus(
            may_receive=transfers == _ACTIVE,
            may_pay_out=bool(read.payouts_enabled),
            details_submitted=bool(read.details_submitted),
            due=tuple((requirements.currently_due or ()) if requirements else ()),
        )
