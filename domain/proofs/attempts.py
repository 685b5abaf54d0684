"""Which handover a proof is for: the one that was under way when it was added, and no other."""

from __future__ import annotations

from collections.abc import Mapping

from domain.contracts import CodePurpose
from domain.transitions import EventKind

_E = EventKind
OPENED_BY: Mapping[CodePurpose, frozenset[EventKind]] = {
    # Another traveler, or the same one once more.
    CodePurpose.PICKUP: frozenset({_E.OFFER_ACCEPTED, _E.PICKUP_UNDONE, _E.PICKUP_CODE_RENEWED}),
    # A try ends with the report that it failed: the picture of a closed door is none of a handover.
    CodePurpose.HANDOVER: frozenset(
        {
            _E.PICKED_UP,
            _E.PICKUP_OVERRIDDEN,
            _E.RELAYED,
            _E.HANDOVER_FAILED,
            _E.HANDOVER_UNDONE,
            _E.RECIPIENT_CORRECTED,
        }
    ),
    CodePurpose.RETURN: frozenset({_E.RETURN_STARTED}),
    CodePurpose.RELAY: frozenset({_E.RELAY_ASKED}),
}
"""Events that open an attempt at a leg: what was proven before the last of them counts for it no more."""
