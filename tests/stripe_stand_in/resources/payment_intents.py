"""Payment intents: the routes that confirm, capture, cancel and read them."""

from __future__ import annotations

from stripe.params import (
    PaymentIntentCancelParams,
    PaymentIntentCaptureParams,
    PaymentIntentConfirmParams,
    PaymentIntentCreateParams,
    PaymentIntentListParams,
    PaymentIntentRetrieveParams,
    PaymentIntentSearchParams,
    PaymentIntentUpdateParams,
)

from tests.stripe_stand_in.currencies import check_amount, check_charge
from tests.stripe_stand_in.listing import CURSORS, list_of, search_of
from tests.stripe_stand_in.records import merge_metadata
from tests.stripe_stand_in.refusals import Json, invalid, unexpected_state
from tests.stripe_stand_in.resources.charges import release_authorisation
from tests.stripe_stand_in.resources.methods import use_method
from tests.stripe_stand_in.resources.new_intents import NEW, confirm_with, create
from tests.stripe_stand_in.resources.paying import capture, end
from tests.stripe_stand_in.routing import Call, Route

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
"""Statuses in which an intent can still be changed and confirmed."""
CANCELABLE = (*OPEN, "requires_capture")


def _intent(call: Call) -> Json:
    return call.state.records.get("payment_intent", call.ids[0], call.account, param="intent")


def _confirm(call: Call) -> Json:
    intent = _intent(call)
    if intent["status"] not in OPEN:
        raise unexpected_state("confirmed", intent, OPEN)
    given = call.parameters
    if "payment_method" in given:
        method = use_method(call.state, given["payment_method"], intent["customer"])
        intent["payment_method"] = method["id"]
    for name in ("capture_method", "setup_future_usage", "receipt_email"):
        if name in given:
            intent[name] = given[name] or None
    confirm_with(call, intent)
    return intent


def _capture(call: Call) -> Json:
    intent = _intent(call)
    if intent["status"] != "requires_capture":
        raise unexpected_state("captured", intent, ("requires_capture",))
    capturable: int = intent["amount_capturable"]
    amount = call.parameters.get("amount_to_capture", capturable)
    check_amount(amount, intent["currency"], param="amount_to_capture")
    if amount > capturable:
        message = "The amount to capture is greater than the capturable amount."
        raise invalid(message, code="amount_too_large", param="amount_to_capture")
    merge_metadata(intent, call.parameters.get("metadata"))
    capture(call.state, intent, amount)
    return intent


def _cancel(call: Call) -> Json:
    intent = _intent(call)
    if intent["status"] not in CANCELABLE:
        raise unexpected_state("canceled", intent, CANCELABLE)
    if intent["status"] == "requires_capture":
        charge = call.state.records.get("charge", intent["latest_charge"])
        release_authorisation(call.state, charge, charge["amount"])
        call.state.events.note("charge.refunded", charge)
    end(call.state, intent, call.parameters.get("cancellation_reason"))
    return intent


def _update(call: Call) -> Json:
    intent, given = _intent(call), call.parameters
    if given.keys() - {"metadata", "description", "expand"} and intent["status"] not in OPEN:
        raise unexpected_state("updated", intent, OPEN)
    if "amount" in given:
        intent["amount"] = check_charge(given["amount"], intent["currency"])
    if "payment_method" in given:
        method = use_method(call.state, given["payment_method"], intent["customer"])
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    for name in ("description", "transfer_group", "receipt_email"):
        if name in given:
            intent[name] = given[name] or None
    merge_metadata(intent, given.get("metadata"))
    return intent


def _list(call: Call) -> Json:
    return list_of(call, call.state.records.of("payment_intent", call.account), "customer")


def _search(call: Call) -> Json:
    return search_of(call, call.state.records.of("payment_intent", call.account))


_CONFIRMATION = frozenset(
    {
        "capture_method",
        "error_on_requires_action",
        "off_session",
        "payment_method",
        "receipt_email",
        "return_url",
        "setup_future_usage",
        "use_stripe_sdk",
    }
)
_CHANGES = frozenset(
    {"amount", "description", "metadata", "payment_method", "receipt_email", "transfer_group"}
)
_CAPTURE = frozenset({"amount_to_capture", "metadata"})
_ONE = "/v1/payment_intents/{intent}"

ROUTES = (
    Route("POST /v1/payment_intents", PaymentIntentCreateParams, create, "payment_intent", NEW),
    Route(f"GET {_ONE}", PaymentIntentRetrieveParams, _intent, "payment_intent"),
    Route(f"POST {_ONE}", PaymentIntentUpdateParams, _update, "payment_intent", _CHANGES),
    Route(
        f"POST {_ONE}/confirm",
        PaymentIntentConfirmParams,
        _confirm,
        "payment_intent",
        _CONFIRMATION,
    ),
    Route(f"POST {_ONE}/capture", PaymentIntentCaptureParams, _capture, "payment_intent", _CAPTURE),
    Route(
        f"POST {_ONE}/cancel",
        PaymentIntentCancelParams,
        _cancel,
        "payment_intent",
        frozenset({"cancellation_reason"}),
    ),
    Route(
        "GET /v1/payment_intents",
        PaymentIntentListParams,
        _list,
        "payment_intent",
        CURSORS | {"customer"},
        many=True,
    ),
    Route(
        "GET /v1/payment_intents/search",
        PaymentIntentSearchParams,
        _search,
        "payment_intent",
        frozenset({"query", "limit", "page"}),
        many=True,
    ),
)
