"""Disputes: inquiries and chargebacks, their evidence and their end."""

from __future__ import annotations

from stripe.params import (
    DisputeCloseParams,
    DisputeListParams,
    DisputeRetrieveParams,
    DisputeUpdateParams,
    DisputeUpdateParamsEvidence,
)

from tests.stripe_stand_in.listing import CURSORS, list_of
from tests.stripe_stand_in.parameters import fields_of
from tests.stripe_stand_in.records import merge_metadata
from tests.stripe_stand_in.refusals import Json, invalid, not_modelled
from tests.stripe_stand_in.routing import Call, Route
from tests.stripe_stand_in.state import StripeState

EVIDENCE_LENGTH_MAX = 150_000
"""Characters of all evidence together."""
_OPEN = ("needs_response", "warning_needs_response")
_REVIEWED = ("under_review", "warning_under_review")
_BLOCKING = ("needs_response", "under_review", "lost")
_NOT_MODELLED = frozenset({"appeal", "enhanced_evidence"})
_EVIDENCE = tuple(sorted(fields_of(DisputeUpdateParamsEvidence).keys() - _NOT_MODELLED))
_REASON_CODES = {"fraudulent": "10.4", "product_not_received": "13.1"}


def open_dispute(
    state: StripeState,
    charge: Json,
    *,
    reason: str = "fraudulent",
    inquiry: bool = False,
    amount: int | None = None,
    due_in_s: int | None = None,
) -> Json:
    """Let the cardholder's bank question a charge; a chargeback takes the money at once."""
    disputed = charge["amount_captured"] - charge["amount_refunded"] if amount is None else amount
    window_s = state.terms.dispute_window_s if due_in_s is None else due_in_s
    dispute = state.records.add(
        "du",
        "dispute",
        {
            "amount": disputed,
            "balance_transactions": [],
            "charge": charge["id"],
            "currency": charge["currency"],
            "enhanced_eligibility_types": [],
            "evidence": dict.fromkeys(_EVIDENCE) | {"enhanced_evidence": {}},
            "evidence_details": {
                "due_by": state.clock.now() + window_s,
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
                "submission_method": "not_submitted",
            },
            "is_charge_refundable": inquiry,
            "livemode": False,
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "payment_method_details": _card_of(charge, reason, inquiry=inquiry),
            "reason": reason,
            "status": "warning_needs_response" if inquiry else "needs_response",
        },
    )
    charge["disputed"] = True
    state.events.note("charge.dispute.created", dispute)
    if not inquiry:
        _withdraw(state, dispute)
    state.later(lambda: _pass_deadline(state, dispute), window_s)
    return dispute


def _card_of(charge: Json, reason: str, *, inquiry: bool) -> Json:
    brand = charge["payment_method_details"]["card"]["brand"]
    card: Json = {
        "brand": brand,
        "case_type": "inquiry" if inquiry else "chargeback",
        "network": brand,
        "network_reason_code": _REASON_CODES.get(reason, "0"),
    }
    return {"type": "card", "card": card}


def _withdraw(state: StripeState, dispute: Json) -> None:
    fee = state.terms.fees.dispute
    _move(state, dispute, -dispute["amount"], fee)
    state.events.note("charge.dispute.funds_withdrawn", dispute)


def _move(state: StripeState, dispute: Json, amount: int, fee: int) -> None:
    posted = state.ledger.post("adjustment", amount, dispute, fee=fee)
    dispute["balance_transactions"].append(posted)


def _pass_deadline(state: StripeState, dispute: Json) -> None:
    if dispute["status"] in _OPEN:
        dispute["evidence_details"]["past_due"] = True
        if dispute["status"] == "needs_response":
            rule(state, dispute, won=False)
        else:
            close_inquiry(state, dispute)


def rule(state: StripeState, dispute: Json, *, won: bool) -> None:
    """Let the bank decide; a dispute that was lost may still be won on appeal."""
    if dispute["status"] not in ("needs_response", "under_review", "lost"):
        message = f"a dispute that is {dispute['status']} cannot be ruled on"
        raise ValueError(message)
    dispute |= {"status": "won" if won else "lost", "is_charge_refundable": won}
    if won:
        fee = state.terms.fees.dispute if state.terms.fees.dispute_fee_returns else 0
        _move(state, dispute, dispute["amount"], -fee)
        state.events.note("charge.dispute.funds_reinstated", dispute)
    state.events.note("charge.dispute.closed", dispute)


