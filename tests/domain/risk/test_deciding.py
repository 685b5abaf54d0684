"""What follows from a score: thresholds, the stricter limit at the maximum level, what staff cleared."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.handover.levels import ProofLevel
from domain.risk.deciding import Assessment, Cleared, RiskDecision, RiskOutcome, decide
from domain.risk.policy import UNSCORED, RiskPolicy
from domain.risk.reasons import RiskReason
from domain.risk.signals import RiskSignals

POLICY = RiskPolicy()
SHARED = RiskReason.SHARED_DEVICE


@dataclass(frozen=True)
class Scoring:
    """Another model behind the port: it says what it was told to."""

    score: int
    points: dict[RiskReason, int] = field(default_factory=dict)
    name: str = "told"

    def assess(self, signals: RiskSignals, policy: RiskPolicy) -> Assessment:  # noqa: ARG002 -- It is the port's.
        return Assessment(self.score, self.points)


def decided(score: int, level: ProofLevel = ProofLevel.STANDARD) -> RiskDecision:
    return decide(Scoring(score), RiskSignals(), POLICY, level)


@pytest.mark.parametrize(
    ("score", "outcome", "at_maximum"),
    [
        (0, RiskOutcome.ALLOW, RiskOutcome.ALLOW),
        (39, RiskOutcome.ALLOW, RiskOutcome.ALLOW),
        (40, RiskOutcome.STEP_UP, RiskOutcome.HOLD),
        (59, RiskOutcome.STEP_UP, RiskOutcome.HOLD),
        (60, RiskOutcome.HOLD, RiskOutcome.HOLD),
        (89, RiskOutcome.HOLD, RiskOutcome.HOLD),
        (90, RiskOutcome.REFUSE, RiskOutcome.REFUSE),
        (100, RiskOutcome.REFUSE, RiskOutcome.REFUSE),
    ],
)
def test_what_follows_at_each_threshold(
    score: int, outcome: RiskOutcome, at_maximum: RiskOutcome
) -> None:
    assert decided(score).outcome is outcome
    assert decided(score, ProofLevel.HIGH).outcome is outcome
    assert decided(score, ProofLevel.MAXIMUM).outcome is at_maximum


@given(st.integers(0, 100), st.integers(0, 100), st.sampled_from(ProofLevel))
def test_a_greater_score_never_has_a_milder_consequence(
    one: int, other: int, level: ProofLevel
) -> None:
    low, high = sorted((one, other))
    assert decided(low, level).outcome.rank <= decided(high, level).outcome.rank


@given(st.integers(-1_000, 1_000))
def test_a_score_of_any_model_is_kept_between_0_and_100(score: int) -> None:
    assert 0 <= decided(score).score <= 100


def test_nothing_follows_where_nothing_is_scored() -> None:
    decision = decide(Scoring(100), RiskSignals(), UNSCORED, ProofLevel.MAXIMUM)
    assert decision.outcome is RiskOutcome.ALLOW


def test_the_weightiest_reason_comes_first_and_the_model_is_named() -> None:
    model = Scoring(75, {RiskReason.STRIKES: 5, SHARED: 60, RiskReason.ACCOUNT_NEW: 10})
    decision = decide(model, RiskSignals(), POLICY)
    assert decision.reasons == (SHARED, RiskReason.ACCOUNT_NEW, RiskReason.STRIKES)
    assert decision.model == "told"


@pytest.mark.parametrize(
    ("score", "reasons", "outcome"),
    [
        (70, {SHARED}, RiskOutcome.ALLOW),
        (65, {SHARED}, RiskOutcome.ALLOW),
        (71, {SHARED}, RiskOutcome.HOLD),
        (70, {SHARED, RiskReason.PLACE_JUMP}, RiskOutcome.HOLD),
        (95, {SHARED}, RiskOutcome.REFUSE),
    ],
)
def test_what_staff_let_pass_passes_until_something_is_added(
    score: int, reasons: set[RiskReason], outcome: RiskOutcome
) -> None:
    seen = Cleared(70, frozenset({SHARED}))
    model = Scoring(score, dict.fromkeys(reasons, 1))
    assert decide(model, RiskSignals(), POLICY, cleared=seen).outcome is outcome
