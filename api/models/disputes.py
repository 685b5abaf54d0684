"""Bodies of requests and answers about the ladder of a dispute."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from api.models import examples
from api.models.answers import DeadlineView
from api.models.records import DisputeSummary, EvidenceView, MessageView, VerdictView
from api.models.types import AmountMinor, Answer, Id, Moment, MoneyView, Remark, Request, Text
from domain.disputing.ladder import Side
from domain.policies import VerdictOutcome

QUESTION_CHARS_MAX = 1_000

_PROPOSAL_ID = "01982a14-0b20-7d44-8c2f-6e5d4c3b2a13"
_EVIDENCE_ID: str = examples.EVIDENCE["evidence_id"]
_DEADLINE: dict[str, Any] = {
    "kind": "negotiation",
    "owner": "customer and the traveler",
    "action": "accept a proposal of the other side, or make one",
    "due_at": "2026-05-08T18:55:00.000Z",
    "default": "an agent decides",
    "money_effect": "the payment stays held until the verdict",
}
_PROPOSAL: dict[str, Any] = {
    "proposal_id": _PROPOSAL_ID,
    "made_by": "traveler",
    "outcome": "split",
    "refund_minor": 1000,
    "status": "open",
    "made_at": "2026-05-04T08:00:00.000Z",
}
_STEP: dict[str, Any] = {
    "dispute_id": examples.DISPUTE["dispute_id"],
    "delivery_id": examples.DISPUTE["delivery_id"],
    "status": "open",
    "stage": "negotiation",
    "version": 3,
    "deadline": _DEADLINE,
}
_LISTED: dict[str, Any] = {
    **examples.DISPUTE_SUMMARY,
    "status": "open",
    "outcome": None,
    "refund": None,
    "release": None,
    "note": None,
    "decided_at": None,
    "stage": "negotiation",
    "agent_id": None,
    "deadline": _DEADLINE,
}


class NewAnswer(Request):
    """What the other side says to a dispute."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"accepts": False}]})

    accepts: bool = Field(description="True settles the dispute at once as it was asked for.")


class NewProposal(Request):
    """How a side would settle the dispute."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"outcome": "split", "refund_minor": 1000}]}
    )

    outcome: Annotated[VerdictOutcome, Field(strict=False)]
    refund_minor: AmountMinor | None = Field(
        None, description="For a split: what the customer would get back, in minor units."
    )


class NewQuestion(Request):
    """What an agent wants to know from one side."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"side": "traveler", "question": "Was it cracked at pickup already?"}]
        }
    )

    side: Annotated[Side, Field(strict=False)]
    question: Annotated[str, Field(min_length=1, max_length=QUESTION_CHARS_MAX), Remark] = Field(
        description="Shown to the side that is asked, without personal data."
    )


class NewReply(Request):
    """What a side replies to the agent."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "No, see the photo from the pickup."}]}
    )

    text: Text


class NewAppeal(Request):
    """Why the verdict should be looked at again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"evidence_id": _EVIDENCE_ID}]})

    evidence_id: Id = Field(description="Evidence that you added after the verdict.")


class ProposalView(Answer):
    """A proposal of one side."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PROPOSAL]})

    proposal_id: str
    made_by: str = Field(description="customer or traveler.")
    outcome: str
    refund_minor: int | None
    status: str = Field(description="open, accepted, withdrawn or superseded.")
    made_at: Moment


class ListedDispute(DisputeSummary):
    """A dispute in a list, with what it waits for."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LISTED]})

    stage: str | None = Field(
        description="answer, negotiation, agent, appeal, review or closed; none for old disputes."
    )
    agent_id: str | None = Field(description="The agent who is on it; for staff only.")
    deadline: DeadlineView | None = Field(description="What it waits for; none once it is over.")


class LadderView(ListedDispute):
    """A dispute with everything that was said in it and what you may do next."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_LISTED,
                    "held": examples.DISPUTE["held"],
                    "etag": '"3.2"',
                    "desired_outcome": "refund",
                    "desired_refund_minor": None,
                    "proposals": [_PROPOSAL],
                    "has_agent": False,
                    "absent": [],
                    "waiting_for": None,
                    "question": None,
                    "waived": [],
                    "appealed_by": None,
                    "next_steps": ["accept_proposal", "propose", "call_agent"],
                    "evidence": [examples.EVIDENCE],
                    "messages": [examples.MESSAGE],
                }
            ]
        }
    )

    held: MoneyView | None = Field(description="The held payment that the verdict shares out.")
    etag: str = Field(description="Send it as `If-Match` with the step that you take next.")
    desired_outcome: str | None = Field(description="What whoever opened it asks for.")
    desired_refund_minor: int | None
    proposals: list[ProposalView] = Field(description="The oldest first.")
    has_agent: bool = Field(description="Whether an agent is on it.")
    absent: list[str] = Field(description="Sides that let a deadline of theirs pass.")
    waiting_for: str | None = Field(description="The side that the agent has asked something.")
    question: str | None = Field(description="What was asked; for that side and for staff.")
    waived: list[str] = Field(description="Sides that will not appeal.")
    appealed_by: str | None
    next_steps: list[str] = Field(description="What you may do now.")
    evidence: list[EvidenceView]
    messages: list[MessageView]


class FileView(Answer):
    """The picture of a piece of evidence, as it is kept."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "evidence_id": _EVIDENCE_ID,
                    "media_type": "image/jpeg",
                    "sha256": "5f" * 32,
                    "original_sha256": "9f" * 32,
                    "width": 3000,
                    "height": 2250,
                }
            ]
        }
    )

    evidence_id: str
    media_type: str
    sha256: str = Field(description="Fingerprint of what is kept.")
    original_sha256: str = Field(description="Fingerprint of the file as it was sent.")
    width: int
    height: int


class DisputeStepView(Answer):
    """Where a dispute stands after a step."""

    model_config = ConfigDict(json_schema_extra={"examples": [_STEP]})

    dispute_id: str
    delivery_id: str
    status: str
    stage: str
    version: int = Field(description="Begins the `ETag` of the dispute.")
    deadline: DeadlineView | None


class PricedVerdict(VerdictView):
    """A verdict with each party's money; of a preview nothing has happened."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **examples.VERDICT,
                    "traveler_net": {
                        "amount_minor": 2430,
                        "currency": "EUR",
                        "display": "EUR 24.30",
                    },
                    "giver_net": None,
                    "platform_fee": {"amount_minor": 270, "currency": "EUR", "display": "EUR 2.70"},
                    "is_preview": False,
                    "appeal_until": None,
                }
            ]
        }
    )

    traveler_net: MoneyView = Field(description="What the traveler gets, before any debts.")
    giver_net: MoneyView | None = Field(
        None, description="What a traveler gets who handed the parcel on; none where nobody did."
    )
    platform_fee: MoneyView = Field(description="What the platform keeps of the released part.")
    is_preview: bool
    appeal_until: Moment | None = Field(description="Until when it can be appealed; none if final.")
