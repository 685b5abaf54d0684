"""Payouts to banks, balances and balance transactions of the platform and of connected accounts."""

from __future__ import annotations

from stripe.params import (
    BalanceRetrieveParams,
    BalanceTransactionListParams,
    BalanceTransactionRetrieveParams,
    PayoutCancelParams,
    PayoutCreateParams,
    PayoutListParams,
    PayoutRetrieveParams,
)

from tests.stripe_stand_in.currencies import check_amount
from tests.stripe_stand_in.listing import CURSORS, list_of
from tests.stripe_stand_in.refusals import Json, invalid
from tests.stripe_stand_in.resources.transfers import insufficient
from tests.stripe_stand_in.routing import Call, Route
from tests.stripe_stand_in.state import StripeState


def _create(call: Call) -> Json:
    given = call.parameters
    check_amount(given["amount"], given["currency"])
    if call.account is not None:
        account = call.state.records.get("account", call.account, param="account")
        if not account["payouts_enabled"]:
            message = "Cannot create payouts: payouts are not enabled on this account."
            raise invalid(message, code="payouts_not_allowed")
    return make_payout(call.state, call.account, given, automatic=False)


def make_payout(state: StripeState, account: str | None, given: Json, *, automatic: bool) -> Json:
    """Send money to a bank.

    Raises:
        StripeRefusal: `balance_insufficient`.
    """
    if state.ledger.balance(given["currency"], account).available < given["amount"]:
        raise insufficient("payout")
    banks = state.records.of("bank_account", account)
    payout = state.records.add(
        "po",
        "payout",
        {
            **_SILENT,
            "amount": given["amount"],
            "arrival_date": state.clock.now() + state.terms.payout_s,
            "automatic": automatic,
            "balance_transaction": None,
            "currency": given["currency"],
            "description": given.get("description"),
            "destination": banks[-1]["id"] if banks else None,
            "livemode": False,
            "metadata": given.get("metadata", {}),
            "method": given.get("method", "standard"),
            "reconciliation_status": "in_progress" if automatic else "not_applicable",
            "source_type": "card",
            "statement_descriptor": given.get("statement_descriptor"),
            "status": "pending",
            "type": "bank_account",
        },
        account=account,
    )
    posted = state.ledger.post("payout", -payout["amount"], payout, account=account)
    payout["balance_transaction"] = posted["id"]
    state.events.note("payout.created", payout, account=account)
    state.later(lambda: arrive(state, payout), state.terms.payout_s)
    return payout


_SILENT: Json = dict.fromkeys(
    (
        "application_fee",
        "application_fee_amount",
        "failure_balance_transaction",
        "failure_code",
        "failure_message",
        "original_payout",
        "reversed_by",
        "trace_id",
    )
)


def arrive(state: StripeState, payout: Json) -> None:
    """Let the bank receive a payout."""
    if payout["status"] in ("pending", "in_transit"):
        payout["status"] = "paid"
        state.events.note("payout.paid", payout, account=state.records.owner(payout["id"]))


def fail(state: StripeState, payout: Json, code: str) -> None:
    """Let the bank send a payout back; Stripe may report that even after it was paid."""
    if payout["status"] in ("failed", "canceled"):
        return
    _come_back(state, payout, "payout_failure")
    payout |= {"status": "failed", "failure_code": code, "failure_message": f"Failed: {code}."}
    state.events.note("payout.failed", payout, account=state.records.owner(payout["id"]))


def _come_back(state: StripeState, payout: Json, kind: str) -> None:
    account = state.records.owner(payout["id"])
    posted = state.ledger.post(kind, payout["amount"], payout, account=account)
    payout["failure_balance_transaction"] = posted["id"]


def _payout(call: Call) -> Json:
    return call.state.records.get("payout", call.ids[0], call.account, param="payout")


def _cancel(call: Call) -> Json:
    payout = _payout(call)
    if payout["status"] != "pending":
        message = f"Payout {payout['id']} is {payout['status']} and can no longer be canceled."
        raise invalid(message, code="payout_unexpected_state")
    _come_back(call.state, payout, "payout_cancel")
    payout["status"] = "canceled"
    call.state.events.note("payout.canceled", payout, account=call.account)
    return payout


def _list(call: Call) -> Json:
    return list_of(call, call.state.records.of("payout", call.account), "destination", "status")


def _balance(call: Call) -> Json:
    ledger = call.state.ledger
    held = {code: ledger.balance(code, call.account) for code in ledger.currencies(call.account)}
    return {
        "object": "balance",
        "available": [_amount(code, each.available) for code, each in held.items()],
        "livemode": False,
        "pending": [_amount(code, each.pending) for code, each in held.items()],
    }


def _amount(currency: str, amount: int) -> Json:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}


def _transaction(call: Call) -> Json:
    call.state.ledger.transactions(call.account)
    return call.state.records.get("balance_transaction", call.ids[0], call.account)


def _transactions(call: Call) -> Json:
    found = call.state.ledger.transactions(call.account)
    return list_of(call, found, "currency", "source", "type")


ROUTES = (
    Route(
        "POST /v1/payouts",
        PayoutCreateParams,
        _create,
        "payout",
        frozenset(
            {"amount", "currency", "description", "metadata", "method", "statement_descriptor"}
        ),
    ),
    Route("GET /v1/payouts/{payout}", PayoutRetrieveParams, _payout, "payout"),
    Route("POST /v1/payouts/{payout}/cancel", PayoutCancelParams, _cancel, "payout"),
    Route(
        "GET /v1/payouts",
        PayoutListParams,
        _list,
        "payout",
        CURSORS | {"destination", "status"},
        many=True,
    ),
    Route("GET /v1/balance", BalanceRetrieveParams, _balance, "balance"),
    Route(
        "GET /v1/balance_transactions/{transaction}",
        BalanceTransactionRetrieveParams,
        _transaction,
        "balance_transaction",
    ),
    Route(
        "GET /v1/balance_transactions",
        BalanceTransactionListParams,
        _transactions,
        "balance_transaction",
        CURSORS | {"currency", "source", "type"},
        many=True,
    ),
)
