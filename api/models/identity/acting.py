"""Bodies about acting in a person's place."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

from api.models.types import Answer, Line, Moment, Request
from domain.identity.acting import nameable

NAMEABLE = nameable()
NAMED_MAX = 10


def _require_nameable(action: str) -> str:
    if action not in NAMEABLE:
        raise ValueError("This has to be an action that changes something and moves no money.")
    return action


NamedAction = Annotated[
    str, AfterValidator(_require_nameable), Field(json_schema_extra={"enum": list(NAMEABLE)})
]


class NewActing(Request):
    """Why you act in a person's place, and what you need to do besides looking."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"reason": "Asked us by phone to check in.", "actions": ["check_in"]}]
        }
    )

    reason: Line = Field(
        description="For the audit and for the person, who reads it; no personal data."
    )
    actions: Annotated[list[NamedAction], Field(max_length=NAMED_MAX)] = Field(
        default_factory=list, description="Nothing but looking if left out."
    )


class ActingView(Answer):
    """A credential that sees what the person sees."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "acting_id": "01982b31-4c50-7e66-9a3d-7f6e5d4c3b21",
                    "person_id": "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21",
                    "credential": "sac_Qm3xT7aZ0vJcR9kY2wN4bL6fH8dS1pG5uE7iO3tX_aM",
                    "expires_at": "2026-05-01T09:45:00.000Z",
                }
            ]
        }
    )

    acting_id: str
    person_id: str
    credential: str | None = Field(
        description="Send it as the bearer token. This once: a repeated request has none."
    )
    expires_at: Moment
