"""What a transition writes about the claim of a scan that was made without network."""

from __future__ import annotations

from typing import Any

from domain.handover.methods import CLAIM_ID
from domain.transitions import EventKind, Transition

_MOVES_CUSTODY = frozenset(
    {
        EventKind.PICKED_UP,
        EventKind.HANDED_OVER,
        EventKind.HANDED_OVER_LATE,
        EventKind.RETURNED,
    }
)
CLAIMED = """
claimed AS (
    UPDATE custody_claim SET state = 'accepted', updated_at = CAST(:at AS timestamptz)
    FROM written
    WHERE custody_claim.delivery_id = written.delivery_id
        AND custody_claim.claim_id = CAST(:custody_claim_id AS uuid)
        AND custody_claim.state IN ('pending', 'in_review')
)"""


def claim_part(transition: Transition) -> tuple[str, dict[str, Any]] | None:
    """Return how the claim behind a transition is accepted in its statement, or none without one."""
    claim_id = transition.facts.get(CLAIM_ID)
    if claim_id is None or transition.event not in _MOVES_CUSTODY:
        return None
    return CLAIMED, {"custody_claim_id": claim_id}
