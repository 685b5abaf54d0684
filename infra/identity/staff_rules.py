"""The rules of staff as the settings make them: the same for the API and the codec server."""

from __future__ import annotations

from domain.identity.staff import StaffRules
from infra.settings import Settings


def staff_rules_of(settings: Settings) -> StaffRules:
    """Return where staff work from, and with what.

    Tokens made on the machine carry no powers where real money is moved, unless a setting says so.
    """
    return StaffRules(
        settings.staff_networks,
        personal_tokens=settings.staff_personal_tokens or not settings.stripe_is_live,
    )
