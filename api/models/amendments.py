"""Bodies by which staff correct what a delivery says."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from api.models.answers import DeadlineView
from api.models.requests import WEIGHT_GRAMS_MAX, PlaceIn, RecipientIn
from api.models.types import AmountMinor, Answer, Id, Line, Moment, Request
from domain.amending import AmendmentKind
from domain.holds.rules import REASON_CHARACTERS_MAX

CORRECTED = (
    "due_at",
    "pickup",
    "destination",
    "recipient",
    "amendment_id",
    "weight_grams",
    "declared_value_minor",
)
"""What can be corrected; the last two go together."""


_PREPARED: JsonDict = {
    "amendments": [
        {
            "amendment_id": "0199c0de-0000-7000-8000-000000000009",
            "kind": "destination",
            "place": {
                "address": "Sendlinger Str. 18, 80331 Munich",
                "latitude": 48.1351,
                "longitude": 11.5687,
            },
            "recipient": None,
            "prepared_by": "0199c0de-0000-7000-8000-000000000010",
            "prepared_at": "2026-05-10T15:30:00.000Z",
            "approved_by": None,
            "applied_at": None,
        }
    ]
}


class NewAmendment(Request):
    """One correction: of the deadline, an address, the recipient, the parcel, or what was prepared."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "destination": {
                        "address": "Sendlinger Str. 18, 80331 Munich",
                        "latitude": 48.1351,
                        "longitude": 11.5687,
                    },
                    "reason": "The number of the house was wrong.",
                }
            ]
        }
    )

    reason: Annotated[Line, Field(max_length=REASON_CHARACTERS_MAX)] = Field(
        description="For staff and the audit trail; no personal data."
    )
    due_at: Moment | None = Field(None, description="Another moment for the armed deadline.")
    pickup: PlaceIn | None = None
    destination: PlaceIn | None = None
    recipient: RecipientIn | None = None
    amendment_id: Id | None = Field(
        None,
        description="An address or a recipient that was prepared. While the traveler carries the "
        "parcel, somebody else than whoever prepared it takes it over.",
    )
    weight_grams: Annotated[int, Field(gt=0, le=WEIGHT_GRAMS_MAX)] | None = None
    declared_value_minor: AmountMinor | None = None
    only_prepare: bool = Field(
        False,
        description="Keep an address or a recipient, for somebody else of the staff to take over, or "
        "for an update that is sent from the Web UI.",
    )

    @model_validator(mode="after")
    def _require_one_correction(self) -> Self:
        named = {name for name in CORRECTED if getattr(self, name) is not None}
        if len(named) != 1 and named != set(CORRECTED[-2:]):
            raise ValueError(f"Name one of {', '.join(CORRECTED)}.")
        if self.only_prepare and not named & {"pickup", "destination", "recipient"}:
            raise ValueError("Only an address or a recipient is prepared.")
        return self


class PreparedRecipient(Answer):
    """Who is to receive the parcel."""

    name: str
    phone: str | None
    email: str | None
    person_id: str | None = Field(description="The recipient's account, if they have one.")


class PreparedPlace(Answer):
    """Where the parcel is to be picked up or to go."""

    address: str
    latitude: float
    longitude: float


class PreparedView(Answer):
    """An address or a recipient that somebody of the staff has prepared."""

    amendment_id: str
    kind: AmendmentKind
    place: PreparedPlace | None = Field(description="Of an address.")
    recipient: PreparedRecipient | None = Field(description="Of a recipient.")
    prepared_by: str
    prepared_at: Moment
    approved_by: str | None = Field(description="Who else of the staff has agreed to it.")
    applied_at: Moment | None = Field(description="When the delivery took it over.")


class PreparedAmendments(Answer):
    """What was prepared for a delivery."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PREPARED]})

    amendments: list[PreparedView] = Field(description="The newest first, twenty at most.")


class AmendmentView(Answer):
    """A correction, and the clock of its delivery."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "amendment_id": "0199c0de-0000-7000-8000-000000000009",
                    "is_applied": False,
                    "deadline": None,
                }
            ]
        }
    )

    amendment_id: str | None = Field(
        description="The prepared row of an address or a recipient; none for anything else."
    )
    is_applied: bool
    deadline: DeadlineView | None = Field(
        description="The clock that is armed now; none while it is only prepared."
    )
