"""A person's request to be erased, as they read it."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from api.models.types import Answer, Moment
from domain.erasing.rules import BlockerKind, ErasureStatus

_ID = "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21"
_ERASURE: dict[str, Any] = {
    "erasure_id": _ID,
    "status": "cooling_off",
    "requested_at": "2026-05-01T09:30:00.000Z",
    "due_at": "2026-05-08T09:30:00.000Z",
    "waits_for": [{"kind": "delivery_open", "subject_id": _ID}],
}


class BlockerView(Answer):
    """One thing that must be settled before you are erased."""

    model_config = ConfigDict(json_schema_extra={"examples": _ERASURE["waits_for"]})

    kind: BlockerKind = Field(description="What it is.")
    subject_id: str = Field(description="Its id; for money that is owed, its currency.")


class ErasureView(Answer):
    """A request to be erased."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ERASURE]})

    erasure_id: str
    status: ErasureStatus = Field(description="How far it is.")
    requested_at: Moment
    due_at: Moment = Field(description="Until then you can take it back; afterwards it is done.")
    waits_for: list[BlockerView] = Field(
        description="What is open now. It is done by itself once nothing is."
    )
