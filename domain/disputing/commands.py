"""What people send to a dispute: one dataclass per step that a person may take.

`version` is the version of the dispute that the person has seen; none when they did not say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.contracts import Actor
from domain.disputing.ladder import DisputeStage, Side
from domain.policies import VerdictOutcome


@dataclass(frozen=True, slots=True)
class AnswerDispute:
    """The other side accepts what is asked for, which settles the dispute, or contests it."""

    actor: Actor
    """Somebody of the side that did not open the dispute."""
    accepts: bool
    """True settles the dispute at once as it was asked for."""
    version: int | None = None
    """The version that was seen."""


@dataclass(frozen=True, slots=True)
class MakeProposal:
    """A side says how it would settle the dispute."""

    actor: Actor
    """The customer or the traveler."""
    proposal_id: str
    """Id of the new proposal, made by the API."""
    outcome: VerdictOutcome
    """Release, refund or split."""
    refund_minor: int | None = None
    """For a split: what the customer would get back, in minor units."""
    version: int | None = None
    """The version that was seen."""


@dataclass(frozen=True, slots=True)
class CloseProposal:
    """A side accepts the proposal of the other one, or withdraws its own."""

    actor: Actor
    """The customer or the traveler."""
    proposal_id: str
    """An open proposal."""
    version: int | None = None
    """The version that was seen."""


@dataclass(frozen=True, slots=True)
class StepInDispute:
    """A step that says nothing but who takes it: call an agent, take over, reply, waive."""

    actor: Actor
    """Who takes the step."""
    version: int | None = None
    """The version that was seen."""


@dataclass(frozen=True, slots=True)
class AskSide:
    """The agent asks one side something; the agent's clock stands still until the reply."""

    actor: Actor
    """The agent who is on the dispute."""
    side: Side
    """Who is asked."""
    question: str
    """What is asked; at most 1,000 characters, no personal data."""
    version: int | None = None
    """The version that was seen."""


@dataclass(frozen=True, slots=True)
class AppealVerdict:
    """A side appeals the verdict with evidence that nobody has seen before it."""

    actor: Actor
    """The customer or the traveler."""
    evidence_id: str
    """Evidence that this side added after the verdict; the API has checked that."""
    version: int | None = None
    """The version that was seen."""


@dataclass(frozen=True, slots=True)
class DisputeStanding:
    """Where a dispute stands after a step."""

    status: str
    """A `DisputeStatus`."""
    stage: DisputeStage
    """The present stage."""
    version: int
    """The version that the step has made."""
    deadline_kind: str | None
    """The armed clock, a `DeadlineKind`."""
    deadline_at: datetime | None
    """When it runs out, in UTC."""
