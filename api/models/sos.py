"""Bodies about calls for help."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.models.answers import DeadlineView
from api.models.requests import REASON_CHARS_MAX
from api.models.types import Answer, Moment, Remark, Request
from api.models.undelivered import PositionNow

_SOS_ID = "01985a21-4c10-7b32-9e4f-1a2b3c4d5e70"
_POSITION: JsonDict = {
    "latitude": 48.1353,
    "longitude": 11.569,
    "accuracy_m": 12.5,
    "taken_at": "2026-05-10T15:29:58.000Z",
}
_CALLED: JsonDict = {
    "sos_id": _SOS_ID,
    "calls": 1,
    "called_at": "2026-05-10T15:30:00.000Z",
    "last_called_at": "2026-05-10T15:30:00.000Z",
}


class LastPosition(PositionNow):
    """Where the phone was when it last knew."""

    taken_at: Moment | None = Field(None, description="When it knew that; now when none is named.")


class NewCall(Request):
    """What there is to say to a call for help; all of it may be left out."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"position": _POSITION, "note": "The man at the door has a knife."}]
        }
    )

    position: LastPosition | None = Field(
        None, description="Where you are, as far as your phone knows. Only staff learn of it."
    )
    note: Annotated[str, Field(max_length=REASON_CHARS_MAX), Remark] = Field(
        "", description="What happens. Only staff read it."
    )


class CallView(Answer):
    """A call for help, as whoever calls reads it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_CALLED,
                    "delivery_id": "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21",
                    "on_hold": True,
                    "deadline": {
                        "kind": "sos",
                        "owner": "operator",
                        "action": "reach whoever has called for help, and resume the delivery with "
                        "what was found out",
                        "due_at": "2026-05-10T15:35:00.000Z",
                        "default": "operators are told again and again; the delivery stays on hold",
                        "money_effect": "none: nothing leaves while the delivery is on hold",
                    },
                }
            ]
        }
    )

    sos_id: str
    delivery_id: str
    calls: int = Field(description="How often you have called since staff last closed a call.")
    called_at: Moment
    last_called_at: Moment
    on_hold: bool = Field(
        description="Whether the delivery is on hold. Operators are told in any case."
    )
    deadline: DeadlineView | None = Field(
        description="By when an operator has to reach you; none when it is not on hold."
    )


class CallForStaff(Answer):
    """A call for help, as staff read it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_CALLED,
                    "person_id": "01981f6e-7a10-7aaa-8b1c-0f2e4d6c8a90",
                    "role": "traveler",
                    "note": "The man at the door has a knife.",
                    "position": _POSITION,
                    "is_open": True,
                    "finding": "",
                }
            ]
        }
    )

    sos_id: str
    person_id: str = Field(description="Who calls.")
    role: str = Field(description="What the caller is to the delivery.")
    note: str
    position: LastPosition | None = Field(description="Where the caller's phone was last.")
    calls: int
    called_at: Moment
    last_called_at: Moment
    is_open: bool = Field(description="Whether nobody has closed it yet.")
    finding: str = Field(description="What staff have found out.")


class CallsView(Answer):
    """The calls for help about a delivery."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "calls": [
                        {
                            **_CALLED,
                            "person_id": "01981f6e-7a10-7aaa-8b1c-0f2e4d6c8a90",
                            "role": "traveler",
                            "note": "The man at the door has a knife.",
                            "position": _POSITION,
                            "is_open": True,
                            "finding": "",
                        }
                    ],
                    "traveler_position": _POSITION,
                }
            ]
        }
    )

    calls: list[CallForStaff] = Field(description="The newest first, fifty at most.")
    traveler_position: LastPosition | None = Field(
        description="The last position that came in from the traveler's phone, of whenever."
    )