def close_inquiry(state: StripeState, dispute: Json) -> None:
    """Let an inquiry end without a chargeback."""
    dispute["status"] = "warning_closed"
    state.events.note("charge.dispute.closed", dispute)


def escalate(state: StripeState, dispute: Json) -> None:
    """Turn an inquiry into a chargeback: the money leaves now."""
    if not dispute["status"].startswith("warning_"):
        message = f"a dispute that is {dispute['status']} is no inquiry"
        raise ValueError(message)
    dispute |= {"status": "needs_response", "is_charge_refundable": False}
    dispute["payment_method_details"]["card"]["case_type"] = "chargeback"
    window_s = state.terms.dispute_window_s
    dispute["evidence_details"] |= {"due_by": state.clock.now() + window_s, "past_due": False}
    state.events.note("charge.dispute.updated", dispute)
    _withdraw(state, dispute)
    state.later(lambda: _pass_deadline(state, dispute), window_s)


def blocks_refund(state: StripeState, charge: Json) -> bool:
    """Return whether a chargeback has already given a charge's money back."""
    return any(
        dispute["charge"] == charge["id"] and dispute["status"] in _BLOCKING
        for dispute in state.records.of("dispute")
    )


def _dispute(call: Call) -> Json:
    return call.state.records.get("dispute", call.ids[0], call.account, param="dispute")


def _update(call: Call) -> Json:
    dispute, given = _dispute(call), call.parameters
    evidence = given.get("evidence")
    merge_metadata(dispute, given.get("metadata"))
    if evidence is not None:
        _stage(dispute, evidence)
    if evidence is not None and given.get("submit", True):
        _submit(call.state, dispute)
    call.state.events.note("charge.dispute.updated", dispute)
    return dispute


def _stage(dispute: Json, evidence: Json) -> None:
    if dispute["status"] not in _OPEN:
        message = f"This dispute is {dispute['status']}; its evidence can no longer be changed."
        raise invalid(message, param="evidence")
    for name in _NOT_MODELLED & evidence.keys():
        what = f"evidence[{name}]"
        raise not_modelled(what)
    staged = dispute["evidence"] | evidence
    if sum(len(text) for text in staged.values() if isinstance(text, str)) > EVIDENCE_LENGTH_MAX:
        message = f"The evidence has more than {EVIDENCE_LENGTH_MAX} characters."
        raise invalid(message, param="evidence")
    dispute["evidence"] = staged
    dispute["evidence_details"]["has_evidence"] = True


def _submit(state: StripeState, dispute: Json) -> None:
    dispute["evidence_details"]["submission_count"] += 1
    dispute["evidence_details"]["submission_method"] = "manual"
    inquiry = dispute["status"] == "warning_needs_response"
    dispute["status"] = "warning_under_review" if inquiry else "under_review"
    verdict = dispute["evidence"]["uncategorized_text"]
    if verdict == "escalate_inquiry_evidence" and inquiry:
        state.later(lambda: escalate(state, dispute), 0)
    elif verdict in ("winning_evidence", "losing_evidence") and inquiry:
        state.later(lambda: close_inquiry(state, dispute), 0)
    elif verdict in ("winning_evidence", "losing_evidence"):
        state.later(lambda: rule(state, dispute, won=verdict == "winning_evidence"), 0)


def _close(call: Call) -> Json:
    dispute = _dispute(call)
    if dispute["status"] not in (*_OPEN, *_REVIEWED):
        message = f"This dispute is already closed: {dispute['status']}."
        raise invalid(message)
    if dispute["status"].startswith("warning_"):
        close_inquiry(call.state, dispute)
    else:
        rule(call.state, dispute, won=False)
    return dispute


def _list(call: Call) -> Json:
    found = call.state.records.of("dispute", call.account)
    return list_of(call, found, "charge", "payment_intent")


ROUTES = (
    Route("GET /v1/disputes/{dispute}", DisputeRetrieveParams, _dispute, "dispute"),
    Route(
        "POST /v1/disputes/{dispute}",
        DisputeUpdateParams,
        _update,
        "dispute",
        frozenset({"evidence", "metadata", "submit"}),
    ),
    Route("POST /v1/disputes/{dispute}/close", DisputeCloseParams, _close, "dispute"),
    Route(
        "GET /v1/disputes",
        DisputeListParams,
        _list,
        "dispute",
        CURSORS | {"charge", "payment_intent"},
        many=True,
    ),
)
