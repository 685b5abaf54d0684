"""What became of a parcel, as far as it is proven: read from the events of its delivery."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from domain.transitions import EventKind


class ProofOutcome(StrEnum):
    """What a proof document proves."""

    ON_ITS_WAY = "on_its_way"
    HANDED_OVER = "handed_over"
    LEFT = "left"
    FAILED_HANDOVER = "failed_handover"
    RETURNED = "returned"
    CANCELLED_AFTER_PICKUP = "cancelled_after_pickup"
    LOST = "lost"
    OVERRIDDEN = "overridden"


_K, _O = EventKind, ProofOutcome
OUTCOMES: Mapping[str, ProofOutcome] = {
    _K.PICKED_UP: _O.ON_ITS_WAY,
    _K.RELAYED: _O.ON_ITS_WAY,
    _K.HANDED_OVER: _O.HANDED_OVER,
    _K.HANDED_OVER_LATE: _O.HANDED_OVER,
    _K.HANDOVER_UNDONE: _O.ON_ITS_WAY,
    _K.PARCEL_LEFT: _O.LEFT,
    _K.HANDOVER_FAILED: _O.FAILED_HANDOVER,
    _K.RETURN_STARTED: _O.FAILED_HANDOVER,
    _K.RETURNED: _O.RETURNED,
    _K.LOSS_REPORTED: _O.LOST,
    _K.TRAVELER_MISSING: _O.LOST,
    _K.TRAVELER_HEARD: _O.ON_ITS_WAY,
    "pickup_overridden": _O.OVERRIDDEN,
    "handover_overridden": _O.OVERRIDDEN,
    "return_overridden": _O.OVERRIDDEN,
}
"""What each event says of the parcel; the others say nothing of it."""
_CANCELLED = frozenset({_K.PICKUP_UNDONE, _K.CANCELLED, _K.CANCELLATION_STARTED})
"""Events that say that a parcel which was picked up is not carried any more."""
_TOLD_BESIDES: frozenset[str] = frozenset(
    {
        _K.REQUEST_OPENED,
        _K.OFFER_ACCEPTED,
        _K.PICKUP_VERIFIED,
        _K.ARRIVED,
        _K.DISPUTE_OPENED,
        _K.ADDRESS_CORRECTED,
        _K.RECIPIENT_CORRECTED,
        _K.REOPENED,
    }
)
TOLD: frozenset[str] = frozenset(OUTCOMES) | _CANCELLED | _TOLD_BESIDES
"""Events that a proof document tells in words: where the parcel was, never what was paid."""


def outcome_of(kinds: Iterable[str]) -> ProofOutcome | None:
    """Return what is proven by the events of a delivery, in their order; none before the pickup."""
    outcome: ProofOutcome | None = None
    for kind in kinds:
        if kind in _CANCELLED:
            outcome = outcome and _O.CANCELLED_AFTER_PICKUP
        elif outcome is _O.LOST and OUTCOMES.get(kind) is _O.FAILED_HANDOVER:
            continue
        else:
            outcome = OUTCOMES.get(kind, outcome)
    return outcome
