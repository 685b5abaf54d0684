"""Extra costs: the traveler asks, and without the customer's consent nothing is paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.contracts import Actor, Role
from domain.correcting.policy import CostReason, ExtraCostPolicy
from domain.correcting.rules import CorrectionKind, CorrectionOrder, CorrectionStanding
from domain.correcting.rules import CorrectionStatus as _Status
from domain.errors import Refusal, RefusalCode
from domain.transitions import EventKind

__all__ = ["AnswerCost", "CostReason", "ExtraCostPolicy"]

_E = EventKind

_AS_EXTRA_COST: Mapping[EventKind, EventKind] = {
    _E.TIP_PAID: _E.EXTRA_COST_PAID,
    _E.TIP_UNSETTLED: _E.EXTRA_COST_UNSETTLED,
    _E.TIP_VOID_STARTED: _E.EXTRA_COST_VOID_STARTED,
    _E.TIP_DECLINED: _E.EXTRA_COST_DECLINED,
    _E.TIP_SENT: _E.EXTRA_COST_SENT,
}
"""Extra costs are charged and sent like a tip; what happened is told in words of its own."""
CALLED: Mapping[CorrectionKind, str] = {CorrectionKind.EXTRA_COST: "extra costs"}
"""What a charge on top of the price is called in the Web UI; without a row it is a tip."""


@dataclass(frozen=True, slots=True)
class AnswerCost:
    """The customer answers a request for extra costs, or the traveler takes it back."""

    actor: Actor
    """Who."""
    payment_method: str = field(default="", repr=False)
    """For a consent: the payment provider's token of the method."""


def event_of(kind: CorrectionKind, event: EventKind) -> EventKind:
    """Return the event by which a correction of a kind tells what happened."""
    return _AS_EXTRA_COST.get(event, event) if kind is CorrectionKind.EXTRA_COST else event


def check_consent(
    order: CorrectionOrder, standing: CorrectionStanding, command: AnswerCost
) -> None:
    """Check that the customer may answer, and says how it is paid.

    Raises:
        Refusal: `not_your_role` or `wrong_state`.
    """
    check_refusal(order, standing, command)
    if not command.payment_method:
        raise Refusal(RefusalCode.WRONG_STATE, "Name the payment method that is charged.")


def check_refusal(
    order: CorrectionOrder, standing: CorrectionStanding, command: AnswerCost
) -> None:
    """Check that the customer may say no.

    Raises:
        Refusal: `not_your_role` or `wrong_state`.
    """
    actor = command.actor
    if actor.role is not Role.CUSTOMER or actor.person_id != order.customer_id:
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Only the customer answers this.")
    _require_open(standing)


def check_taking_back(
    order: CorrectionOrder, standing: CorrectionStanding, command: AnswerCost
) -> None:
    """Check that the traveler who asked may take the request back.

    Raises:
        Refusal: `not_your_role` or `wrong_state`.
    """
    if command.actor.person_id != order.actor.person_id:
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Only the traveler who asked takes it back.")
    _require_open(standing)


def _require_open(standing: CorrectionStanding) -> None:
    if standing.status is not _Status.ASKED:
        raise Refusal(RefusalCode.WRONG_STATE, "This request has been answered, or is over.")
