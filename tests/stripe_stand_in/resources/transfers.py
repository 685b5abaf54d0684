"""Transfers to connected accounts."""

from __future__ import annotations

from stripe.params import (
    TransferCreateParams,
    TransferListParams,
    TransferRetrieveParams,
    TransferUpdateParams,
)

from tests.stripe_stand_in.currencies import check_amount
from tests.stripe_stand_in.listing import CURSORS, list_of
from tests.stripe_stand_in.records import merge_metadata
from tests.stripe_stand_in.refusals import Json, invalid, missing_resource, not_modelled
from tests.stripe_stand_in.resources.accounts import capability_status
from tests.stripe_stand_in.resources.methods import NO_BILLING
from tests.stripe_stand_in.resources.paying import dispute_as_scripted
from tests.stripe_stand_in.routing import Call, Route
from tests.stripe_stand_in.state import StripeState


def _create(call: Call) -> Json:
    state, given = call.state, call.parameters
    if call.account is not None:
        what = "transfers from connected accounts"
        raise not_modelled(what)
    if "amount" not in given:
        raise invalid("Missing required param: amount.", code="parameter_missing", param="amount")
    amount = check_amount(given["amount"], given["currency"])
    account = _destination(state, given["destination"])
    source = _source(state, given, amount)
    if source is None and state.ledger.balance(given["currency"]).available < amount:
        raise insufficient("transfer")
    transfer = state.records.add("tr", "transfer", _fields(given, source))
    if source is not None:
        source["transfer_group"] = transfer["transfer_group"]
    available_on = _available_on(state, source)
    posted = state.ledger.post("transfer", -amount, transfer, available_on=available_on)
    transfer["balance_transaction"] = posted["id"]
    transfer["destination_payment"] = _arrive(state, transfer, account, available_on)["id"]
    state.events.note("transfer.created", transfer)
    if source is not None and state.terms.disputes_after_transfer:
        dispute_as_scripted(state, source)
    return transfer


def _fields(given: Json, source: Json | None) -> Json:
    group = given.get("transfer_group")
    if source is not None and group is None:
        group = source["transfer_group"] or f"group_{source['payment_intent']}"
    return {
        "amount": given["amount"],
        "amount_reversed": 0,
        "balance_transaction": None,
        "currency": given["currency"],
        "description": given.get("description"),
        "destination": given["destination"],
        "destination_payment": None,
        "livemode": False,
        "metadata": given.get("metadata", {}),
        "reversals": {"object": "list", "has_more": False, "url": "", "data": []},
        "reversed": False,
        "source_transaction": None if source is None else source["id"],
        "source_type": "card",
        "transfer_group": group,
    }


def _destination(state: StripeState, identifier: str) -> Json:
    account = state.records.find("account", identifier)
    if account is None:
        kind = "destination"
        raise missing_resource(kind, identifier, "destination")
    if capability_status(account, "transfers") != "active":
        message = (
            "Your destination account needs to have at least one of the following capabilities "
            "enabled: transfers, crypto_transfers, legacy_payments"
        )
        raise invalid(message, code="insufficient_capabilities_for_transfer")
    return account


def _source(state: StripeState, given: Json, amount: int) -> Json | None:
    """Return the charge that pays for a transfer.

    Refunds of the charge do not lower what may be transferred from it: as at Stripe, keeping
    refunds and transfers of one charge apart is the platform's own business.
    """
    if "source_transaction" not in given:
        return None
    identifier: str = given["source_transaction"]
    charge = state.records.find("charge", identifier)
    if charge is None or charge["status"] != "succeeded":
        kind = "charge"
        raise missing_resource(kind, identifier, "source_transaction")
    if not charge["captured"]:
        message = f"Cannot use uncaptured charge {identifier} as a source_transaction."
        raise invalid(message, param="source_transaction")
    if charge["currency"] != given["currency"]:
        message = f"The currency of source_transaction's balance transaction ({charge['currency']}) must be the same as the transfer currency ({given['currency']})"
        raise invalid(message, param="source_transaction")
    group = given.get("transfer_group")
    if group is not None and charge["transfer_group"] not in (None, group):
        message = "The transfer_group must be the one of the source_transaction."
        raise invalid(message, param="transfer_group")
    taken = sum(
        each["amount"]
        for each in state.records.of("transfer")
        if each["source_transaction"] == identifier
    )
    if taken + amount > charge["amount_captured"]:
        message = f"The sum of the transfers of {identifier} exceeds the charge's amount."
        raise invalid(message, param="amount")
    return charge


def _available_on(state: StripeState, source: Json | None) -> int:
    now = state.clock.now()
    if source is None:
        return now
    booked: list[int] = [
        each["available_on"]
        for each in state.ledger.transactions()
        if each["source"] == source["id"]
    ]
    return max([now, *booked])


def _arrive(state: StripeState, transfer: Json, account: Json, available_on: int) -> Json:
    payment = state.records.add(
        "py",
        "charge",
        {
            "amount": transfer["amount"],
            "amount_captured": transfer["amount"],
            "amount_refunded": 0,
            "balance_transaction": None,
            "billing_details": NO_BILLING,
            "captured": True,
            "currency": transfer["currency"],
            "customer": None,
            "description": None,
            "disputed": False,
            "livemode": False,
            "metadata": {},
            "paid": True,
            "payment_intent": None,
            "refunded": False,
            "source_transfer": transfer["id"],
            "status": "succeeded",
            "transfer_group": None,
        },
        account=account["id"],
    )
    posted = state.ledger.post(
        "payment", transfer["amount"], payment, account=account["id"], available_on=available_on
    )
    payment["balance_transaction"] = posted["id"]
    return payment


def insufficient(what: str) -> Exception:
    """Return the refusal of a movement that the balance does not cover."""
    return invalid(
        f"You have insufficient available funds in your Stripe account for this {what}.",
        code="balance_insufficient",
    )


def transfer_of(call: Call) -> Json:
    """Return the transfer that a path names first."""
    return call.state.records.get("transfer", call.ids[0], call.account, param="transfer")


def _update(call: Call) -> Json:
    transfer = transfer_of(call)
    merge_metadata(transfer, call.parameters.get("metadata"))
    if "description" in call.parameters:
        transfer["description"] = call.parameters["description"]
    call.state.events.note("transfer.updated", transfer)
    return transfer


def _list(call: Call) -> Json:
    found = call.state.records.of("transfer", call.account)
    return list_of(call, found, "destination", "transfer_group")


_ONE = "/v1/transfers/{transfer}"
_NEW = frozenset(
    {
        "amount",
        "currency",
        "description",
        "destination",
        "metadata",
        "source_transaction",
        "transfer_group",
    }
)
_LIST = CURSORS | {"destination", "transfer_group"}

ROUTES = (
    Route("POST /v1/transfers", TransferCreateParams, _create, "transfer", _NEW),
    Route(f"GET {_ONE}", TransferRetrieveParams, transfer_of, "transfer"),
    Route(
        f"POST {_ONE}",
        TransferUpdateParams,
        _update,
        "transfer",
        frozenset({"metadata", "description"}),
    ),
    Route("GET /v1/transfers", TransferListParams, _list, "transfer", _LIST, many=True),
)
