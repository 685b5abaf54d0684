"""Bodies about parcels that are handed on to a second traveler."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.models.answers import DeadlineView
from api.models.scanning import MeetingPosition, ScannedText
from api.models.types import Answer, Id, Moment, MoneyView, Request

_RELAY_ID = "01985a21-4c10-7b32-9e4f-1a2b3c4d5e6f"
_EXAMPLE: JsonDict = {
    "relay_id": _RELAY_ID,
    "delivery_id": "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21",
    "status": "consented",
    "because": "",
    "giver_id": "01981f6e-7a10-7aaa-8b1c-0f2e4d6c8a90",
    "taker_id": "01981f6e-7a10-7bbb-8b1c-0f2e4d6c8a91",
    "share_points": 4000,
    "giver_earns": {"amount_minor": 2268, "currency": "EUR", "display": "EUR 22.68"},
    "taker_earns": {"amount_minor": 1512, "currency": "EUR", "display": "EUR 15.12"},
    "description": "A guitar in a hard case",
    "weight_grams": 6500,
    "destination_latitude": 48.1,
    "destination_longitude": 11.6,
    "deliver_by": "2026-05-12T18:00:00.000Z",
    "deadline": {
        "kind": "relay_answer",
        "owner": "second traveler",
        "action": "accept the terms of the relay, or refuse them",
        "due_at": "2026-05-10T15:30:00.000Z",
        "default": "the parcel stays with its traveler, who brings it as before",
        "money_effect": "the payment stays held",
    },
}


class NewRelay(Request):
    """The terms under which a parcel is to be handed on."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "taker_id": "01981f6e-7a10-7bbb-8b1c-0f2e4d6c8a91",
                    "share_points": 4000,
                    "deliver_by": "2026-05-12T18:00:00Z",
                }
            ]
        }
    )

    taker_id: Id = Field(description="The traveler who is to carry the parcel on.")
    share_points: Annotated[int, Field(ge=1, le=9_999)] = Field(
        description="That traveler's share of what both of you earn, in ten-thousandths."
    )
    deliver_by: Moment | None = Field(
        None, description="When it is to be handed over at the latest; as before without it."
    )


class RelayAnswer(Request):
    """What the customer says to a relay."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"agrees": True}]})

    agrees: bool = Field(description="Whether another traveler may carry the parcel on.")


class RelayTaking(Request):
    """What the second traveler says to the terms of a relay."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"takes": True}]})

    takes: bool = Field(description="Whether you will carry the parcel on, under these terms.")


class RelayScan(Request):
    """What the second traveler scanned, and where."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "SA1TAGMB63TYEB6DDHMS5LM7BKVGQ33SKPPKKCZLBIZKEM",
                    "position": {"latitude": 50.1071, "longitude": 8.6638, "accuracy_m": 9.5},
                }
            ]
        }
    )

    code: ScannedText = Field(description="The scanned code, or the PIN as it was told.")
    position: MeetingPosition = Field(
        description="Where you are; the other traveler's last position has to be near."
    )


class RelayView(Answer):
    """A parcel that is, or was to be, handed on."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    relay_id: str
    delivery_id: str
    status: str = Field(description="asked, consented, agreed, done or ended.")
    because: str = Field(description="Why it ended: declined, refused, withdrawn or lapsed.")
    giver_id: str = Field(description="Who carries the parcel before.")
    taker_id: str = Field(description="Who carries it on.")
    share_points: int = Field(description="The taker's share, in ten-thousandths.")
    giver_earns: MoneyView | None = Field(description="When the whole payment is released.")
    taker_earns: MoneyView | None = Field(description="When the whole payment is released.")
    description: str
    weight_grams: int
    destination_latitude: float = Field(description="Rounded to about ten kilometres.")
    destination_longitude: float = Field(description="Rounded to about ten kilometres.")
    deliver_by: Moment = Field(description="When it is to be handed over once it was handed on.")
    deadline: DeadlineView | None = Field(description="Who is waited for; none once it is over.")


class RelaysView(Answer):
    """The relays in which somebody gives or takes, the latest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_EXAMPLE]}]})

    items: list[RelayView] = Field(description="The latest fifty.")
