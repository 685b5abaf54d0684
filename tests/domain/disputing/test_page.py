"""What ops staff read about the ladder of a dispute."""

from __future__ import annotations

from domain.disputing.ladder import Decision, DisputeStage, Ladder, Proposal, Side
from domain.disputing.page import ladder_rows
from domain.ids import PersonId
from domain.policies import VerdictOutcome
from tests.domain.builders import NOW


def test_the_page_says_how_far_the_dispute_is_and_who_is_on_it() -> None:
    ladder = Ladder(
        DisputeStage.REVIEW,
        version=7,
        desired=VerdictOutcome.SPLIT,
        desired_refund_minor=900,
        proposals=(Proposal("one", Side.TRAVELER, VerdictOutcome.SPLIT, 500, NOW),),
        agent_id=PersonId("second"),
        absent=(Side.CUSTOMER,),
        waiting_for=Side.TRAVELER,
        question="Was it | cracked\nat pickup?",
        appealed_by=Side.TRAVELER,
        decision=Decision(VerdictOutcome.REFUND, 4_200, 0, PersonId("first"), NOW, "Broken."),
    )
    assert dict(ladder_rows(ladder)) == {
        "Stage": "**review**, version 7",
        "Asked for": "split of 900 minor",
        "The traveler proposes": "split, refund 500 minor",
        "Agent": "second",
        "Silent so far": "customer",
        "Waits for": "the traveler: Was it \\| cracked at pickup?",
        "Verdict": "refund: Broken.",
        "Appealed by": "the traveler",
    }


def test_a_new_dispute_has_little_to_say() -> None:
    assert ladder_rows(Ladder(DisputeStage.AGENT)) == [
        ("Stage", "**agent**, version 1"),
        ("Agent", "nobody yet"),
    ]
