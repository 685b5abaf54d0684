"""Which step can be undone, by whom and for how long, and where the delivery stands then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.contracts import Actor, Role, Standing
from domain.deadlines import DeadlineKind
from domain.errors import Refusal, RefusalCode
from domain.ids import PersonId
from domain.journey.relay import RELAY_CLOCKS
from domain.journey.silence import SILENCE_CLOCKS
from domain.journey.terms import NO_UNDO, UndoPolicy
from domain.journey.undoing import LEADS_TO, UndoStep, check_undo, standing_again, undoable_step
from domain.policies import Policies
from domain.status import CLOSED, DELIVERY_MOVES, DeliveryStatus, EscrowStatus
from domain.transitions import EventKind
from tests.domain.builders import CUSTOMER, RECIPIENT, SENDER, TRAVELER, state_at

NOON = datetime(2026, 5, 10, 12, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
POLICY = UndoPolicy()
LOSER = {
    EventKind.PICKED_UP: SENDER,
    EventKind.HANDED_OVER: TRAVELER,
    EventKind.PARCEL_LEFT: TRAVELER,
}
"""Who may undo each step."""
BEFORE = Standing(
    DeliveryStatus.AWAITING_PICKUP,
    EscrowStatus.HELD,
    deadline_kind=DeadlineKind.PICKUP,
    deadline_at=NOON + HOUR,
)


def refusal(
    status: DeliveryStatus,
    event: EventKind,
    by: Actor,
    after_s: int = 0,
    *,
    undone: int = 0,
    sender: Actor = SENDER,
) -> RefusalCode | None:
    """Return why an undo is refused so many seconds after a step, or none."""
    state = state_at(status)
    policies, sender_id = Policies(undo=POLICY), sender.person_id or PersonId("")
    state.order = replace(state.order, policies=policies, sender_id=sender_id)
    before = replace(BEFORE, traveler_id=state.standing.traveler_id)
    step = undoable_step(POLICY, event, before, None, NOON)
    try:
        check_undo(state, step, undone, UndoStep(by), NOON + after_s * SECOND)
    except Refusal as refused:
        return refused.code
    return None


@pytest.mark.parametrize("status", DeliveryStatus)
def test_a_step_is_undone_only_where_it_has_led(status: DeliveryStatus) -> None:
    for event, reached in LEADS_TO.items():
        expected = None
        if status not in reached:
            closed = status in CLOSED
            expected = RefusalCode.DELIVERY_CLOSED if closed else RefusalCode.WRONG_STATE
        assert refusal(status, event, LOSER[event]) is expected


def test_it_is_undone_within_its_window_and_not_too_often() -> None:
    step = (DeliveryStatus.IN_TRANSIT, EventKind.PICKED_UP, SENDER)
    assert refusal(*step, after_s=59) is None
    assert refusal(*step, after_s=60) is RefusalCode.UNDO_WINDOW_CLOSED
    assert refusal(*step, undone=POLICY.times_max) is RefusalCode.UNDO_WINDOW_CLOSED


@pytest.mark.parametrize("event", LEADS_TO)
def test_only_the_side_that_loses_by_it_undoes_a_step(event: EventKind) -> None:
    reached = min(LEADS_TO[event])
    stranger, nobody = Actor(Role.TRAVELER, PersonId("somebody")), Actor(Role.OPERATOR)
    for by in (CUSTOMER, SENDER, TRAVELER, RECIPIENT, stranger, nobody):
        expected = None if by == LOSER[event] else RefusalCode.NOT_YOUR_ROLE
        assert refusal(reached, event, by) is expected


def test_a_customer_undoes_a_pickup_only_when_they_are_the_sender() -> None:
    step = (DeliveryStatus.IN_TRANSIT, EventKind.PICKED_UP, CUSTOMER)
    assert refusal(*step) is RefusalCode.NOT_YOUR_ROLE
    assert refusal(*step, sender=CUSTOMER) is None


def test_a_pickup_is_not_undone_once_another_traveler_has_the_parcel() -> None:
    state = state_at(DeliveryStatus.IN_TRANSIT)
    step = undoable_step(POLICY, EventKind.PICKED_UP, state.standing, None, NOON)
    state.standing = replace(state.standing, traveler_id=PersonId("second"))
    with pytest.raises(Refusal) as refused:
        check_undo(state, step, 0, UndoStep(SENDER), NOON)
    assert refused.value.code is RefusalCode.WRONG_STATE


def test_a_delivery_without_the_window_and_any_other_event_cannot_be_undone() -> None:
    assert undoable_step(NO_UNDO, EventKind.PICKED_UP, BEFORE, None, NOON) is None
    assert undoable_step(POLICY, EventKind.ARRIVED, BEFORE, None, NOON) is None


def test_the_clock_goes_on_with_time_for_another_try_and_the_payment_stays() -> None:
    step = undoable_step(POLICY, EventKind.PICKED_UP, BEFORE, None, NOON)
    assert step is not None
    present = replace(BEFORE, status=DeliveryStatus.IN_TRANSIT, deadline_at=NOON + 90 * HOUR)
    again = standing_again(POLICY, step, present, None, NOON)
    assert again == BEFORE
    late = standing_again(POLICY, step, present, None, NOON + HOUR)
    assert late.deadline_at == NOON + HOUR + POLICY.retry_s * SECOND


@pytest.mark.parametrize("kind", sorted(SILENCE_CLOCKS | RELAY_CLOCKS))
def test_a_traveler_at_the_door_is_no_longer_looked_for_nor_met(kind: DeadlineKind) -> None:
    carried = replace(BEFORE, status=DeliveryStatus.ARRIVED, deadline_kind=kind)
    step = undoable_step(POLICY, EventKind.HANDED_OVER, carried, None, NOON)
    assert step is not None
    present = replace(carried, status=DeliveryStatus.DELIVERED)
    again = standing_again(POLICY, step, present, NOON + 5 * HOUR, NOON)
    assert (again.deadline_kind, again.deadline_at) == (DeadlineKind.HANDOVER, NOON + 5 * HOUR)


def test_every_way_back_is_a_move_that_a_delivery_can_make() -> None:
    assert DeliveryStatus.AWAITING_PICKUP in DELIVERY_MOVES[DeliveryStatus.IN_TRANSIT]
    assert DeliveryStatus.AWAITING_PICKUP in DELIVERY_MOVES[DeliveryStatus.ARRIVED]
    back = DELIVERY_MOVES[DeliveryStatus.DELIVERED]
    assert {DeliveryStatus.IN_TRANSIT, DeliveryStatus.ARRIVED} <= back
