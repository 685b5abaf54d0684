"""Bodies of reports from the way: what keeps a parcel from being handed over."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.models.requests import REASON_CHARS_MAX
from api.models.types import Accuracy, Latitude, Longitude, Remark, Request
from domain.journey.terms import HandoverObstacle, UndeliverableAction

Note = Annotated[str, Field(max_length=REASON_CHARS_MAX), Remark]


class PositionNow(Request):
    """Where the traveler's phone is at this moment."""

    latitude: Latitude
    longitude: Longitude
    accuracy_m: Accuracy


_POSITION: JsonDict = {"latitude": 48.1353, "longitude": 11.569, "accuracy_m": 12.5}


class Word(Request):
    """A word that all is well."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "The train is late."}]})

    note: Note = Field("", description="What there is to say; no personal data.")


class FailedHandover(Request):
    """Why the parcel could not be handed over."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "reason": "recipient_absent",
                    "position": _POSITION,
                    "note": "Rang twice and waited ten minutes.",
                }
            ]
        }
    )

    reason: Annotated[HandoverObstacle, Field(strict=False)]
    position: PositionNow | None = Field(
        None,
        description="Where you are. For an absent or refusing recipient it has to be near the "
        "destination; without it, your last position of a moment ago is taken.",
    )
    note: Note = Field("", description="What else happened; no personal data.")


class LeftParcel(Request):
    """Where the parcel was left."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"where": "neighbour", "position": _POSITION, "note": "Second floor, left door."}
            ]
        }
    )

    where: Annotated[UndeliverableAction, Field(strict=False)] = Field(
        description="neighbour or safe_place, as the customer allowed."
    )
    position: PositionNow | None = Field(
        None, description="Where you are; without it, your last position of a moment ago is taken."
    )
    note: Note = Field("", description="Where exactly; no personal data.")
