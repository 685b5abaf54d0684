"""Bodies of requests and answers that exist in sandbox mode only."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter, WithJsonSchema

from api.models.types import Answer, Moment, Request

BY_MAX = timedelta(days=90)
"""How far a delivery is moved by one request: further than any clock of it lasts."""
_DURATION = re.compile(r"P(?=.)(?!.*T$)[\dYMWDTHS.]{1,40}", re.ASCII)
_READER = TypeAdapter(timedelta)


def _read_duration(value: Any) -> Any:
    """Read a duration as in ISO 8601; a year has 365 days and a month 30."""
    if not isinstance(value, str) or not _DURATION.fullmatch(value):
        raise ValueError("This has to be a duration as in ISO 8601, for example P6D or PT90M.")
    return _READER.validate_python(value)


Duration = Annotated[
    timedelta,
    BeforeValidator(_read_duration),
    Field(ge=timedelta(seconds=1), le=BY_MAX),
    WithJsonSchema({"type": "string", "format": "duration"}),
]
"""A length of time, as in ISO 8601."""


class Advance(Request):
    """How far a delivery is moved through time."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"by": "P6D"}]})

    by: Duration = Field(description="ISO 8601 duration, from PT1S to P90D.")


class AdvancedView(Answer):
    """Where a delivery is in time."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "delivery_id": "01982a14-0b1e-7c55-9a1d-3f2b8f6f4a10",
                    "now": "2026-05-07T09:30:00.000Z",
                    "ahead_s": 518400,
                    "arrived": True,
                }
            ]
        }
    )

    delivery_id: str
    now: Moment = Field(description="What the delivery's own clock says.")
    ahead_s: int = Field(description="How far that is from everybody's clock, in seconds.")
    arrived: bool = Field(
        description="Whether all that lay on the way has happened; otherwise it is about to."
    )
