"""What staff read about scans."""

from __future__ import annotations

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.models.types import Answer, Moment

_EXAMPLE: JsonDict = {
    "attempt_id": "0199d6a1-9c0d-7e42-b1f4-2f6f0c8d7a90",
    "purpose": "pickup",
    "person_id": "0199d6a1-7a57-7b15-8c5e-5f3b1d2a4c12",
    "source": "online",
    "level": "high",
    "method": "rotating",
    "outcome": "refused",
    "refusal": "place_too_far",
    "event_sequence": None,
    "device_id": "0199d6a1-7a57-7b15-8c5e-5f3b1d2a4c13",
    "distance_m": 5012,
    "accuracy_m": 9.5,
    "is_mocked": False,
    "attempted_at": "2026-11-22T18:20:11Z",
}


class ScanAttemptView(Answer):
    """One scan that somebody tried."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    attempt_id: str
    purpose: str
    person_id: str = Field(description="Who scanned.")
    source: str = Field(
        description="online, or offline: scanned without network and brought in later as a claim, "
        "whose id is that of the attempt."
    )
    level: str = Field(description="The level of the delivery at that moment.")
    method: str = Field(
        description="pin, opaque, rotating or signed; empty when nothing could be read."
    )
    outcome: str = Field(
        description="accepted, refused, or pending: the delivery was asked, and has used no code up "
        "on it, or an agent looks at it first."
    )
    refusal: str = Field(description="Code of the refusal; empty for others.")
    event_sequence: int | None = Field(description="The event that the accepted one led to.")
    device_id: str | None = Field(description="The device that the request named.")
    distance_m: int | None = Field(description="From where the parcel changes hands.")
    accuracy_m: float | None
    is_mocked: bool = Field(description="Whether the phone said that its position is made up.")
    attempted_at: Moment
