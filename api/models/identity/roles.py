"""Bodies about roles of people."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from api.models.types import Answer, Line, Request
from domain.identity.roles import PersonRole


class RoleOrder(Request):
    """A role, and why it is given or taken."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"role": "senior_agent", "reason": "Decides appeals from May on."}]
        }
    )

    role: Annotated[PersonRole, Field(strict=False)]
    reason: Line = Field(description="For the audit; no personal data.")


class EndingOrder(Request):
    """Why somebody is signed out everywhere."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "Says that the phone was stolen."}]}
    )

    reason: Line = Field(description="For the audit and for the person, who reads it.")


class RolesView(Answer):
    """What a person is on the platform."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "person_id": "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21",
                    "roles": ["agent", "senior_agent"],
                }
            ]
        }
    )

    person_id: str
    roles: list[str]
