"""Payment methods: scripted ones made on demand, and those that customers keep."""

from __future__ import annotations

from stripe.params import (
    CustomerPaymentMethodListParams,
    PaymentMethodAttachParams,
    PaymentMethodDetachParams,
    PaymentMethodListParams,
    PaymentMethodRetrieveParams,
)

from tests.stripe_stand_in.cards import CARDS, ScriptedCard
from tests.stripe_stand_in.listing import CURSORS, list_of
from tests.stripe_stand_in.refusals import Json, StripeRefusal, invalid
from tests.stripe_stand_in.routing import Call, Route
from tests.stripe_stand_in.state import StripeState

_NO_ADDRESS: Json = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
NO_BILLING: Json = {
    "address": _NO_ADDRESS,
    "email": None,
    "name": None,
    "phone": None,
    "tax_id": None,
}
"""Billing details of somebody who gave none."""


def use_method(state: StripeState, name: str, customer: str | None) -> Json:
    """Return the payment method to charge; a scripted id makes a new one each time.

    Raises:
        StripeRefusal: unknown, another customer's, or used before without a customer.
    """
    if name in CARDS:
        return make_method(state, CARDS[name])
    method = state.records.get("payment_method", name, param="payment_method")
    if name in state.spent:
        message = (
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer "
            "attachment. It may not be used again. To use a PaymentMethod multiple times, you must "
            "attach it to a Customer first."
        )
        raise invalid(message, param="payment_method")
    if method["customer"] != customer:
        message = (
            f"The customer does not have a payment method with the ID {name}. "
            "The payment method must be attached to the customer."
        )
        raise invalid(message, code="resource_missing", param="payment_method")
    return method


def make_method(state: StripeState, card: ScriptedCard) -> Json:
    """Return a new payment method that follows a script."""
    method = state.records.add(
        "pm",
        "payment_method",
        {
            "allow_redisplay": "unspecified",
            "billing_details": NO_BILLING,
            "card": card_of(card)
            | {
                "display_brand": card.brand,
                "networks": {"available": [card.brand], "preferred": None},
                "three_d_secure_usage": {"supported": True},
            },
            "customer": None,
            "livemode": False,
            "metadata": {},
            "type": "card",
        },
    )
    state.cards[method["id"]] = card
    if card.set_up_already:
        state.prepared.add(method["id"])
    return method


def card_of(card: ScriptedCard) -> Json:
    """Return what both a payment method and a charge say of a card."""
    return {
        "brand": card.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "pass",
        },
        "country": "US",
        "exp_month": 12,
        "exp_year": 2034,
        "fingerprint": f"standIn{card.brand}{card.last4}",
        "funding": "credit",
        "last4": card.last4,
        "wallet": None,
    }


def attach(state: StripeState, method: Json, customer: str) -> None:
    """Give a payment method to a customer, who may then use it again and again."""
    method["customer"] = customer
    state.spent.discard(method["id"])
    state.events.note("payment_method.attached", method)


def _attach(call: Call) -> Json:
    records = call.state.records
    name, customer = call.ids[0], call.parameters.get("customer")
    if customer is None:
        raise invalid("Missing required param: customer.", code="parameter_missing")
    records.get("customer", customer, param="customer")
    card = CARDS.get(name)
    if card is not None and card.decline is not None and not card.attaches:
        decline = card.decline
        raise StripeRefusal(
            402, "card_error", decline.message, code=decline.code, decline_code=decline.decline_code
        )
    method = make_method(call.state, card) if card else records.get("payment_method", name)
    if method["customer"] not in (None, customer):
        message = "The payment method you provided has already been attached to a customer."
        raise invalid(message, code="payment_method_unexpected_state")
    if method["id"] in call.state.spent:
        use_method(call.state, method["id"], customer)
    attach(call.state, method, customer)
    return method


def _detach(call: Call) -> Json:
    method = _method(call)
    if method["customer"] is None:
        message = "The payment method you provided is not attached to a customer."
        raise invalid(message, code="payment_method_unexpected_state")
    method["customer"] = None
    call.state.spent.add(method["id"])
    call.state.events.note("payment_method.detached", method)
    return method


def _method(call: Call) -> Json:
    return call.state.records.get("payment_method", call.ids[-1])


def _list_methods(call: Call) -> Json:
    customer = call.ids[0] if call.ids else call.parameters.get("customer")
    return list_of(
        call,
        call.state.records.of("payment_method"),
        "type",
        keep=lambda method: bool(method["customer"] == customer),
    )


_LIST = CURSORS - {"created"}

ROUTES = (
    Route(
        "GET /v1/customers/{customer}/payment_methods",
        CustomerPaymentMethodListParams,
        _list_methods,
        "payment_method",
        _LIST | {"type"},
        many=True,
    ),
    Route(
        "GET /v1/payment_methods",
        PaymentMethodListParams,
        _list_methods,
        "payment_method",
        _LIST | {"type", "customer"},
        many=True,
    ),
    Route(
        "GET /v1/payment_methods/{method}", PaymentMethodRetrieveParams, _method, "payment_method"
    ),
    Route(
        "POST /v1/payment_methods/{method}/attach",
        PaymentMethodAttachParams,
        _attach,
        "payment_method",
        frozenset({"customer"}),
    ),
    Route(
        "POST /v1/payment_methods/{method}/detach",
        PaymentMethodDetachParams,
        _detach,
        "payment_method",
    ),
)
