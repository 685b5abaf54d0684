"""Where a dispute stands on its ladder: the projection that every step writes whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.ids import PersonId
from domain.policies import VerdictOutcome


class DisputeStage(StrEnum):
    """Stage of a dispute; each has an owner, a clock and a default."""

    ANSWER = "answer"
    NEGOTIATION = "negotiation"
    AGENT = "agent"
    APPEAL = "appeal"
    REVIEW = "review"
    CLOSED = "closed"


class Side(StrEnum):
    """The two sides of a dispute: who paid, and who carried."""

    CUSTOMER = "customer"
    TRAVELER = "traveler"

    @property
    def other(self) -> Side:
        """The side across the table."""
        return Side.TRAVELER if self is Side.CUSTOMER else Side.CUSTOMER


class ProposalStatus(StrEnum):
    """State of one proposal."""

    OPEN = "open"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Proposal:
    """How one side would settle the dispute; the other side may accept it."""

    proposal_id: str
    """Id, made by the API."""
    by: Side
    """Who proposes."""
    outcome: VerdictOutcome
    """Release, refund or split."""
    refund_minor: int | None
    """For a split: what the customer would get back, in minor units."""
    made_at: datetime
    """When it was made, in UTC."""
    status: ProposalStatus = ProposalStatus.OPEN
    """What became of it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """How the held payment is shared out, as far as that is known."""

    outcome: VerdictOutcome
    """Release, refund or split."""
    refund_minor: int
    """What the customer gets back, in minor units."""
    release_minor: int
    """What is released on the traveler's side, platform fee included, in minor units."""
    decided_by: PersonId | None
    """The agent; none for an agreement of the sides and for the platform's default."""
    decided_at: datetime
    """When it was decided, in UTC."""
    note: str = ""
    """Reason given to both sides; no personal data."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """Everything about a dispute that its steps change."""

    stage: DisputeStage
    """The present stage."""
    version: int = 1
    """Counts the steps; what people send may name the version that they have seen."""
    desired: VerdictOutcome | None = None
    """What whoever opened the dispute asks for; none when the platform opened it."""
    desired_refund_minor: int | None = None
    """For a split: the refund that is asked for, in minor units."""
    proposals: tuple[Proposal, ...] = ()
    """Every proposal, oldest first."""
    agent_id: PersonId | None = None
    """The agent who is on it."""
    first_agent_id: PersonId | None = None
    """The agent of the verdict that was appealed; somebody else reviews it."""
    absent: tuple[Side, ...] = ()
    """Sides that let a deadline of theirs pass without a word."""
    waiting_for: Side | None = None
    """The side that the agent asked something; the agent's clock stands still meanwhile."""
    question: str = ""
    """What was asked; no personal data."""
    questions: int = 0
    """How often an agent has asked."""
    waived: tuple[Side, ...] = ()
    """Sides that will not appeal."""
    appealed_by: Side | None = None
    """The side that appealed."""
    decision: Decision | None = None
    """The verdict or the agreement; it is final at the stage `closed`."""

    def proposal(self, proposal_id: str) -> Proposal | None:
        """Return a proposal by its id."""
        return next((each for each in self.proposals if each.proposal_id == proposal_id), None)

    def with_proposal(self, new: Proposal) -> Ladder:
        """Return the ladder after a side's proposal, which replaces the open one of that side."""
        known = tuple(
            replace(each, status=ProposalStatus.SUPERSEDED)
            if each.by is new.by and each.status is ProposalStatus.OPEN
            else each
            for each in self.proposals
        )
        return replace(self, proposals=(*known, new))

    def with_status(self, proposal_id: str, status: ProposalStatus) -> Ladder:
        """Return the ladder after one proposal became something else."""
        changed = tuple(
            replace(each, status=status) if each.proposal_id == proposal_id else each
            for each in self.proposals
        )
        return replace(self, proposals=changed)
