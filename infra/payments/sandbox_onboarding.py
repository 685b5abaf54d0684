"""Sets travelers up at the sandbox: an account is ready at once, unless its name says otherwise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from activities.onboarding_ports import AccountStatus, OnboardingLink
from activities.payment_ports import ProviderRefused
from infra.payments.sandbox_scripts import Fault, account_scripts

LINK_LIFE = timedelta(minutes=5)
"""How long a link works. Source: what Stripe grants."""
DUE = "sandbox.script"
"""What an account still has to tell that is scripted not to be ready."""


class SandboxOnboarding:
    """`Onboarding` without an outside service; the accounts are those of `sandbox_scripts.py`.

    An account whose transfers are scripted as `not_ready` is never set up.

    Raises:
        ProviderRefused: there is no such account or country.
    """

    async def open_account(self, person_id: str, country: str, currency: str = "") -> str:
        """Return the account of a person, which is named after the person's id."""
        del currency
        if not (country.isascii() and country.isupper() and len(country) == 2):  # noqa: PLR2004 -- As in ISO 3166.
            raise ProviderRefused("There is no such country.")
        return f"acct_sandbox_{person_id}"

    async def link(self, account: str, return_url: str, refresh_url: str) -> OnboardingLink:
        """Return the address to come back to: there is nothing to tell on the way."""
        del refresh_url
        account_scripts(account)
        return OnboardingLink(return_url, datetime.now(UTC) + LINK_LIFE)

    async def status(self, account: str) -> AccountStatus:
        """Return what the account's name says."""
        is_ready = account_scripts(account).transfer.fault is not Fault.NOT_READY
        return AccountStatus(is_ready, is_ready, is_ready, () if is_ready else (DUE,))
