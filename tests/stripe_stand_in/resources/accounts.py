"""Connected accounts: their onboarding and what they may do."""

from __future__ import annotations

import re

from stripe.params import (
    AccountCapabilityListParams,
    AccountCapabilityRetrieveParams,
    AccountCreateParams,
    AccountLinkCreateParams,
    AccountListParams,
    AccountRetrieveParams,
    AccountUpdateParams,
)

from tests.stripe_stand_in.listing import CURSORS, list_of
from tests.stripe_stand_in.records import merge_metadata
from tests.stripe_stand_in.refusals import Json, invalid, missing_resource
from tests.stripe_stand_in.resources.account_fields import (
    change_settings,
    demand,
    new_account_fields,
)
from tests.stripe_stand_in.routing import Call, Route
from tests.stripe_stand_in.state import StripeState

_COUNTRY = re.compile("[A-Z]{2}")
LINK_LIFE_S = 300
"""How long an account link works, and it works once."""
_TO_TELL = [
    "external_account",
    "individual.dob",
    "individual.first_name",
    "individual.last_name",
    "tos_acceptance.date",
]
"""What a new account still has to tell before it may be paid."""


def _create(call: Call) -> Json:
    country = call.parameters.get("country", "US")
    if _COUNTRY.fullmatch(country) is None:
        message = f"Country '{country}' is unknown."
        raise invalid(message, param="country")
    account = call.state.records.add("acct", "account", new_account_fields(call.parameters))
    _request(account, call.parameters.get("capabilities", {}))
    demand(account, list(_TO_TELL), "requirements.past_due")
    return account


def _request(account: Json, capabilities: Json) -> None:
    for name, wish in capabilities.items():
        if wish.get("requested"):
            account["capabilities"].setdefault(name, "inactive")
        elif name in account["capabilities"]:
            account["capabilities"][name] = "inactive"


def capability_status(account: Json, name: str) -> str:
    """Return what an account may do; what was never requested it may not."""
    return str(account["capabilities"].get(name, "unrequested"))


def complete_onboarding(state: StripeState, account: Json) -> None:
    """Let a person tell everything that was asked and be accepted."""
    bank = state.records.add(
        "ba",
        "bank_account",
        {
            "account": account["id"],
            "bank_name": "STAND-IN BANK",
            "country": account["country"],
            "currency": account["default_currency"],
            "last4": "3000",
            "metadata": {},
            "status": "new",
        },
        account=account["id"],
    )
    # A bank account is the one object that Stripe sends without its time of creation.
    del bank["created"]
    account["external_accounts"]["data"] = [bank]
    account |= {"details_submitted": True, "payouts_enabled": True}
    demand(account, [], None)
    set_capabilities(state, account, "active")


def restrict(state: StripeState, account: Json, due: list[str]) -> None:
    """Take an account's capabilities away until it tells more."""
    account["payouts_enabled"] = False
    demand(account, due, "requirements.past_due")
    set_capabilities(state, account, "inactive")


def set_capabilities(state: StripeState, account: Json, status: str) -> None:
    """Set every requested capability and tell the platform."""
    for name in account["capabilities"]:
        account["capabilities"][name] = status
        state.events.note(
            "capability.updated", _capability_of(account, name), account=account["id"]
        )
    account["charges_enabled"] = capability_status(account, "card_payments") == "active"
    state.events.note("account.updated", account, account=account["id"])


def _capability_of(account: Json, name: str) -> Json:
    status = capability_status(account, name)
    due = account["requirements"]["currently_due"]
    return {
        "id": name,
        "object": "capability",
        "account": account["id"],
        "requested": status != "unrequested",
        "requested_at": account["created"] if status != "unrequested" else None,
        "requirements": {
            "alternatives": [],
            "current_deadline": None,
            "currently_due": due,
            "disabled_reason": "requirements.fields_needed" if due else None,
            "errors": [],
            "eventually_due": due,
            "past_due": due,
            "pending_verification": [],
        },
        "status": status,
    }


def _account(call: Call) -> Json:
    return call.state.records.get("account", call.ids[0], param="account")


def _update(call: Call) -> Json:
    account, given = _account(call), call.parameters
    merge_metadata(account, given.get("metadata"))
    _request(account, given.get("capabilities", {}))
    change_settings(account, given)
    names = ("email", "business_type", "default_currency")
    account |= {name: given[name] for name in names if name in given}
    call.state.events.note("account.updated", account, account=account["id"])
    return account


def _list(call: Call) -> Json:
    return list_of(call, call.state.records.of("account"))


def _create_link(call: Call) -> Json:
    given, now = call.parameters, call.state.clock.now()
    account = call.state.records.get("account", given["account"], param="account")
    for name in ("refresh_url", "return_url"):
        if name not in given:
            message = f"You must provide `{name}` for an account link of type {given['type']}."
            raise invalid(message, code="parameter_missing", param=name)
        if not given[name].startswith(("https://", "http://")):
            raise invalid("Not a valid URL", code="url_invalid", param=name)
    if call.state.terms.onboards_itself:
        call.state.later(lambda: complete_onboarding(call.state, account), 0)
    return {
        "object": "account_link",
        "created": now,
        "expires_at": now + LINK_LIFE_S,
        "url": f"https://connect.stripe.com/setup/e/{account['id']}/{call.state.records.new_id('al')}",
    }


def _capability(call: Call) -> Json:
    account, name = _account(call), call.ids[1]
    if name not in account["capabilities"]:
        kind = "capability"
        raise missing_resource(kind, name, "capability")
    return _capability_of(account, name)


def _capabilities(call: Call) -> Json:
    account = _account(call)
    found = [_capability_of(account, name) for name in account["capabilities"]]
    return {"object": "list", "url": call.path, "has_more": False, "data": found}


_ONE = "/v1/accounts/{account}"
_TOLD = frozenset(
    {
        "business_profile",
        "business_type",
        "capabilities",
        "default_currency",
        "email",
        "metadata",
        "settings",
    }
)

ROUTES = (
    Route(
        "POST /v1/accounts",
        AccountCreateParams,
        _create,
        "account",
        _TOLD | {"controller", "country", "type"},
    ),
    Route(f"GET {_ONE}", AccountRetrieveParams, _account, "account"),
    Route(f"POST {_ONE}", AccountUpdateParams, _update, "account", _TOLD),
    Route("GET /v1/accounts", AccountListParams, _list, "account", CURSORS, many=True),
    Route(
        "POST /v1/account_links",
        AccountLinkCreateParams,
        _create_link,
        "account_link",
        frozenset({"account", "collection_options", "refresh_url", "return_url", "type"}),
    ),
    Route(
        f"GET {_ONE}/capabilities",
        AccountCapabilityListParams,
        _capabilities,
        "capability",
        many=True,
    ),
    Route(
        f"GET {_ONE}/capabilities/{{capability}}",
        AccountCapabilityRetrieveParams,
        _capability,
        "capability",
    ),
)
