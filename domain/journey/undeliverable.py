"""What follows when a parcel cannot be handed over: rules only.

Proof of a parcel that was left: the traveler's position at the destination and a note, kept in the
event. It is weaker than the recipient's code, so it opens the dispute window as a handover does, but
never counts as a proven handover: without an agent, a dispute about it goes to the customer.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.contracts import CodePurpose, DeliveryOrder, DisputeReason, ScanCode
from domain.errors import Refusal, RefusalCode
from domain.journey.contracts import LeaveParcel, ReportFailedHandover, ReportLoss
from domain.journey.terms import (
    LEAVING,
    HandoverObstacle,
    JourneyPolicy,
    LossKind,
    UndeliverableAction,
)
from domain.lifecycle import DeliveryState, is_customer, require_open, require_traveler
from domain.money import Money
from domain.status import IN_CUSTODY, WITH_TRAVELER

WHOLE_POINTS = 10_000

LOSS_REASONS: dict[LossKind, DisputeReason] = {
    LossKind.LOST: DisputeReason.LOST,
    LossKind.STOLEN: DisputeReason.STOLEN,
    LossKind.DAMAGED: DisputeReason.DAMAGED,
}
"""Why the dispute about a loss is opened."""
_AT_THE_DOOR = frozenset({HandoverObstacle.RECIPIENT_ABSENT, HandoverObstacle.RECIPIENT_REFUSES})
"""Obstacles that only somebody can meet who is at the destination."""
_FOLLOWS_CHOICE: dict[HandoverObstacle, frozenset[UndeliverableAction]] = {
    HandoverObstacle.RECIPIENT_ABSENT: frozenset(UndeliverableAction),
    HandoverObstacle.WRONG_ADDRESS: frozenset({UndeliverableAction.RETRY}),
    HandoverObstacle.RECIPIENT_REFUSES: frozenset(),
    HandoverObstacle.PARCEL_DAMAGED: frozenset(),
}
"""Which of the customer's choices can help against an obstacle; otherwise the parcel goes back."""


@dataclass(slots=True)
class JourneyState:
    """What went wrong on the way so far."""

    obstacle: HandoverObstacle | None = None
    """Why the last handover failed."""
    failures: int = 0
    """How many handovers failed."""


def follow_up(
    order: DeliveryOrder, obstacle: HandoverObstacle, failures: int
) -> UndeliverableAction | None:
    """Return what follows a failed handover, this one counted; none when an agent has to say.

    Deliveries whose customer was never asked what to do go to an agent.
    """
    chosen = order.undeliverable_action
    if chosen is None:
        return None
    is_last = failures >= order.policies.journey.failed_handovers_max
    if is_last or chosen not in _FOLLOWS_CHOICE[obstacle]:
        return UndeliverableAction.RETURN
    return chosen


def return_shares(
    policy: JourneyPolicy, price: Money, obstacle: HandoverObstacle | None
) -> tuple[Money, Money]:
    """Return what the customer gets back after a return and what is released; they sum to the price."""
    damaged = obstacle is HandoverObstacle.PARCEL_DAMAGED
    points = policy.damaged_return_share_points if damaged else policy.return_share_points
    points = min(points, WHOLE_POINTS)
    refund, release = price.split((WHOLE_POINTS - points, points))
    return refund, release


def check_failed_handover(state: DeliveryState, command: ReportFailedHandover) -> None:
    """Check that the traveler carries the parcel and was where such a thing can happen.

    Raises:
        Refusal: `not_your_role`, `delivery_closed`, `wrong_state` or `position_not_near`.
    """
    _require_carrying(state, command)
    if command.reason in _AT_THE_DOOR:
        _require_near(state, command.distance_m)


def check_leave(state: DeliveryState, journey: JourneyState, command: LeaveParcel) -> None:
    """Check that the customer allowed it, the recipient was absent, and the traveler is there.

    Raises:
        Refusal: `not_your_role`, `delivery_closed`, `wrong_state`, `leaving_not_allowed` or
            `position_not_near`.
    """
    _require_carrying(state, command)
    chosen = state.order.undeliverable_action
    if command.where not in LEAVING or command.where is not chosen:
        raise Refusal(
            RefusalCode.LEAVING_NOT_ALLOWED, "The customer has not allowed to leave it there."
        )
    if journey.obstacle is not HandoverObstacle.RECIPIENT_ABSENT:
        raise Refusal(
            RefusalCode.LEAVING_NOT_ALLOWED,
            "First report that the recipient is absent; until then the code is needed.",
        )
    _require_near(state, command.distance_m)


def refuse_scan_of_left(state: DeliveryState, command: ScanCode) -> None:
    """Refuse the handover's code of a parcel that was left: nobody has used it, and nobody can now.

    Raises:
        Refusal: `not_your_role`, `delivery_closed` or `wrong_state`.
    """
    if command.purpose is not CodePurpose.HANDOVER:
        return
    require_traveler(state, command.actor)
    require_open(state)
    raise Refusal(
        RefusalCode.WRONG_STATE, "The parcel was left where its customer had allowed it: no scan."
    )


def check_report_loss(state: DeliveryState, command: ReportLoss) -> None:
    """Check that the parcel is with the traveler, and that it concerns who reports it.

    Raises:
        Refusal: `not_your_role`, `delivery_closed` or `wrong_state`.
    """
    if not is_customer(state, command.actor):
        require_traveler(state, command.actor)
    require_open(state)
    if state.status not in WITH_TRAVELER:
        raise Refusal(
            RefusalCode.WRONG_STATE, f"The delivery is {state.status}: nothing is on its way."
        )


def _require_carrying(state: DeliveryState, command: ReportFailedHandover | LeaveParcel) -> None:
    require_traveler(state, command.actor)
    require_open(state)
    if state.status not in IN_CUSTODY:
        raise Refusal(
            RefusalCode.WRONG_STATE,
            f"The delivery is {state.status}: there is nothing to hand over.",
        )


def _require_near(state: DeliveryState, distance_m: int | None) -> None:
    radius_m = state.order.policies.limits.arrival_radius_m
    if distance_m is None or distance_m > radius_m:
        known = (
            "no position of yours is known"
            if distance_m is None
            else f"you are {distance_m} m away"
        )
        raise Refusal(
            RefusalCode.POSITION_NOT_NEAR,
            f"This needs a position within {radius_m} m of the destination: {known}.",
        )
