"""Bodies about who is at a handover."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from api.models.identity.factors import example
from api.models.scanning import ScanPosition
from api.models.types import Answer, Moment, Request
from domain.contracts import CodePurpose

_CREDENTIAL: dict[str, Any] = {
    "id": "AQIDBA",
    "rawId": "AQIDBA",
    "type": "public-key",
    "response": {
        "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0",
        "authenticatorData": "SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MFAAAAAA",
        "signature": "MEUCIQ",
    },
}


class Presence(Request):
    """Your passkey's answer, and where you are."""

    model_config = example(
        {
            "position": {
                "latitude": 48.1353,
                "longitude": 11.5690,
                "accuracy_m": 9.5,
                "taken_at": "2026-05-02T10:15:00Z",
            },
            "credential": _CREDENTIAL,
        }
    )

    position: ScanPosition
    credential: dict[str, Any] = Field(
        description="The answer of `navigator.credentials.get`, as its `toJSON` gives it."
    )


class PresenceView(Answer):
    """That you are there."""

    model_config = example(
        {
            "delivery_id": "01982b31-4c50-7e66-9a3d-7f6e5d4c3b2a",
            "purpose": "handover",
            "verified_at": "2026-05-02T10:15:04.000Z",
            "counts_until": "2026-05-02T10:20:04.000Z",
        }
    )

    delivery_id: str
    purpose: CodePurpose
    verified_at: Moment
    counts_until: Moment = Field(description="Show it again if the code is not scanned by then.")
