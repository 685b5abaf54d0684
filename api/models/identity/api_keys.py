"""Bodies about keys of programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field

from api.models.types import Answer, Line, Moment, Request
from domain.identity.scopes import grantable

NAME_CHARS_MAX = 60
SCOPES = grantable()
_KEY: dict[str, Any] = {
    "key_id": "01982b31-4c50-7e66-9a3d-7f6e5d4c3b21",
    "name": "Shop",
    "prefix": "sak_Qm3xT7aZ",
    "scopes": ["reads", "open_delivery"],
    "created_at": "2026-05-01T09:30:00.000Z",
    "expires_at": "2027-05-01T00:00:00.000Z",
    "last_used_at": None,
    "revoked_at": None,
    "is_live": True,
}


def _require_scope(scope: str) -> str:
    if scope not in SCOPES:
        raise ValueError("This has to be reads, changes, or an action that a key may be for.")
    return scope


Scope = Annotated[
    str, AfterValidator(_require_scope), Field(json_schema_extra={"enum": list(SCOPES)})
]


class NewApiKey(Request):
    """A key for a program of yours."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Shop",
                    "scopes": ["reads", "open_delivery"],
                    "expires_at": "2027-05-01T00:00:00Z",
                }
            ]
        }
    )

    name: Annotated[Line, Field(max_length=NAME_CHARS_MAX)] = Field(
        description="What you know it by."
    )
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(SCOPES))] = Field(
        description="What it is for. `reads` is everything that changes nothing, `changes` everything "
        "that moves no money; the rest is named."
    )
    expires_at: Moment | None = Field(
        None, description="When it ends by itself; never if left out."
    )


class ApiKeyView(Answer):
    """A key, without the key itself."""

    model_config = ConfigDict(json_schema_extra={"examples": [_KEY]})

    key_id: str
    name: str
    prefix: str = Field(description="How the key begins.")
    scopes: list[str]
    created_at: Moment
    expires_at: Moment | None
    last_used_at: Moment | None = Field(description="To the minute.")
    revoked_at: Moment | None
    is_live: bool


class NewApiKeyView(ApiKeyView):
    """A key that was just made."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{**_KEY, "key": "sak_Qm3xT7aZ0vJcR9kY2wN4bL6fH8dS1pG5uE7iO3tX_aM"}]
        }
    )

    key: str | None = Field(
        description="The key itself, this once: a repeated request is answered without it."
    )


class ApiKeysView(Answer):
    """The keys of a person, the newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_KEY]}]})

    items: list[ApiKeyView]


def is_ahead(moment: datetime | None, now: datetime) -> bool:
    """Tell whether an end lies ahead, or there is none."""
    return moment is None or moment > now
