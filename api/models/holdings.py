"""Bodies about codes that a device holds."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from api.models.identity.devices import EXAMPLE_KEY, Algorithm, PublicKey
from api.models.identity.factors import example
from api.models.types import Answer, Moment, Request
from domain.contracts import CodePurpose
from domain.handover.claimed import CodeVersion

_HELD: dict[str, Any] = {
    "delivery_id": "01982b31-4c50-7e66-9a3d-7f6e5d4c3b2a",
    "purpose": "handover",
    "device_id": "01982b31-4c50-7e66-9a3d-7f6e5d4c3b33",
    "code_version": "SA2",
    "secret": "3q2-796tvu_erb7v3q2-796tvu_erb7v3q2-796tvu8",
    "step_s": 20,
    "server_time": "2026-05-01T09:30:00.000Z",
    "valid_until": "2026-05-04T18:00:00.000Z",
}


class HoldingView(Answer):
    """What a device makes the code of a handover from."""

    model_config = example(_HELD)

    delivery_id: str
    purpose: CodePurpose
    device_id: str
    code_version: CodeVersion = Field(
        description="SA2: the code rotates, made with the secret. SA3: the device signs it with its key."
    )
    secret: str | None = Field(
        description="For SA2, in base64url without padding, 32 bytes: answered once. None for SA3."
    )
    step_s: int = Field(description="Seconds after which the device shows another code.")
    server_time: Moment = Field(description="To tell how far the clock of the device is off.")
    valid_until: Moment


class ReleasedView(Answer):
    """A code that no device holds."""

    model_config = example({key: _HELD[key] for key in ("delivery_id", "purpose")})

    delivery_id: str
    purpose: CodePurpose


class LinkedHolding(Request):
    """The key of the browser that was opened by a link, in a request that it has signed."""

    model_config = example({"algorithm": "ed25519", "public_key": EXAMPLE_KEY})

    algorithm: Algorithm
    public_key: PublicKey
