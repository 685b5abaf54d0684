"""Bodies about what people must look at."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from api.models import examples
from api.models.types import Answer, Moment, Request, Text
from domain.attention import AttentionKind


class AttentionItemView(Answer):
    """One thing that people must look at."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ATTENTION_ITEM]})

    item_id: str
    kind: AttentionKind
    delivery_id: str | None = Field(description="The delivery it concerns, where it is one.")
    subject: str = Field(description="What it is about.")
    problem: str = Field(description="What is wrong with it.")
    suggested_repair: str = Field(description="What you are advised to do.")
    raised_at: Moment = Field(description="When it was found, or found again after it was settled.")
    last_seen_at: Moment = Field(description="When it was last found to be wrong still.")
    settled_at: Moment | None = Field(description="None while it is open.")
    settled_by: str | None = Field(
        description="Who settled it; none when the platform found that nothing is wrong any more."
    )
    settlement: str | None = Field(description="What was said about it.")


class NewSettlement(Request):
    """What was done about an item."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.NEW_SETTLEMENT]})

    remark: Text = Field(
        description="What you did or found out: no names, addresses or card numbers."
    )
