"""A traveler of whom nothing is heard: who is asked when, step by step, until an agent looks.

A position, an arrival and a word of the traveler are signs of life. Positions never enter a workflow:
it looks for them when a clock runs out, and is told only when a silence that was noticed has ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.contracts import Actor, Role
from domain.deadlines import DeadlineKind
from domain.errors import Refusal, RefusalCode
from domain.journey.contracts import CheckIn
from domain.journey.terms import SilencePolicy
from domain.lifecycle import DeliveryState, require_open, require_traveler
from domain.status import IN_CUSTODY
from domain.transitions import EventKind

SILENCE_CLOCKS = frozenset(
    {DeadlineKind.CHECK_IN, DeadlineKind.URGENT_CHECK_IN, DeadlineKind.TRACE}
)
"""Clocks that run while a silence is noticed; a sign of life ends each of them."""
_STAFF = frozenset({Role.AGENT, Role.OPERATOR})


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder."""

    event: EventKind
    """What happens: somebody is asked."""
    clock: DeadlineKind
    """What is armed then."""
    lasts_s: int | None
    """For how long; none for as long as the handover is not overdue."""


def next_rung(policy: SilencePolicy, armed: str | None) -> Rung | None:
    """Return what follows when nothing was heard until the armed clock ran out."""
    rungs: Mapping[str | None, Rung] = {
        DeadlineKind.HANDOVER: Rung(
            EventKind.TRAVELER_NUDGED, DeadlineKind.CHECK_IN, policy.answer_s
        ),
        DeadlineKind.CHECK_IN: Rung(
            EventKind.TRAVELER_URGED, DeadlineKind.URGENT_CHECK_IN, policy.urgent_answer_s
        ),
        DeadlineKind.URGENT_CHECK_IN: Rung(EventKind.TRAVELER_MISSING, DeadlineKind.TRACE, None),
    }
    return rungs.get(armed)


def silent_at(policy: SilencePolicy, heard_at: datetime) -> datetime | None:
    """Return when a traveler who was heard last then counts as silent; never where nobody asks."""
    return heard_at + timedelta(seconds=policy.silence_s) if policy.silence_s else None


def warned_at(
    policy: SilencePolicy, picked_up_at: datetime, handover_due_at: datetime
) -> datetime | None:
    """Return when the traveler is warned of the end of the time, or none on ways that are short."""
    warning = timedelta(seconds=policy.late_warning_s)
    is_short = handover_due_at - picked_up_at < 2 * warning
    return None if is_short or not policy.silence_s else handover_due_at - warning


def check_check_in(state: DeliveryState, command: CheckIn) -> None:
    """Check that the traveler, or staff who reached the traveler, says that all is well.

    Raises:
        Refusal: `not_your_role`, `delivery_closed` or `wrong_state`.
    """
    _require_traveler_or_staff(state, command.actor)
    require_open(state)
    if state.status not in IN_CUSTODY:
        raise Refusal(
            RefusalCode.WRONG_STATE, f"The delivery is {state.status}: nobody waits for a sign."
        )


def _require_traveler_or_staff(state: DeliveryState, actor: Actor) -> None:
    order = state.order
    parties = (order.customer_id, order.sender_id, order.recipient_id)
    if actor.role not in _STAFF or actor.person_id in parties:
        require_traveler(state, actor)
