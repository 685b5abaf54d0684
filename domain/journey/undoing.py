"""A step that was confirmed by mistake: for a moment it can be taken back, before any money depends on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.contracts import Actor, CodePurpose, Standing
from domain.deadlines import DeadlineKind
from domain.errors import Refusal, RefusalCode
from domain.ids import PersonId
from domain.journey.relay import RELAY_CLOCKS
from domain.journey.silence import SILENCE_CLOCKS
from domain.journey.terms import UndoPolicy
from domain.leaving.contracts import NoShow
from domain.lifecycle import DeliveryState, require_open
from domain.status import IN_CUSTODY, DeliveryStatus
from domain.transitions import EventKind

UNDO_UNTIL = "undo_until"
"""Fact of a step: until when it can be undone, in ISO 8601, UTC."""

_E, _D = EventKind, DeliveryStatus

LEADS_TO: Mapping[EventKind, frozenset[DeliveryStatus]] = {
    _E.PICKED_UP: IN_CUSTODY,
    _E.HANDED_OVER: frozenset({_D.DELIVERED}),
    _E.PARCEL_LEFT: frozenset({_D.DELIVERED}),
}
"""Steps that can be undone, with where a delivery stands as long as nothing else has happened."""
UNDONE_BY: Mapping[EventKind, EventKind] = {
    _E.PICKED_UP: _E.PICKUP_UNDONE,
    _E.HANDED_OVER: _E.HANDOVER_UNDONE,
    _E.PARCEL_LEFT: _E.HANDOVER_UNDONE,
}
"""The event that takes each back."""
NEW_CODE: Mapping[EventKind, CodePurpose] = {
    _E.PICKED_UP: CodePurpose.PICKUP,
    _E.HANDED_OVER: CodePurpose.HANDOVER,
}
"""The code that is issued for another try; that of a parcel that was left has not been used."""
HAPPENS_AGAIN = frozenset({"picked_up", "arrived", "handed_over", "parcel_left"})
"""Keys of events that may happen again after one of them was undone."""


@dataclass(frozen=True, slots=True)
class UndoStep:
    """Somebody says that the last step was confirmed by mistake."""

    actor: Actor
    """Whoever loses by taking the step back."""


@dataclass(frozen=True, slots=True)
class Undoable:
    """The last step that can be undone."""

    event: EventKind
    """Which step: a key of `LEADS_TO`."""
    before: Standing
    """Where the delivery stood before it."""
    until: datetime
    """Until when it can be undone, in UTC."""


def undoable_step(
    policy: UndoPolicy, event: EventKind, before: Standing, no_show: NoShow | None, now: datetime
) -> Undoable | None:
    """Return what can be undone once a step is taken, or none when it is not such a step.

    Who was reported as absent came after all: what was agreed before the report holds again.
    """
    if event not in LEADS_TO or not policy.window_s:
        return None
    if no_show is not None:
        before = replace(before, deadline_kind=DeadlineKind.PICKUP, deadline_at=no_show.pickup_at)
    return Undoable(event, before, now + timedelta(seconds=policy.window_s))


def check_undo(
    state: DeliveryState, undoable: Undoable | None, undone: int, command: UndoStep, now: datetime
) -> None:
    """Check that a step was taken just now, that nothing has followed, and that you lose by taking it back.

    Raises:
        Refusal: `delivery_closed`, `wrong_state`, `not_your_role` or `undo_window_closed`.
    """
    require_open(state)
    if undoable is None or not _is_last(state, undoable):
        raise Refusal(
            RefusalCode.WRONG_STATE, f"The delivery is {state.status}: no step can be undone now."
        )
    person_id = command.actor.person_id
    if person_id is None or person_id != _loser(state, undoable.event):
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Only the side that loses by it undoes a step.")
    policy = state.order.policies.undo
    if now >= undoable.until or undone >= policy.times_max:
        raise Refusal(
            RefusalCode.UNDO_WINDOW_CLOSED, "This step can no longer be undone; open a dispute."
        )


def standing_again(
    policy: UndoPolicy,
    undoable: Undoable,
    present: Standing,
    overdue_at: datetime | None,
    now: datetime,
) -> Standing:
    """Return where the delivery stands once a step is undone.

    The payment stays as it is: what was captured for the pickup is held. The clock of the step goes on,
    with time for another try; a traveler who was looked for has been heard, and a relay has ended.
    """
    before = undoable.before
    kind, due_at = before.deadline_kind, before.deadline_at
    if kind in SILENCE_CLOCKS | RELAY_CLOCKS:
        kind, due_at = DeadlineKind.HANDOVER, overdue_at
    soonest = now + timedelta(seconds=policy.retry_s)
    return replace(
        present,
        status=before.status,
        deadline_kind=kind,
        deadline_at=soonest if due_at is None else max(due_at, soonest),
    )


def _is_last(state: DeliveryState, undoable: Undoable) -> bool:
    """Tell whether nothing has followed a step; after a relay the parcel is with somebody else."""
    is_same = state.standing.traveler_id == undoable.before.traveler_id
    return is_same and state.status in LEADS_TO[undoable.event]


def _loser(state: DeliveryState, event: EventKind) -> PersonId | None:
    """Return who gives a proof away when a step is undone.

    The sender loses the proof that the traveler has the parcel, and the traveler the proof of having
    brought it. Whoever gains by it could take the parcel and then the proof.
    """
    if event is _E.PICKED_UP:
        return state.order.sender_id
    return state.standing.traveler_id
