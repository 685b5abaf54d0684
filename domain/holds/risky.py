"""Which decision about risk a hold was placed for, and which ones its end lets pass."""

from __future__ import annotations

from uuid import UUID

from domain.errors import Refusal, RefusalCode

DECIDED = "risk_decision"
"""Fact of a hold's events: the decision about risk that has placed the hold."""
LOOKED_AT = "risk_looked_at"
"""Fact of the event that ends a hold: another decision that whoever ended it has looked at."""


def placing_facts(decision_id: str) -> dict[str, str]:
    """Return what the event of a hold says of the decision behind it, in the one spelling of ids."""
    return {DECIDED: str(UUID(decision_id))} if decision_id else {}


def lifting_facts(decision_id: str, looked_at: str) -> dict[str, str]:
    """Return what the event of a hold's end says of the decisions that may pass from now on.

    People name decisions by hand, and ids are compared as text: capitals and hyphens make no other one.
    """
    return placing_facts(decision_id) | ({LOOKED_AT: str(UUID(looked_at))} if looked_at else {})


def require_decision_id(decision_id: str) -> None:
    """Check that a decision is named by an id, or none is named.

    Raises:
        Refusal: `risk_decision_unknown`.
    """
    if not decision_id:
        return
    try:
        UUID(decision_id)
    except ValueError as error:
        raise Refusal(
            RefusalCode.RISK_DECISION_UNKNOWN, "The decision's id is not one of ours."
        ) from error
