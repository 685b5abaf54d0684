"""What staff read about risk: decisions with their reasons."""

from __future__ import annotations

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.models.types import Answer, Moment
from domain.risk.deciding import RiskOutcome
from domain.risk.reasons import RiskReason

_EXAMPLE: JsonDict = {
    "delivery_id": "0199d6a1-7a57-7b15-8c5e-5f3b1d2a4c11",
    "decisions": [
        {
            "decision_id": "0199d6a1-9c0d-7e42-b1f4-2f6f0c8d7a90",
            "occasion": "handover",
            "outcome": "hold",
            "score": 70,
            "reasons": [
                {
                    "code": "shared_device",
                    "points": 60,
                    "words": "Both sides of the delivery use the same device.",
                },
                {
                    "code": "account_new",
                    "points": 10,
                    "words": "The account of one of the two sides is new.",
                },
            ],
            "model": "rules-1",
            "person_id": "0199d6a1-7a57-7b15-8c5e-5f3b1d2a4c12",
            "decided_at": "2026-11-22T18:20:11Z",
        }
    ],
}


class RiskReasonView(Answer):
    """One reason, in words for staff."""

    code: RiskReason = Field(description="Stable code of the reason.")
    points: int = Field(description="Its part of the score.")
    words: str


class RiskDecisionView(Answer):
    """What was decided about one deal or scan, and why."""

    decision_id: str
    occasion: str = Field(description="`deal`, or the purpose of the code that was scanned.")
    outcome: RiskOutcome = Field(description="What followed.")
    score: int = Field(description="From 0 to 100.")
    reasons: list[RiskReasonView] = Field(description="The weightiest first.")
    model: str = Field(description="Which model gave the score, with its version.")
    person_id: str = Field(description="Whose offer or scan was judged.")
    decided_at: Moment


class RiskDecisionsView(Answer):
    """The latest decisions about a delivery."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    delivery_id: str
    decisions: list[RiskDecisionView] = Field(description="The newest first, a hundred at most.")
