"""Bodies about many deliveries that are frozen or resumed at once."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from api.models.types import Answer, Line, Request
from domain.holds.bulk import PER_MINUTE, PER_MINUTE_MAX, BulkAction
from domain.holds.rules import REASON_CHARACTERS_MAX

QUERY_CHARS_MAX = 1_000


class NewBulkHold(Request):
    """Which deliveries, what is done to them, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "action": "hold",
                    "query": 'Currency = "EUR" AND EscrowStatus = "held"',
                    "reason": "The provider looks into payments of this morning.",
                }
            ]
        }
    )

    action: Annotated[BulkAction, Field(strict=False)]
    query: Annotated[str, Field(min_length=1, max_length=QUERY_CHARS_MAX)] = Field(
        description="A filter of the list of workflows; only open deliveries are ever touched."
    )
    reason: Annotated[Line, Field(max_length=REASON_CHARACTERS_MAX)] = Field(
        description="For staff and each delivery's audit trail; no personal data."
    )
    per_minute: Annotated[int, Field(gt=0, le=PER_MINUTE_MAX)] = Field(
        PER_MINUTE, description="Deliveries a minute at the most."
    )


class BulkHoldView(Answer):
    """How far a bulk order has come."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "bulk_id": "0199c0de-0000-7000-8000-00000000000b",
                    "state": "under way",
                    "found": 230,
                    "done": 40,
                    "unchanged": 0,
                    "refused": 0,
                }
            ]
        }
    )

    bulk_id: str
    state: str = Field(description="`under way`, `done`, `stopped`, or why it ended.")
    found: int = Field(description="Deliveries that matched when it began.")
    done: int
    unchanged: int = Field(description="As ordered already, or closed meanwhile.")
    refused: int
