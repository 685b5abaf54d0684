"""What an approved override does to its delivery: custody moves as by a scan, and the money waits longer."""

from __future__ import annotations

from collections.abc import Mapping

from domain.contracts import CodePurpose
from domain.errors import Refusal, RefusalCode
from domain.lifecycle import DeliveryState, require_open
from domain.overriding.rules import (
    OverrideFact,
    OverrideNote,
    OverrideOrder,
    OverrideStatus,
    OverrideStep,
    check_approver,
    check_ask,
)
from domain.sos import FOR_STAFF
from domain.status import IN_CUSTODY, DeliveryStatus
from domain.transitions import EventKind, LateEvent

EVENTS: Mapping[CodePurpose, EventKind] = {
    CodePurpose.PICKUP: EventKind.PICKUP_OVERRIDDEN,
    CodePurpose.HANDOVER: EventKind.HANDOVER_OVERRIDDEN,
    CodePurpose.RETURN: EventKind.RETURN_OVERRIDDEN,
}
"""The event of each step that was taken without a code."""
_TAKEN_AT: Mapping[CodePurpose, frozenset[DeliveryStatus]] = {
    CodePurpose.PICKUP: frozenset({DeliveryStatus.AWAITING_PICKUP, DeliveryStatus.CAPTURING}),
    CodePurpose.HANDOVER: IN_CUSTODY,
    CodePurpose.RETURN: frozenset({DeliveryStatus.RETURNING}),
}


def check_override_step(state: DeliveryState, command: OverrideStep) -> None:
    """Check that an override is by two people of staff, and for the step that comes next.

    Whether it is in time is decided where its code is used up: by then it is approved, or over.

    Raises:
        Refusal: `delivery_closed`, `not_your_role`, `override_same_person` or `wrong_state`.
    """
    require_open(state)
    order = state.order
    parties = (order.customer_id, order.sender_id, order.recipient_id, state.standing.traveler_id)
    check_ask(command.order, parties)
    check_approver(command.order, command.approved_by, parties)
    is_leaving = state.cancelled_by is not None
    if state.status not in _TAKEN_AT[command.order.step] or is_leaving:
        raise Refusal(
            RefusalCode.WRONG_STATE,
            f"The delivery is {state.status}: its {command.order.step} cannot be overridden now.",
        )


def facts_of(order: OverrideOrder) -> dict[str, str]:
    """Return what every event of an override says."""
    return {
        OverrideFact.OVERRIDE_ID: order.override_id,
        OverrideFact.STEP: order.step,
        OverrideFact.CAUSE: order.cause,
        OverrideFact.ASKED_BY: order.asked_by.person_id or "",
        OverrideFact.ASKED_BY_ROLE: order.asked_by.role,
    }


def late_event(note: OverrideNote) -> LateEvent:
    """Return the event that tells how far an override is; only staff learn of it before it is applied."""
    order, event = note.order, _NOTED[note.status]
    said = {
        OverrideFact.BECAUSE: note.because,
        OverrideFact.APPROVAL_ID: note.approval_id,
        "note": note.note,
    }
    facts = {**facts_of(order), **{name: text for name, text in said.items() if text}, **FOR_STAFF}
    key = f"{event}:{order.override_id}"
    return LateEvent(order.delivery_id, key, event, note.actor, note.at, facts)


_NOTED: Mapping[OverrideStatus, EventKind] = {
    OverrideStatus.ASKED: EventKind.OVERRIDE_ASKED,
    OverrideStatus.APPROVED: EventKind.OVERRIDE_APPROVED,
    OverrideStatus.REFUSED: EventKind.OVERRIDE_REFUSED,
    OverrideStatus.WITHDRAWN: EventKind.OVERRIDE_WITHDRAWN,
    OverrideStatus.EXPIRED: EventKind.OVERRIDE_EXPIRED,
    OverrideStatus.FAILED: EventKind.OVERRIDE_FAILED,
}
"""The event of each state; the step itself tells that it is applied."""
