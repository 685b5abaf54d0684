"""Bodies about what the sides of a delivery say about each other."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.models.types import Answer, Moment, Remark, Request, Text
from domain.reviewing.rules import ReviewTag

TAGS_MAX = 4
"""Tags of one review: more say nothing."""
REVIEW_CHARS_MAX = 1_000
"""Longest text of a review: nobody reads on."""
_REVIEW: JsonDict = {
    "review_id": "01984c55-1d30-7e66-8a1b-7f6e5d4c3b2a",
    "delivery_id": "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21",
    "author_role": "customer",
    "subject_id": "01981f6e-7a10-7aaa-8b1c-0f2e4d6c8a90",
    "rating": 5,
    "tags": ["on_time", "careful"],
    "text": "The guitar arrived in tune.",
    "written_at": "2026-05-10T09:30:00.000Z",
    "is_visible": False,
    "visible_from": "2026-05-16T18:00:00.000Z",
    "is_reported": False,
    "is_hidden": False,
}
_SHOWN: JsonDict = {
    name: _REVIEW[name] for name in ("review_id", "author_role", "rating", "tags", "text")
}


class NewReview(Request):
    """What you say about the other side."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "rating": 5,
                    "tags": ["on_time", "careful"],
                    "text": "The guitar arrived in tune.",
                }
            ]
        }
    )

    rating: Annotated[int, Field(ge=1, le=5)] = Field(description="From 1 (bad) to 5 (good).")
    tags: list[Annotated[ReviewTag, Field(strict=False)]] = Field(
        [], max_length=TAGS_MAX, description="What it was like, in one word each."
    )
    text: Annotated[str, Field(max_length=REVIEW_CHARS_MAX), Remark] = Field(
        "", description="In your own words; no names, addresses or numbers."
    )


class ReviewRemark(Request):
    """Why a review is reported or hidden."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "It names a phone number."}]}
    )

    reason: Text = Field(description="Why, for staff; no personal data.")


class ReviewView(Answer):
    """One review, for the sides of its delivery and staff."""

    model_config = ConfigDict(json_schema_extra={"examples": [_REVIEW]})

    review_id: str
    delivery_id: str
    author_role: str = Field(description="customer, recipient or traveler.")
    subject_id: str = Field(description="Whom it is about.")
    rating: int
    tags: list[str]
    text: str
    written_at: Moment
    is_visible: bool = Field(description="Whether others see it.")
    visible_from: Moment | None = Field(
        description="When others see it at the latest; sooner once the other side has written."
    )
    is_reported: bool = Field(description="For staff, and for who reported it.")
    is_hidden: bool = Field(description="Whether staff have taken it out of sight.")


class ReviewsView(Answer):
    """The reviews of a delivery that you may see."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_REVIEW]}]})

    items: list[ReviewView]


class ShownReview(Answer):
    """One review as everybody sees it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SHOWN]})

    review_id: str
    author_role: str
    rating: int
    tags: list[str]
    text: str


class ReputationView(Answer):
    """What the senders and receivers of parcels say about a traveler."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "person_id": "01981f6e-7a10-7aaa-8b1c-0f2e4d6c8a90",
                    "average": 4.8,
                    "count": 12,
                    "items": [_SHOWN],
                    "next_cursor": None,
                }
            ]
        }
    )

    person_id: str
    average: float | None = Field(description="To one tenth; none without a review.")
    count: int
    items: list[ShownReview] = Field(description="The newest first.")
    next_cursor: str | None = Field(description="Where the next page begins; none on the last.")
