"""New payment intents: what they may be made of and how they begin."""

from __future__ import annotations

from tests.stripe_stand_in.currencies import check_charge
from tests.stripe_stand_in.records import only_one_of
from tests.stripe_stand_in.refusals import Json, invalid, not_modelled
from tests.stripe_stand_in.resources.methods import use_method
from tests.stripe_stand_in.resources.paying import confirm
from tests.stripe_stand_in.routing import Call

NEW = frozenset(
    {
        "allowed_payment_method_types",
        "amount",
        "application_fee_amount",
        "automatic_payment_methods",
        "capture_method",
        "confirm",
        "confirmation_method",
        "currency",
        "customer",
        "description",
        "error_on_requires_action",
        "metadata",
        "off_session",
        "payment_method",
        "receipt_email",
        "return_url",
        "setup_future_usage",
        "statement_descriptor_suffix",
        "transfer_group",
        "use_stripe_sdk",
    }
)
"""Parameters of a new intent that the stand-in acts on."""
_ONLY_WITH_CONFIRM = ("off_session", "return_url", "error_on_requires_action")
_SILENT: Json = dict.fromkeys(
    (
        "application",
        "application_fee_amount",
        "canceled_at",
        "cancellation_reason",
        "last_payment_error",
        "latest_charge",
        "next_action",
        "on_behalf_of",
        "processing",
        "review",
        "shipping",
        "source",
        "statement_descriptor",
        "transfer_data",
    )
)


def method_choice(given: Json) -> Json:
    """Return the fields that say which payment methods an intent takes."""
    only_one_of(
        given,
        "allowed_payment_method_types",
        "automatic_payment_methods",
        "excluded_payment_method_types",
    )
    allowed = given.get("allowed_payment_method_types")
    if allowed is None:
        automatic = given.get("automatic_payment_methods", {"enabled": True})
        redirects = automatic.get("allow_redirects", "always")
        return {
            "automatic_payment_methods": {"allow_redirects": redirects, "enabled": True},
            "payment_method_types": ["card", "link"],
        }
    if "card" not in allowed:
        what = f"payment methods other than cards ({', '.join(allowed)})"
        raise not_modelled(what)
    return {
        "allowed_payment_method_types": allowed,
        "automatic_payment_methods": None,
        "payment_method_types": ["card"],
    }


def create(call: Call) -> Json:
    """Make an intent and, when asked to, confirm it at once."""
    given = call.parameters
    _check_new(call, given)
    method = given.get("payment_method")
    if method is not None:
        method = use_method(call.state, method, given.get("customer"))["id"]
    intent = call.state.records.add(
        "pi", "payment_intent", _fields(given) | {"payment_method": method}
    )
    intent["client_secret"] = f"{intent['id']}_secret_standIn"
    call.state.events.note("payment_intent.created", intent)
    if given.get("confirm"):
        confirm_with(call, intent)
    return intent


def _fields(given: Json) -> Json:
    return {
        **_SILENT,
        "amount": given["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "capture_method": given.get("capture_method", "automatic_async"),
        "client_secret": None,
        "confirmation_method": given.get("confirmation_method", "automatic"),
        "currency": given["currency"],
        "customer": given.get("customer"),
        "description": given.get("description"),
        "livemode": False,
        "metadata": given.get("metadata", {}),
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "receipt_email": given.get("receipt_email"),
        "setup_future_usage": given.get("setup_future_usage"),
        "statement_descriptor_suffix": given.get("statement_descriptor_suffix"),
        "status": "requires_confirmation"
        if "payment_method" in given
        else "requires_payment_method",
        "transfer_group": given.get("transfer_group"),
        **method_choice(given),
    }


def _check_new(call: Call, given: Json) -> None:
    if call.account is not None:
        what = "direct charges on connected accounts"
        raise not_modelled(what)
    check_charge(given["amount"], given["currency"])
    if "application_fee_amount" in given:
        message = (
            "Can only apply an application_fee when the PaymentIntent is attempting a direct "
            "payment or destination payment."
        )
        raise invalid(message, param="application_fee_amount")
    if "customer" in given:
        call.state.records.get("customer", given["customer"], param="customer")
    for name in _ONLY_WITH_CONFIRM:
        if name in given and not given.get("confirm"):
            message = f"The parameter `{name}` can only be used with `confirm=true`."
            raise invalid(message, param=name)
    method_choice(given)


def confirm_with(call: Call, intent: Json) -> None:
    """Confirm an intent with the parameters of a call."""
    if intent["payment_method"] is None:
        message = (
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can "
            "either update the PaymentIntent with a payment method and then confirm it again, or "
            "confirm it again directly with a payment method."
        )
        raise invalid(message, code="payment_intent_unexpected_state")
    confirm(call.state, intent, call.parameters)
