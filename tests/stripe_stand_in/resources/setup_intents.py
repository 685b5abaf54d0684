"""Setup intents: saving a card now to charge it when its holder is away."""

from __future__ import annotations

from stripe.params import (
    SetupIntentCancelParams,
    SetupIntentConfirmParams,
    SetupIntentCreateParams,
    SetupIntentListParams,
    SetupIntentRetrieveParams,
)

from tests.stripe_stand_in.cards import Authentication, Decline
from tests.stripe_stand_in.listing import CURSORS, list_of
from tests.stripe_stand_in.refusals import Json, StripeRefusal, invalid, unexpected_state
from tests.stripe_stand_in.resources.methods import attach, use_method
from tests.stripe_stand_in.resources.new_intents import method_choice
from tests.stripe_stand_in.resources.paying import ask_holder, check_redirects
from tests.stripe_stand_in.resources.payment_intents import OPEN
from tests.stripe_stand_in.routing import Call, Route
from tests.stripe_stand_in.state import StripeState

_SILENT: Json = dict.fromkeys(
    (
        "application",
        "cancellation_reason",
        "last_setup_error",
        "latest_attempt",
        "mandate",
        "next_action",
        "on_behalf_of",
        "single_use_mandate",
    )
)


def _create(call: Call) -> Json:
    given = call.parameters
    customer = given.get("customer")
    if customer is not None:
        call.state.records.get("customer", customer, param="customer")
    choice = method_choice(given)
    method = given.get("payment_method")
    if method is not None:
        method = use_method(call.state, method, customer)["id"]
    intent = call.state.records.add(
        "seti",
        "setup_intent",
        {
            **_SILENT,
            "client_secret": None,
            "customer": customer,
            "description": given.get("description"),
            "flow_directions": None,
            "livemode": False,
            "metadata": given.get("metadata", {}),
            "payment_method": method,
            "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
            "status": "requires_payment_method" if method is None else "requires_confirmation",
            "usage": given.get("usage", "off_session"),
            **choice,
        },
    )
    intent["client_secret"] = f"{intent['id']}_secret_standIn"
    call.state.events.note("setup_intent.created", intent)
    if given.get("confirm"):
        _set_up(call, intent)
    return intent


def _intent(call: Call) -> Json:
    return call.state.records.get("setup_intent", call.ids[0], call.account, param="intent")


def _confirm(call: Call) -> Json:
    intent = _intent(call)
    if intent["status"] not in OPEN:
        raise unexpected_state("confirmed", intent, OPEN)
    if "payment_method" in call.parameters:
        name = call.parameters["payment_method"]
        intent["payment_method"] = use_method(call.state, name, intent["customer"])["id"]
    _set_up(call, intent)
    return intent


def _set_up(call: Call, intent: Json) -> None:
    if intent["payment_method"] is None:
        message = "You cannot confirm this SetupIntent because it's missing a payment method."
        raise invalid(message, code="setup_intent_unexpected_state")
    check_redirects(intent, call.parameters)
    card = call.state.cards[intent["payment_method"]]
    if card.decline is not None and not card.attaches:
        raise refuse_setup(call.state, intent, card.decline)
    if card.authentication is Authentication.NEVER or card.set_up_already:
        complete(call.state, intent)
    else:
        ask_holder(call.state, intent, call.parameters.get("return_url"))


def complete(state: StripeState, intent: Json) -> None:
    """Save the card for its customer."""
    method = state.records.get("payment_method", intent["payment_method"])
    if intent["usage"] == "off_session":
        state.prepared.add(method["id"])
    if intent["customer"] is not None and method["customer"] is None:
        attach(state, method, intent["customer"])
    intent |= {"status": "succeeded", "next_action": None, "last_setup_error": None}
    state.events.note("setup_intent.succeeded", intent)


def refuse_setup(state: StripeState, intent: Json, decline: Decline) -> StripeRefusal:
    """Write a refused set-up down and return the 402 to answer with."""
    refusal = StripeRefusal(
        402,
        "card_error",
        decline.message,
        code=decline.code,
        decline_code=decline.decline_code,
    )
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "last_setup_error": dict(refusal.error),
    }
    state.events.note("setup_intent.setup_failed", intent)
    refusal.error["setup_intent"] = intent
    return refusal


def _cancel(call: Call) -> Json:
    intent = _intent(call)
    if intent["status"] not in OPEN:
        raise unexpected_state("canceled", intent, OPEN)
    reason = call.parameters.get("cancellation_reason")
    intent |= {"status": "canceled", "cancellation_reason": reason, "next_action": None}
    call.state.events.note("setup_intent.canceled", intent)
    return intent


def _list(call: Call) -> Json:
    found = call.state.records.of("setup_intent", call.account)
    return list_of(call, found, "customer", "payment_method")


_NEW = frozenset(
    {
        "allowed_payment_method_types",
        "automatic_payment_methods",
        "confirm",
        "customer",
        "description",
        "metadata",
        "payment_method",
        "return_url",
        "usage",
        "use_stripe_sdk",
    }
)
_ONE = "/v1/setup_intents/{intent}"

ROUTES = (
    Route("POST /v1/setup_intents", SetupIntentCreateParams, _create, "setup_intent", _NEW),
    Route(f"GET {_ONE}", SetupIntentRetrieveParams, _intent, "setup_intent"),
    Route(
        f"POST {_ONE}/confirm",
        SetupIntentConfirmParams,
        _confirm,
        "setup_intent",
        frozenset({"payment_method", "return_url", "use_stripe_sdk"}),
    ),
    Route(
        f"POST {_ONE}/cancel",
        SetupIntentCancelParams,
        _cancel,
        "setup_intent",
        frozenset({"cancellation_reason"}),
    ),
    Route(
        "GET /v1/setup_intents",
        SetupIntentListParams,
        _list,
        "setup_intent",
        CURSORS | {"customer", "payment_method"},
        many=True,
    ),
)
