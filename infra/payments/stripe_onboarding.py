"""Sets travelers up at Stripe, so that they can be sent money."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import stripe

from activities.onboarding_ports import AccountStatus, OnboardingLink
from infra.payments.stripe_errors import answered

_ACTIVE = "active"


class StripeOnboarding:
    """`Onboarding` with Stripe's connected accounts, which Stripe itself asks for their details.

    Raises:
        ProviderUnavailable, ProviderRefused, OutcomeUnknown.
    """

    def __init__(self, client: stripe.StripeClient) -> None:
        self._v1 = client.v1

    async def open_account(self, person_id: str, country: str, currency: str = "") -> str:
        """Open an account under a key that is made of the person and the country; return its id.

        Stripe may keep its refusal of a country under the key; another country can be tried then.
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
            "metadata": {"person_id": person_id},
        }
        if currency:
            params["default_currency"] = currency.lower()
        options: stripe.RequestOptions = {"idempotency_key": f"account:{person_id}:{country}"}
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
