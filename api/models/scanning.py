"""What a scan sends: the code, and where the phone was."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from api.models.requests import PositionIn
from api.models.types import Moment, Request
from api.models.undelivered import PositionNow
from domain.handover.claimed import SCANNED_CHARS_MAX
from domain.handover.places import Fix
from domain.pricing import Place

ScannedText = Annotated[str, Field(min_length=1, max_length=SCANNED_CHARS_MAX)]


class ScanPosition(PositionIn):
    """Where the phone was at the scan, by its own word."""

    is_mock: bool = Field(False, description="Whether the phone says that the position is made up.")

    @property
    def fix(self) -> Fix:
        """The position as the rules look at it."""
        place = Place(self.latitude, self.longitude)
        return Fix(place, self.accuracy_m, self.taken_at, self.is_mock)


class MeetingPosition(PositionNow):
    """Where the phone was at the meeting of two travelers."""

    taken_at: Moment | None = Field(
        None, description="When, by the phone's clock; needed at the levels high and maximum."
    )
    is_mock: bool = Field(False, description="Whether the phone says that the position is made up.")

    @property
    def fix(self) -> Fix | None:
        """The position as the rules look at it; none of an unknown moment."""
        if self.taken_at is None:
            return None
        place = Place(self.latitude, self.longitude)
        return Fix(place, self.accuracy_m, self.taken_at, self.is_mock)


class Scan(Request):
    """What the traveler scanned, or the six digits that were typed instead."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"code": "483920"},
                {
                    "code": "SA1PAGMB63TYEB6DDHMS5LM7BKVGQ33SKPPKKCZLBIZKEM",
                    "position": {
                        "latitude": 52.5401,
                        "longitude": 13.4105,
                        "accuracy_m": 9.5,
                        "taken_at": "2026-05-02T10:15:00Z",
                    },
                },
            ]
        }
    )

    code: ScannedText
    position: ScanPosition | None = Field(
        None, description="Where the phone is now; needed at the levels high and maximum."
    )

    @property
    def fix(self) -> Fix | None:
        """Where the phone is, as the rules look at it."""
        return None if self.position is None else self.position.fix
