"""Charges: how a card is authorised, captured, declined and let go, and the routes to read them."""

from __future__ import annotations

from stripe.params import (
    ChargeListParams,
    ChargeRetrieveParams,
    ChargeSearchParams,
    ChargeUpdateParams,
)

from tests.stripe_stand_in.cards import Decline, ScriptedCard
from tests.stripe_stand_in.listing import CURSORS, list_of, search_of
from tests.stripe_stand_in.records import merge_metadata
from tests.stripe_stand_in.refusals import Json
from tests.stripe_stand_in.resources.methods import NO_BILLING, card_of
from tests.stripe_stand_in.routing import Call, Route
from tests.stripe_stand_in.state import StripeState


def make_charge(
    state: StripeState,
    intent: Json,
    *,
    decline: Decline | None = None,
    off_session: bool = False,
    authenticated: bool = False,
) -> Json:
    """Return a new charge of an intent: authorised, or failed when it was declined."""
    card = state.cards[intent["payment_method"]]
    charge = state.records.add(
        "ch",
        "charge",
        {
            **_SILENT,
            "amount": intent["amount"],
            "amount_captured": 0,
            "amount_refunded": 0,
            "billing_details": NO_BILLING,
            "captured": False,
            "currency": intent["currency"],
            "customer": intent["customer"],
            "description": intent["description"],
            "disputed": False,
            "failure_code": decline.code if decline else None,
            "failure_message": decline.message if decline else None,
            "fraud_details": {},
            "livemode": False,
            "metadata": dict(intent["metadata"]),
            "outcome": _outcome(decline),
            "paid": decline is None,
            "payment_intent": intent["id"],
            "payment_method": intent["payment_method"],
            "payment_method_details": {
                "card": card_of(card) | _authorisation(card, intent, authenticated),
                "type": "card",
            },
            "receipt_email": intent["receipt_email"],
            "refunded": False,
            "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
            "status": "failed" if decline else "succeeded",
            "transfer_group": intent["transfer_group"],
        },
    )
    if decline is None and intent["capture_method"] == "manual":
        window_s = card.keeps_authorisation_s(off_session=off_session)
        details = charge["payment_method_details"]["card"]
        details["capture_before"] = charge["created"] + window_s
    return charge


_SILENT: Json = dict.fromkeys(
    (
        "application",
        "application_fee",
        "application_fee_amount",
        "balance_transaction",
        "calculated_statement_descriptor",
        "failure_balance_transaction",
        "on_behalf_of",
        "receipt_number",
        "receipt_url",
        "review",
        "shipping",
        "source",
        "source_transfer",
        "statement_descriptor",
        "transfer_data",
    )
)
"""What Stripe always sends and the stand-in never fills."""


def _authorisation(card: ScriptedCard, intent: Json, authenticated: bool) -> Json:
    proof = {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": f"3ds_{intent['id']}",
        "version": "2.2.0",
    }
    return {
        "amount_authorized": intent["amount"],
        "installments": None,
        "mandate": None,
        "network": card.brand,
        "three_d_secure": proof if authenticated else None,
    }


def _outcome(decline: Decline | None) -> Json:
    return {
        "advice_code": decline.advice if decline else None,
        "network_advice_code": None,
        "network_decline_code": "05" if decline else None,
        "network_status": "declined_by_network" if decline else "approved_by_network",
        "reason": decline.decline_code if decline else None,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": "The bank declined the payment." if decline else "Payment complete.",
        "type": "issuer_declined" if decline else "authorized",
    }


def book_capture(state: StripeState, charge: Json, amount: int, *, at_once: bool) -> None:
    """Take authorised money: fee, balance, and the balance transaction now or a moment later."""
    card = state.cards[charge["payment_method"]]
    charge |= {"captured": True, "amount_captured": amount}
    transaction = state.ledger.post(
        "charge",
        amount,
        charge,
        fee=state.terms.fees.of_charge(amount, charge["currency"]),
        available_on=state.clock.now() if card.settles_at_once else state.ledger.settles_at(),
    )
    if at_once:
        charge["balance_transaction"] = transaction["id"]
        return

    def link() -> None:
        charge["balance_transaction"] = transaction["id"]
        state.events.note("charge.updated", charge, previous={"balance_transaction": None})

    state.later(link, 0)


def release_authorisation(
    state: StripeState, charge: Json, amount: int, *, reason: str | None = None
) -> None:
    """Let authorised money go; Stripe shows that as a refund which moves no balance."""
    refund = state.records.add(
        "re",
        "refund",
        {
            "amount": amount,
            "balance_transaction": None,
            "charge": charge["id"],
            "currency": charge["currency"],
            "destination_details": {"card": {"type": "reversal"}, "type": "card"},
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "reason": reason,
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": "succeeded",
            "transfer_reversal": None,
        },
    )
    state.releases.add(refund["id"])
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] >= charge["amount"]


def _charge(call: Call) -> Json:
    return call.state.records.get("charge", call.ids[0], call.account)


def _update(call: Call) -> Json:
    charge = _charge(call)
    merge_metadata(charge, call.parameters.get("metadata"))
    names = ("description", "transfer_group")
    charge |= {name: call.parameters[name] for name in names if name in call.parameters}
    call.state.events.note("charge.updated", charge, account=call.account, previous={})
    return charge


def _list(call: Call) -> Json:
    found = call.state.records.of("charge", call.account)
    return list_of(call, found, "customer", "payment_intent", "transfer_group")


def _search(call: Call) -> Json:
    return search_of(call, call.state.records.of("charge", call.account))


ROUTES = (
    Route("GET /v1/charges/{charge}", ChargeRetrieveParams, _charge, "charge"),
    Route(
        "POST /v1/charges/{charge}",
        ChargeUpdateParams,
        _update,
        "charge",
        frozenset({"metadata", "description", "transfer_group"}),
    ),
    Route(
        "GET /v1/charges",
        ChargeListParams,
        _list,
        "charge",
        CURSORS | {"customer", "payment_intent", "transfer_group"},
        many=True,
    ),
    Route(
        "GET /v1/charges/search",
        ChargeSearchParams,
        _search,
        "charge",
        frozenset({"query", "limit", "page"}),
        many=True,
    ),
)
