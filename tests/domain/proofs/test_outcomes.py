"""What a proof document proves, read from the events of a delivery."""

from __future__ import annotations

import pytest

from domain.proofs.outcomes import TOLD, ProofOutcome, outcome_of
from domain.transitions import EventKind

BEFORE = ["request_opened", "offer_accepted", "payment_held"]
CARRIED = [*BEFORE, "picked_up"]
END = ProofOutcome


@pytest.mark.parametrize(
    ("kinds", "outcome"),
    [
        (BEFORE, None),
        ([*BEFORE, "cancelled"], None),
        (CARRIED, END.ON_ITS_WAY),
        ([*CARRIED, "arrived", "handed_over", "released", "paid_out"], END.HANDED_OVER),
        ([*CARRIED, "handed_over", "handover_undone"], END.ON_ITS_WAY),
        ([*CARRIED, "handover_failed"], END.FAILED_HANDOVER),
        ([*CARRIED, "handover_failed", "parcel_left", "released"], END.LEFT),
        ([*CARRIED, "handover_failed", "return_started"], END.FAILED_HANDOVER),
        ([*CARRIED, "return_started", "returned", "return_settled"], END.RETURNED),
        ([*CARRIED, "pickup_undone", "cancellation_started"], END.CANCELLED_AFTER_PICKUP),
        ([*CARRIED, "pickup_undone", "picked_up"], END.ON_ITS_WAY),
        ([*CARRIED, "loss_reported", "verdict_given", "refunded"], END.LOST),
        ([*CARRIED, "traveler_missing", "dispute_opened"], END.LOST),
        ([*CARRIED, "traveler_missing", "traveler_heard", "handed_over"], END.HANDED_OVER),
        ([*CARRIED, "loss_reported", "handed_over_late"], END.HANDED_OVER),
        ([*CARRIED, "handover_overridden", "released"], END.OVERRIDDEN),
    ],
)
def test_the_last_word_about_the_parcel_counts(
    kinds: list[str], outcome: ProofOutcome | None
) -> None:
    assert outcome_of(kinds) is outcome


def test_nothing_is_told_of_payments() -> None:
    money = {
        kind for kind in EventKind if "pay" in kind or "refund" in kind or "chargeback" in kind
    }
    assert money
    assert not money & TOLD
