"""What came undone goes out again: what an agent may order, and when."""

from __future__ import annotations

from dataclasses import dataclass

from domain.contracts import Actor, Role
from domain.correcting.rules import (
    CorrectionKind,
    CorrectionStanding,
    CorrectionStatus,
    require_reference,
)
from domain.errors import Refusal, RefusalCode


@dataclass(frozen=True, slots=True)
class AgainCommand:
    """An agent has what was refunded or paid out and came back go out again, the same way."""

    actor: Actor = Actor(Role.OPERATOR)  # noqa: RUF009 -- It is frozen.
    """A support agent or an operator; an operator without a name when none."""
    reason: str = ""
    """Why, for the audit trail; no personal data."""


@dataclass(frozen=True, slots=True)
class DoneByHand:
    """An agent has given the money in another way."""

    actor: Actor = Actor(Role.OPERATOR)  # noqa: RUF009 -- It is frozen.
    """A support agent or an operator; an operator without a name when none."""
    reference: str = ""
    """Where that payment is found."""
    reason: str = ""
    """Why, for the audit trail; no personal data."""


def check_again(
    kind: CorrectionKind | None, expected: CorrectionKind, standing: CorrectionStanding
) -> None:
    """Check that something came back and waits for an agent to send it out again.

    Raises:
        Refusal: `wrong_state` or `nothing_needs_attention`.
    """
    require_waiting(standing)
    if kind is not expected:
        raise Refusal(RefusalCode.WRONG_STATE, f"No {expected.replace('_', ' ')} waits here.")


def check_done_by_hand(standing: CorrectionStanding, command: DoneByHand) -> None:
    """Check that something waits to go out again, and that it is told how it did.

    Raises:
        Refusal: `wrong_state` or `nothing_needs_attention`.
    """
    require_waiting(standing)
    require_reference(command.reference)


def require_waiting(standing: CorrectionStanding) -> None:
    """Check that something waits for an agent to send it out again.

    Raises:
        Refusal: `wrong_state` while the provider is asked, else `nothing_needs_attention`.
    """
    if standing.status is CorrectionStatus.MOVING:
        raise Refusal(RefusalCode.WRONG_STATE, "The provider is being asked.")
    if standing.status is not CorrectionStatus.WAITING:
        raise Refusal(RefusalCode.NOTHING_NEEDS_ATTENTION, "Nothing waits to go out again.")
