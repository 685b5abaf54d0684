"""Reversals: taking transferred money back from a connected account."""

from __future__ import annotations

from stripe.params import (
    TransferReversalCreateParams,
    TransferReversalListParams,
    TransferReversalRetrieveParams,
)

from tests.stripe_stand_in.currencies import check_amount
from tests.stripe_stand_in.listing import CURSORS, list_of
from tests.stripe_stand_in.refusals import Json, invalid
from tests.stripe_stand_in.resources.transfers import insufficient, transfer_of
from tests.stripe_stand_in.routing import Call, Route
from tests.stripe_stand_in.state import StripeState


def _reverse(call: Call) -> Json:
    state, transfer, given = call.state, transfer_of(call), call.parameters
    left = transfer["amount"] - transfer["amount_reversed"]
    if left <= 0:
        message = f"Transfer {transfer['id']} is already fully reversed."
        raise invalid(message)
    amount = check_amount(given.get("amount", left), transfer["currency"])
    if amount > left:
        message = f"Reversal amount ({amount}) is greater than unreversed amount ({left})."
        raise invalid(message, param="amount")
    account = transfer["destination"]
    if state.ledger.balance(transfer["currency"], account).total < amount:
        raise insufficient("transfer reversal")
    reversal = state.records.add(
        "trr",
        "transfer_reversal",
        {
            "amount": amount,
            "balance_transaction": None,
            "currency": transfer["currency"],
            "destination_payment_refund": None,
            "metadata": given.get("metadata") or {},
            "source_refund": None,
            "transfer": transfer["id"],
        },
    )
    _book_reversal(state, transfer, reversal)
    return reversal


def _book_reversal(state: StripeState, transfer: Json, reversal: Json) -> None:
    amount, account = reversal["amount"], transfer["destination"]
    payment = state.records.get("charge", transfer["destination_payment"], account)
    posted = state.ledger.post("transfer_refund", amount, reversal)
    reversal["balance_transaction"] = posted["id"]
    state.ledger.post("payment_refund", -amount, payment, account=account)
    payment["amount_refunded"] += amount
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"]["data"].insert(0, reversal)
    state.events.note("transfer.reversed", transfer)


def _list_reversals(call: Call) -> Json:
    return list_of(call, reversed(transfer_of(call)["reversals"]["data"]))


def _reversal(call: Call) -> Json:
    return call.state.records.get("transfer_reversal", call.ids[1], call.account)


_ALL = "/v1/transfers/{transfer}/reversals"

ROUTES = (
    Route(
        f"POST {_ALL}",
        TransferReversalCreateParams,
        _reverse,
        "transfer_reversal",
        frozenset({"amount", "metadata"}),
    ),
    Route(
        f"GET {_ALL}",
        TransferReversalListParams,
        _list_reversals,
        "transfer_reversal",
        CURSORS - {"created"},
        many=True,
    ),
    Route(
        f"GET {_ALL}/{{reversal}}",
        TransferReversalRetrieveParams,
        _reversal,
        "transfer_reversal",
    ),
)
