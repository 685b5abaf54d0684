"""Bodies of requests and answers about travelers who left, or did not come."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from api.models.types import Answer, Moment, Request
from api.models.undelivered import PositionNow


class NoShowReport(Request):
    """What proves that you are at the pickup place."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"position": {"latitude": 52.5401, "longitude": 13.4105, "accuracy_m": 12.5}},
                {},
            ]
        }
    )

    position: PositionNow | None = Field(
        None, description="Where you are; the traveler has to send it, others need not."
    )


class StrikeView(Answer):
    """One delivery that a traveler gave back or did not come to."""

    delivery_id: str
    at: Moment
    reason: str = Field(description="withdrew or no_show.")


class RecordView(Answer):
    """What a person has to answer for, the latest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "person_id": "01981f6e-7a10-7aaa-8b1c-0f2e4d6c8a90",
                    "strikes_total": 1,
                    "strikes": [
                        {
                            "delivery_id": "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21",
                            "at": "2026-05-02T09:30:00.000Z",
                            "reason": "withdrew",
                        }
                    ],
                }
            ]
        }
    )

    person_id: str
    strikes_total: int
    strikes: list[StrikeView] = Field(description="The latest fifty.")
