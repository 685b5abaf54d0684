"""Bodies of requests and answers about scans that are made without network."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from api.models import examples
from api.models.answers import DeadlineView
from api.models.types import Answer, Id, Moment, Request, Text
from domain.contracts import CodePurpose
from domain.holds.rules import REASON_CHARACTERS_MAX
from domain.offline.policy import OFFLINE
from domain.offline.states import ClaimDecision, ClaimState

CLAIM_CHARS_KEPT_MAX = 2 * OFFLINE.claim_characters_max
"""Longest text that is kept: one that is too long to be read is kept all the same."""
_SIGNATURE_CHARS_MAX = 200
_DELIVERY_ID: str = examples.DISPUTE["delivery_id"]
_CLAIM_ID = "01982a14-0b20-7d44-8c2f-6e5d4c3b2a31"
_DEVICE_ID = "01982a14-0b20-7d44-8c2f-6e5d4c3b2a32"
_MANIFEST_ID = "01982a14-0b20-7d44-8c2f-6e5d4c3b2a33"
_CLAIM = (
    '{"claimed_at":"2026-05-02T10:00:00.000Z","code":"SA1H...","counter":1,"manifest_hash":"...",'
    f'"manifest_id":"{_MANIFEST_ID}","position":null,"previous_hash":"...","purpose":"handover",'
    '"version":"SC1"}'
)
_RESULT: dict[str, Any] = {
    "claim_id": _CLAIM_ID,
    "counter": 1,
    "state": "accepted",
    "reasons": [],
}
_VIEW: dict[str, Any] = {
    **_RESULT,
    "delivery_id": _DELIVERY_ID,
    "purpose": "handover",
    "state": "in_review",
    "reasons": ["claim_counter_gap"],
    "device_id": _DEVICE_ID,
    "claimed_at": "2026-05-02T10:00:00.000Z",
    "sent_at": "2026-05-02T13:10:00.000Z",
    "received_at": "2026-05-02T13:10:01.000Z",
    "deadline": {
        "kind": "claim_review",
        "owner": "agent",
        "action": "read the scan that was made without network with its evidence, and accept or "
        "refuse it",
        "due_at": "2026-05-03T13:10:01.000Z",
        "default": "the delivery stays on hold and staff are told again",
        "money_effect": "nothing leaves; the dispute window begins when the scan is accepted",
    },
    "decided_at": None,
    "evidence": None,
}


class ManifestView(Answer):
    """What a phone takes along to scan without network."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "manifest": '{"delivery_id":"...","legs":[],"version":"SM1"}',
                    "key_id": "4f1c2d3e4b5a6978",
                    "signature": "c2lnbmF0dXJl",
                }
            ]
        }
    )

    manifest: str = Field(description="Canonical JSON; keep it as it is, letter by letter.")
    key_id: str = Field(description="Which key signed it.")
    signature: str = Field(
        description="Ed25519 over `sendalong offline manifest 1`, a line break and the manifest, in "
        "base64url without padding."
    )


class OfflineKeyView(Answer):
    """The public key with which phones verify manifests."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"key_id": "4f1c2d3e4b5a6978", "algorithm": "ed25519", "public_key": "a2V5"}
            ]
        }
    )

    key_id: str
    algorithm: str
    public_key: str = Field(description="32 bytes in base64url without padding.")


class NewClaim(Request):
    """One scan that was made without network, as the phone signed it."""

    device_id: Id
    claim: Annotated[str, Field(max_length=CLAIM_CHARS_KEPT_MAX)] = Field(
        description="JSON with the members version (SC1), manifest_id, manifest_hash, purpose, code, "
        "claimed_at, position, counter and previous_hash."
    )
    signature: Annotated[str, Field(max_length=_SIGNATURE_CHARS_MAX)] = Field(
        description="Of the device over `sendalong offline claim 1`, a line break and the claim, in "
        "base64url without padding."
    )


class ClaimBatch(Request):
    """The claims that a phone brings back, in any order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "sent_at": "2026-05-02T13:10:00.000Z",
                    "claims": [{"device_id": _DEVICE_ID, "claim": _CLAIM, "signature": "c2ln"}],
                }
            ]
        }
    )

    sent_at: Moment = Field(description="What the phone's clock shows now.")
    claims: Annotated[list[NewClaim], Field(min_length=1, max_length=OFFLINE.claims_at_once_max)]


class ClaimResult(Answer):
    """What became of one claim."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RESULT]})

    claim_id: str
    counter: int | None = Field(description="Its number; none for one that cannot be read.")
    state: ClaimState = Field(description="Send a claim that is pending again, under a new key.")
    reasons: list[str] = Field(description="Why it was not accepted at once, the gravest first.")


class ClaimsTaken(Answer):
    """What became of the claims of a request, in its order."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"claims": [_RESULT]}]})

    claims: list[ClaimResult]


class ClaimPosition(Answer):
    """Where the phone was by its own word."""

    latitude: float
    longitude: float
    accuracy_m: float | None = Field(
        description="None when the phone told none that a position can have."
    )
    taken_at: Moment
    is_mock: bool
    away_m: int | None = Field(
        description="Distance to the agreed place in metres. None for a relay, which has none."
    )


class ClaimEvidence(Answer):
    """What agents weigh besides."""

    person_id: str
    manifest_id: str | None
    position: ClaimPosition | None = Field(description="None also once the traveler was erased.")
    others: list[str] = Field(description="Other claims of the same handover.")
    agreed_by: str | None = Field(
        description="The first to accept a claim for which two people of staff are needed."
    )
    decided_by: str | None
    decision_reason: str | None


class ClaimView(Answer):
    """A claim as it stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [_VIEW]})

    claim_id: str
    delivery_id: str
    purpose: CodePurpose | None
    counter: int | None
    state: ClaimState
    reasons: list[str]
    device_id: str
    claimed_at: Moment | None
    sent_at: Moment
    received_at: Moment
    deadline: DeadlineView | None = Field(description="Who must look at it by when.")
    decided_at: Moment | None
    evidence: ClaimEvidence | None = Field(description="For agents and operators only.")


class NewClaimDecision(Request):
    """What an agent says of a claim in review."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"decision": "accept", "reason": "The recipient confirms that the parcel is there."}
            ]
        }
    )

    decision: Annotated[ClaimDecision, Field(strict=False)]
    reason: Annotated[Text, Field(max_length=REASON_CHARACTERS_MAX)] = Field(
        description="Why, for staff."
    )
