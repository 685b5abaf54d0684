"""Bodies of requests by which staff freeze deliveries."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from api.models.types import Id, Line, Remark, Request
from domain.holds.rules import REASON_CHARACTERS_MAX


class NewHold(Request):
    """Why a delivery is frozen."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "The customer reports a stolen card."}]}
    )

    reason: Annotated[Line, Field(max_length=REASON_CHARACTERS_MAX)] = Field(
        description="For staff and the audit trail; no personal data."
    )


class HoldEnd(Request):
    """What was found out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The card is theirs."}]})

    reason: Annotated[str, Field(max_length=REASON_CHARACTERS_MAX), Remark] = Field(
        "", description="For staff and the audit trail; no personal data."
    )
    risk_decision_id: Id | None = Field(
        None,
        description="A decision to hold or refuse that you have looked at and let pass. The one that "
        "placed this very hold need not be named.",
    )
    lets_risk_pass: bool = Field(
        True,
        description="Whether the scan that was held passes from now on; false where the delivery goes on "
        "only to be ended.",
    )
