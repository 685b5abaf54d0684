"""What follows from a score: the port for models that give one, and the thresholds they all obey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from domain.handover.levels import ProofLevel
from domain.risk.policy import RiskPolicy
from domain.risk.reasons import WORDS, RiskReason
from domain.risk.signals import RiskSignals

SCORE_MAX = 100
"""Greatest score."""


class RiskOutcome(StrEnum):
    """What follows from a score, from mild to strict."""

    ALLOW = "allow"
    """It goes on."""
    STEP_UP = "step_up"
    """Whoever scans proves once more who they are."""
    HOLD = "hold"
    """The delivery is put on hold until staff have looked."""
    REFUSE = "refuse"
    """It is refused, and staff are told."""

    @property
    def rank(self) -> int:
        """Place in the order of strictness, from 0."""
        return list(RiskOutcome).index(self)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a model says about one attempt."""

    score: int
    """From 0, nothing speaks against it, to 100."""
    points: Mapping[RiskReason, int] = field(default_factory=dict)
    """Why, with the points that each reason has in the score."""


class RiskModel(Protocol):
    """The port for whatever judges signals: rules, or a learned model that can say why.

    A model gives a score and reasons. What follows from a score is policy, and no model's business.
    """

    @property
    def name(self) -> str:
        """Name and version, stored with each decision."""
        ...

    def assess(self, signals: RiskSignals, policy: RiskPolicy) -> Assessment:
        """Return score and reasons; a worse signal never lowers the score."""
        ...


@dataclass(frozen=True, slots=True)
class Cleared:
    """What staff have let pass: they lifted the hold of a decision, or named it as they lifted another."""

    score: int
    """The score that they saw."""
    reasons: frozenset[RiskReason]
    """The reasons that they saw."""


@dataclass(frozen=True, slots=True)
class RiskDecision:
    """What was decided about one attempt, and why. It names nobody."""

    score: int
    """From 0 to 100."""
    outcome: RiskOutcome
    """What follows."""
    points: Mapping[RiskReason, int] = field(default_factory=dict)
    """The reasons with their points, the weightiest first."""
    model: str = ""
    """Name of the model that gave the score."""
    decision_id: str = ""
    """Id under which it is kept; empty before it is."""

    @property
    def reasons(self) -> tuple[RiskReason, ...]:
        """The reasons, the weightiest first."""
        return tuple(self.points)


def decide(
    model: RiskModel,
    signals: RiskSignals,
    policy: RiskPolicy,
    level: ProofLevel = ProofLevel.STANDARD,
    cleared: Cleared | None = None,
) -> RiskDecision:
    """Return what follows from the signals of one attempt.

    What staff have let pass passes again, as long as nothing is added to it.
    """
    found = model.assess(signals, policy)
    score = min(max(found.score, 0), SCORE_MAX)
    ordered = sorted(found.points.items(), key=lambda item: (-item[1], item[0]))
    outcome = _outcome_of(score, policy, level)
    if cleared is not None and score <= cleared.score and found.points.keys() <= cleared.reasons:
        outcome = RiskOutcome.ALLOW
    return RiskDecision(score, outcome, dict(ordered), model.name)


def _outcome_of(score: int, policy: RiskPolicy, level: ProofLevel) -> RiskOutcome:
    ladder = [
        (policy.step_up_points, RiskOutcome.STEP_UP),
        (policy.hold_points, RiskOutcome.HOLD),
        (policy.refuse_points, RiskOutcome.REFUSE),
    ]
    if level is ProofLevel.MAXIMUM:
        ladder.append((policy.maximum_hold_points, RiskOutcome.HOLD))
    reached = [outcome for least, outcome in ladder if least and score >= least]
    return max(reached, key=lambda outcome: outcome.rank, default=RiskOutcome.ALLOW)


def sentence_of(decision: RiskDecision) -> str:
    """Return score and reasons as staff read them."""
    reasons = " ".join(f"{WORDS[reason]} ({points})" for reason, points in decision.points.items())
    return f"Score {decision.score} of {SCORE_MAX}. {reasons}".strip()
