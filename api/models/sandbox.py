"""Bodies of requests and answers that exist in sandbox mode only."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, TypeAdapter, WithJsonSchema

from api.models.types import Answer, Moment, Request
from domain.robo import SPEED_DEFAULT, SPEED_MAX
from infra.robo.scenarios import SCENARIOS

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


def _require_scenario(name: str) -> str:
    if name not in SCENARIOS:
        raise ValueError("There is no such scenario; the schema lists them.")
    return name


class NewRobotRun(Request):
    """What the robots are to play, and how fast."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"scenario": "happy", "speed": 10}]})

    scenario: Annotated[
        str, AfterValidator(_require_scenario), Field(json_schema_extra={"enum": sorted(SCENARIOS)})
    ] = Field(description="One of the scenarios.")
    speed: Annotated[int, Field(ge=1, le=SPEED_MAX)] = Field(
        SPEED_DEFAULT, description="1 is a person's pace: five seconds for a step."
    )


_RUN: dict[str, Any] = {
    "run_id": "01982a14-0b1e-7c55-9a1d-3f2b8f6f4a11",
    "scenario": "happy",
    "about": "The parcel arrives, nobody complains, the traveler is paid.",
    "speed": 10,
    "state": "playing",
    "verdict": "",
    "delivery_id": "01982a14-0b1e-7c55-9a1d-3f2b8f6f4a10",
    "created_at": "2026-05-01T09:30:00.000Z",
    "finished_at": None,
    "steps_total": 13,
    "steps": [
        {
            "number": 1,
            "who": "traveler",
            "told": "opens an account to be paid to",
            "at": "2026-05-01T09:30:01.000Z",
        }
    ],
}


class RobotStepView(Answer):
    """One thing that a robot did."""

    number: int
    who: str
    told: str = Field(description="What happened.")
    at: Moment


class RobotRunView(Answer):
    """A run of the robots as it stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RUN]})

    run_id: str
    scenario: str
    about: str = Field(description="What happens in it.")
    speed: int
    state: str = Field(description="playing, met (it ended as it should) or failed.")
    verdict: str = Field(description="What was not as it should be.")
    delivery_id: str | None = Field(description="The delivery that is played, once it is opened.")
    created_at: Moment
    finished_at: Moment | None
    steps_total: int = Field(description="How many steps the scenario has.")
    steps: list[RobotStepView] = Field(description="What was done so far, in order.")
