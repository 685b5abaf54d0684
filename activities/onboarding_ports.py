"""How travelers get an account at the payment provider, to which their share is released."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class OnboardingLink:
    """Where a traveler tells the provider what it needs to know; it works once and not for long."""

    url: str = field(repr=False)
    expires_at: datetime
    """In UTC."""


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """What a traveler's account may do now."""

    may_receive: bool
    """Money can be transferred to it."""
    may_pay_out: bool
    """Its money is sent on to the traveler's bank."""
    details_submitted: bool
    """The traveler has told everything that was asked at first."""
    due: tuple[str, ...]
    """The provider's names of what it still wants to know."""


class Onboarding(Protocol):
    """Opens accounts and tells how they stand.

    Raises:
        ProviderUnavailable, ProviderRefused, OutcomeUnknown: from every method.
    """

    async def open_account(self, person_id: str, country: str, currency: str = "") -> str:
        """Open an account that can be sent money once it is set up, and return its id.

        Shape: `country` is an ISO 3166 code of two letters, `currency` an ISO 4217 code; without
        one it is the country's own.
        Idempotency: a person has one account for as long as the provider remembers its keys;
            whoever calls keeps the id.
        """
        ...

    async def link(self, account: str, return_url: str, refresh_url: str) -> OnboardingLink:
        """Return a new link for the traveler; the one before stops working."""
        ...

    async def status(self, account: str) -> AccountStatus:
        """Return what an account may do now."""
        ...
