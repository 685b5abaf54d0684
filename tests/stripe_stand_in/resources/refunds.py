"""Refunds: money back to the card, at once, later, or after all not."""

from __future__ import annotations

from stripe.params import (
    RefundCancelParams,
    RefundCreateParams,
    RefundListParams,
    RefundRetrieveParams,
    RefundUpdateParams,
)

from tests.stripe_stand_in.cards import RefundScript
from tests.stripe_stand_in.currencies import check_amount
from tests.stripe_stand_in.listing import CURSORS, list_of
from tests.stripe_stand_in.records import merge_metadata, only_one_of
from tests.stripe_stand_in.refusals import Json, invalid
from tests.stripe_stand_in.resources.disputes import blocks_refund
from tests.stripe_stand_in.routing import Call, Route
from tests.stripe_stand_in.state import StripeState


def _create(call: Call) -> Json:
    state, given = call.state, call.parameters
    charge = _charge_to_refund(call)
    amount = _amount_to_refund(state, charge, given)
    refund = state.records.add(
        "re",
        "refund",
        {
            "amount": amount,
            "balance_transaction": None,
            "charge": charge["id"],
            "currency": charge["currency"],
            "destination_details": {
                "card": {
                    "reference_status": "pending",
                    "reference_type": "acquirer_reference_number",
                    "type": "refund",
                },
                "type": "card",
            },
            "metadata": given.get("metadata") or {},
            "payment_intent": charge["payment_intent"],
            "reason": given.get("reason"),
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": "pending",
            "transfer_reversal": None,
        },
    )
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] >= charge["amount"]
    _start(state, refund, state.cards[charge["payment_method"]].refund)
    state.events.note("refund.created", refund)
    state.events.note("charge.refunded", charge)
    return refund


def _charge_to_refund(call: Call) -> Json:
    given, records = call.parameters, call.state.records
    only_one_of(given, "charge", "payment_intent")
    if "charge" in given:
        charge = records.get("charge", given["charge"], call.account, param="charge")
    elif "payment_intent" in given:
        intent = records.get(
            "payment_intent", given["payment_intent"], call.account, param="payment_intent"
        )
        found = records.find("charge", intent["latest_charge"], call.account)
        if found is None or not found["captured"]:
            message = (
                f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
            )
            raise invalid(message, code="payment_intent_unexpected_state", param="payment_intent")
        charge = found
    else:
        message = (
            "One of the following params should be provided for this request: "
            "payment_intent or charge."
        )
        raise invalid(message, code="parameter_missing")
    return charge


def _amount_to_refund(state: StripeState, charge: Json, given: Json) -> int:
    if not charge["captured"]:
        message = f"Charge {charge['id']} has not been captured; cancel its PaymentIntent instead."
        raise invalid(message, code="charge_not_captured")
    if blocks_refund(state, charge):
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise invalid(message, code="charge_disputed")
    left: int = charge["amount"] - charge["amount_refunded"]
    if left <= 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise invalid(message, code="charge_already_refunded")
    amount = check_amount(given.get("amount", left), charge["currency"])
    if amount > left:
        message = (
            f"Refund amount ({amount} {charge['currency']}) is greater than unrefunded amount on "
            f"charge ({left} {charge['currency']})"
        )
        raise invalid(message, param="amount")
    return amount


def _start(state: StripeState, refund: Json, script: RefundScript) -> None:
    total = state.ledger.balance(refund["currency"]).total
    if not state.terms.bank_debits and total < refund["amount"]:
        refund["pending_reason"] = "insufficient_funds"
        return
    _leave(state, refund)
    if script is RefundScript.PENDING_FIRST:
        refund["pending_reason"] = "processing"
        state.later(lambda: settle(state, refund))
    else:
        refund["status"] = "succeeded"
    if script is RefundScript.FAILS_LATER:
        state.later(lambda: fail(state, refund, "lost_or_stolen_card"))


def _leave(state: StripeState, refund: Json) -> None:
    if refund["balance_transaction"] is None:
        posted = state.ledger.post("refund", -refund["amount"], refund)
        refund["balance_transaction"] = posted["id"]


def settle(state: StripeState, refund: Json) -> None:
    """Let a pending refund arrive."""
    if refund["status"] not in ("pending", "requires_action"):
        return
    _leave(state, refund)
    refund["status"] = "succeeded"
    refund.pop("pending_reason", None)
    _tell(state, refund)


def fail(state: StripeState, refund: Json, reason: str) -> None:
    """Let a refund fail after all: the money comes back to the platform."""
    if refund["status"] in ("failed", "canceled"):
        return
    _come_back(state, refund)
    refund |= {"status": "failed", "failure_reason": reason}
    _tell(state, refund)
    state.events.note("refund.failed", refund)


def cancel(state: StripeState, refund: Json) -> None:
    """Call a refund off before it arrived."""
    _come_back(state, refund)
    refund |= {"status": "canceled"}
    _tell(state, refund)


def _come_back(state: StripeState, refund: Json) -> None:
    if refund["balance_transaction"] is not None:
        posted = state.ledger.post("refund_failure", refund["amount"], refund)
        refund["failure_balance_transaction"] = posted["id"]
    refund.pop("pending_reason", None)
    charge = state.records.get("charge", refund["charge"])
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False


def _tell(state: StripeState, refund: Json) -> None:
    state.events.note("refund.updated", refund)
    state.events.note("charge.refund.updated", refund)


def _refund(call: Call) -> Json:
    return call.state.records.get("refund", call.ids[0], call.account)


def _update(call: Call) -> Json:
    refund = _refund(call)
    merge_metadata(refund, call.parameters.get("metadata"))
    _tell(call.state, refund)
    return refund


def _cancel(call: Call) -> Json:
    refund = _refund(call)
    if refund["status"] != "requires_action":
        message = "You can only cancel a refund that requires an action of the customer."
        raise invalid(message)
    cancel(call.state, refund)
    return refund


def _list(call: Call) -> Json:
    found = call.state.records.of("refund", call.account)
    return list_of(call, found, "charge", "payment_intent")


ROUTES = (
    Route(
        "POST /v1/refunds",
        RefundCreateParams,
        _create,
        "refund",
        frozenset({"amount", "charge", "metadata", "payment_intent", "reason"}),
    ),
    Route("GET /v1/refunds/{refund}", RefundRetrieveParams, _refund, "refund"),
    Route(
        "POST /v1/refunds/{refund}", RefundUpdateParams, _update, "refund", frozenset({"metadata"})
    ),
    Route("POST /v1/refunds/{refund}/cancel", RefundCancelParams, _cancel, "refund"),
    Route(
        "GET /v1/refunds",
        RefundListParams,
        _list,
        "refund",
        CURSORS | {"charge", "payment_intent"},
        many=True,
    ),
)
