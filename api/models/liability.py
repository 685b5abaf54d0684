"""Bodies of what is said about liability: a reported loss, what is expected, what is suggested."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.models.types import Answer, MoneyView, Request
from api.models.undelivered import Note
from domain.journey.terms import LossKind

_EUR_42: JsonDict = {"amount_minor": 4200, "currency": "EUR", "display": "EUR 42.00"}
_EUR_0: JsonDict = {"amount_minor": 0, "currency": "EUR", "display": "EUR 0.00"}
_EUR_500: JsonDict = {"amount_minor": 50000, "currency": "EUR", "display": "EUR 500.00"}
_EUR_400: JsonDict = {"amount_minor": 40000, "currency": "EUR", "display": "EUR 400.00"}
_EUR_900: JsonDict = {"amount_minor": 90000, "currency": "EUR", "display": "EUR 900.00"}
_EXPECTED: JsonDict = {
    "by": "traveler",
    "kind": "document",
    "what": "Report it to the police; show the report.",
    "is_there": False,
}
_SUGGESTION: JsonDict = {
    "outcome": "refund",
    "refund": _EUR_42,
    "release": _EUR_0,
    "covered": _EUR_500,
    "own": _EUR_400,
    "by_goodwill": _EUR_0,
    "by_hand": _EUR_500,
    "because": "the parcel did not arrive in the traveler's care",
}


class Loss(Request):
    """What became of the parcel on its way."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "stolen", "note": "Taken on the night train."}]}
    )

    kind: Annotated[LossKind, Field(strict=False)]
    note: Note = Field("", description="What happened; no personal data.")


class ExpectedEvidenceView(Answer):
    """Something that would help the agent."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXPECTED]})

    by: str = Field(description="Who is expected to have it.")
    kind: str = Field(description="photo, document, receipt or statement.")
    what: str = Field(description="What it should show.")
    is_there: bool = Field(description="Whether they have added something of this kind.")


class SuggestionView(Answer):
    """What the rules suggest to the agent."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SUGGESTION]})

    outcome: str = Field(description="The verdict that shares the price out like this.")
    refund: MoneyView = Field(description="Of the price: back to the customer.")
    release: MoneyView = Field(description="Of the price: released on the traveler's side.")
    covered: MoneyView = Field(description="Of the declared value: covered by the platform.")
    own: MoneyView = Field(description="Of the declared value: borne by the customer.")
    by_goodwill: MoneyView = Field(description="Of the cover: payable as a goodwill refund.")
    by_hand: MoneyView = Field(description="Of the cover: to be paid in another way.")
    because: str


class LiabilityView(Answer):
    """What is expected of whom in a dispute, and what it is about."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "dispute_id": "01982a11-0b20-7d44-8c2f-6e5d4c3b2a10",
                    "reason": "stolen",
                    "handover_proof": "none",
                    "declared_value": _EUR_900,
                    "cover_limit": _EUR_500,
                    "expected_evidence": [_EXPECTED],
                    "suggestion": _SUGGESTION,
                }
            ]
        }
    )

    dispute_id: str
    reason: str
    handover_proof: str = Field(description="code, left, returned or none.")
    declared_value: MoneyView | None
    cover_limit: MoneyView = Field(description="The most that the platform covers of one parcel.")
    expected_evidence: list[ExpectedEvidenceView]
    suggestion: SuggestionView | None = Field(description="For agents only.")
