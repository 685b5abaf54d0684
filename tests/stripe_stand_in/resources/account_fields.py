"""What a connected account consists of."""

from __future__ import annotations

from tests.stripe_stand_in.refusals import Json, not_modelled

_PROFILE = ("mcc", "name", "product_description", "support_email", "support_phone", "url")
_SCHEDULE: Json = {"delay_days": 7, "interval": "daily"}


def new_account_fields(given: Json) -> Json:
    """Return the fields of an account that nobody has onboarded yet."""
    account: Json = {
        "business_profile": dict.fromkeys((*_PROFILE, "support_address", "support_url")),
        "business_type": given.get("business_type"),
        "capabilities": {},
        "charges_enabled": False,
        "controller": _controller(given.get("controller", {})),
        "country": given.get("country", "US"),
        "default_currency": given.get("default_currency", "eur"),
        "details_submitted": False,
        "email": given.get("email"),
        "external_accounts": {"object": "list", "has_more": False, "url": "", "data": []},
        "metadata": given.get("metadata") or {},
        "payouts_enabled": False,
        "settings": {
            "branding": {},
            "card_payments": {},
            "dashboard": {"display_name": None, "timezone": "Etc/UTC"},
            "payments": {},
            "payouts": {"debit_negative_balances": False, "schedule": _SCHEDULE},
        },
        "type": given.get("type", "none"),
    }
    change_settings(account, given)
    return account


def change_settings(account: Json, given: Json) -> None:
    """Merge what a platform tells of a business and of its payouts."""
    profile, settings = given.get("business_profile", {}), given.get("settings", {})
    for name in [*(profile.keys() - set(_PROFILE)), *(settings.keys() - {"payouts"})]:
        what = f"{name} of an account"
        raise not_modelled(what)
    account["business_profile"] |= profile
    payouts = dict(settings.get("payouts", {}))
    schedule = account["settings"]["payouts"]["schedule"] | payouts.pop("schedule", {})
    account["settings"]["payouts"] |= {**payouts, "schedule": schedule}


def _controller(wanted: Json) -> Json:
    return {
        "fees": {"payer": wanted.get("fees", {}).get("payer", "application")},
        "is_controller": True,
        "losses": {"payments": wanted.get("losses", {}).get("payments", "application")},
        "requirement_collection": wanted.get("requirement_collection", "stripe"),
        "stripe_dashboard": {"type": wanted.get("stripe_dashboard", {}).get("type", "express")},
        "type": "application",
    }


def demand(account: Json, due: list[str], disabled_reason: str | None) -> None:
    """Set what an account still has to tell."""
    account["requirements"] = {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": due,
        "disabled_reason": disabled_reason,
        "errors": [],
        "eventually_due": due,
        "past_due": due,
        "pending_verification": [],
    }
