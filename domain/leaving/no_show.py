"""Who waits at the pickup in vain: what proves it, how long the other side has, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.cancellation import CancellationCost, cancellation_cost, require_cancellable, terms_of
from domain.contracts import Actor, Role
from domain.deadlines import DeadlineKind
from domain.errors import Refusal, RefusalCode
from domain.leaving.contracts import ContestNoShow, NoShow, ReportNoShow
from domain.lifecycle import DeliveryState, is_customer, require_open
from domain.status import DeliveryStatus
from domain.transitions import EventKind


@dataclass(frozen=True, slots=True)
class AbsentSide:
    """What a report says of the side that is not there."""

    event: EventKind
    """What happened."""
    clock: DeadlineKind
    """The clock in which that side may still come, or contest."""


SIDES: Mapping[Role, AbsentSide] = {
    Role.SENDER: AbsentSide(EventKind.SENDER_ABSENT, DeadlineKind.SENDER_NO_SHOW),
    Role.TRAVELER: AbsentSide(EventKind.TRAVELER_ABSENT, DeadlineKind.TRAVELER_NO_SHOW),
}
"""By who is absent."""


def absent_side(actor: Actor) -> Role:
    """Return who is not there when this person is."""
    return Role.SENDER if actor.role is Role.TRAVELER else Role.TRAVELER


def reported(state: DeliveryState, actor: Actor, now: datetime) -> tuple[NoShow, datetime]:
    """Return a report as it is remembered, and until when the other side has time."""
    wait = timedelta(seconds=state.order.policies.cancellation.no_show_wait_s)
    return NoShow(absent_side(actor), state.standing.deadline_at), now + wait


def check_report_no_show(state: DeliveryState, command: ReportNoShow, now: datetime) -> None:
    """Check that one side of the pickup may say that the other is not there.

    The traveler proves to be there by a position near the place; the sender, whom the traveler comes
    to, by the time: before its last hours nobody is late.
    """
    is_traveler = command.actor.role is Role.TRAVELER
    _require_party(state, command.actor)
    _require_waiting(state)
    if state.no_show is not None:
        raise Refusal(RefusalCode.WRONG_STATE, "Somebody has been reported already.")
    policy = state.order.policies.cancellation
    ahead_s = policy.no_show_arrival_ahead_s if is_traveler else policy.no_show_ahead_s
    due_at = state.standing.deadline_at
    if due_at is None or now < due_at - timedelta(seconds=ahead_s):
        raise Refusal(
            RefusalCode.NO_SHOW_TOO_EARLY,
            f"Nobody is late yet: this can be reported in the last {ahead_s // 3_600} hours.",
        )
    if is_traveler:
        _require_near(command.distance_m, policy.no_show_radius_m)


def check_contest_no_show(state: DeliveryState, command: ContestNoShow) -> None:
    """Check that somebody is reported, and that it is the reported side who contests."""
    _require_party(state, command.actor)
    _require_waiting(state)
    if state.no_show is None:
        raise Refusal(RefusalCode.WRONG_STATE, "Nobody has been reported.")
    if absent_side(command.actor) is state.no_show.absent:
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Only who was reported may contest it.")


def no_show_cost(state: DeliveryState, now: datetime) -> CancellationCost:
    """Return what it costs the customer that the sender has not come."""
    return cancellation_cost(terms_of(state), Role.CUSTOMER, now)


def _require_party(state: DeliveryState, actor: Actor) -> None:
    require_open(state)
    is_sender = actor.person_id is not None and actor.person_id == state.order.sender_id
    is_traveler = actor.person_id is not None and actor.person_id == state.standing.traveler_id
    fits = is_traveler if actor.role is Role.TRAVELER else is_sender or is_customer(state, actor)
    if not fits or actor.role not in (Role.CUSTOMER, Role.SENDER, Role.TRAVELER):
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Only the two sides of the pickup may do this.")


def _require_waiting(state: DeliveryState) -> None:
    require_cancellable(state.status)
    if state.status is not DeliveryStatus.AWAITING_PICKUP or state.cancelled_by is not None:
        raise Refusal(
            RefusalCode.WRONG_STATE, f"The delivery is {state.status}: no pickup is waited for."
        )


def _require_near(distance_m: int | None, radius_m: int) -> None:
    if distance_m is None or distance_m > radius_m:
        known = "no position was sent" if distance_m is None else f"you are {distance_m} m away"
        raise Refusal(
            RefusalCode.POSITION_NOT_NEAR,
            f"This needs a position within {radius_m} m of the pickup: {known}.",
        )
