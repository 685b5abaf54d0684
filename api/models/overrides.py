"""Bodies about emergency overrides."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.models.answers import DeadlineView
from api.models.requests import REASON_CHARS_MAX
from api.models.types import ID_PATTERN, Answer, Line, Moment, Remark, Request, Text
from domain.overriding.policy import OverridePolicy
from domain.overriding.rules import OverrideCause, OverrideStatus

_SHA_256 = r"^[0-9a-f]{64}$"
_EVIDENCE = f"{_SHA_256[:-1]}$|{ID_PATTERN}"
_SAID: JsonDict = {
    "step": "handover",
    "cause": "police",
    "explanation": "The police have taken the parcel over from the traveler at the station.",
    "reference": "Police of Munich, case 4711/26",
    "witness": "Officer Weber, reached at the station's own number",
    "evidence": ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
}
_OVERRIDE: JsonDict = {
    "override_id": "01985a21-4c10-7b32-9e4f-1a2b3c4d5e71",
    "delivery_id": "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21",
    **_SAID,
    "status": "asked",
    "because": "",
    "asked_by": "01981f6e-7a10-7aaa-8b1c-0f2e4d6c8a92",
    "asked_by_role": "operator",
    "asked_at": "2026-05-10T15:30:00.000Z",
    "decided_by": None,
    "decided_at": None,
    "deadline": {
        "kind": "override",
        "owner": "second person of staff",
        "action": "approve the emergency override that somebody else has asked for, or refuse it",
        "due_at": "2026-05-10T16:00:00.000Z",
        "default": "the override expires and custody stays as it is",
        "money_effect": "none: an override moves no money",
    },
}
Evidence = Annotated[str, Field(pattern=_EVIDENCE)]


class NewOverride(Request):
    """Why a step is to be taken without its code."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SAID]})

    step: Literal["pickup", "handover", "return"] = Field(description="The one step it is about.")
    cause: Annotated[OverrideCause, Field(strict=False)] = Field(
        description="Why no code can be scanned; both parties are told."
    )
    explanation: Text = Field(description="What happened, for staff.")
    reference: Line = Field(description="The number of the police or of the insurance.")
    witness: Line = Field(description="Who has seen it, and how they can be reached.")
    evidence: Annotated[
        list[Evidence], Field(min_length=1, max_length=OverridePolicy().evidence_max)
    ] = Field(description="Ids of proofs or evidence, or SHA-256 digests of documents, in hex.")


class OverrideDecision(Request):
    """What whoever decides about an override has found."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"note": "I have called the police station myself."}]}
    )

    note: Annotated[str, Field(max_length=REASON_CHARS_MAX), Remark] = Field(
        "", description="For staff and the audit trail; no personal data."
    )


class OverrideView(Answer):
    """An emergency override, as staff read it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OVERRIDE]})

    override_id: str
    delivery_id: str
    step: str
    cause: str
    explanation: str | None = Field(description="None for whoever may not read it any more.")
    reference: str | None = Field(description="As the explanation.")
    witness: str | None = Field(description="As the explanation.")
    evidence: list[str]
    status: OverrideStatus
    because: str = Field(description="Code of why the delivery refused it, or the platform did.")
    asked_by: str
    asked_by_role: str
    asked_at: Moment
    decided_by: str | None
    decided_at: Moment | None
    deadline: DeadlineView | None = Field(description="None once it is decided or has expired.")
