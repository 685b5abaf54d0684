"""Bodies about devices."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from api.models.identity.factors import example
from api.models.types import Answer, Line, Moment, Request
from domain.devices.keys import KeyAlgorithm
from domain.devices.policy import DEVICES

_DEVICE: dict[str, Any] = {
    "device_id": "01982b31-4c50-7e66-9a3d-7f6e5d4c3b33",
    "name": "Ada's phone",
    "algorithm": "ed25519",
    "activated_at": "2026-05-01T09:30:00.000Z",
    "last_seen_at": "2026-05-01T09:30:00.000Z",
}
EXAMPLE_KEY = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
"""Source: RFC 8037, appendix A."""

PublicKey = Annotated[
    str,
    Field(
        pattern=r"^([A-Za-z0-9_-]{43}|[A-Za-z0-9_-]{87})$",
        description="As `exportKey('raw')` of WebCrypto gives it, in base64url without padding: 32 "
        "bytes for ed25519, 65 for p256.",
    ),
]
Algorithm = Annotated[
    KeyAlgorithm,
    Field(
        strict=False,
        description="How the device signs: ed25519, or p256 for ECDSA with SHA-256. A signature has 64 "
        "bytes, as `sign` of WebCrypto gives it.",
    ),
]


class NewDevice(Request):
    """A device that you have in your hands."""

    model_config = example(
        {"name": "Ada's phone", "algorithm": "ed25519", "public_key": EXAMPLE_KEY}
    )

    name: Annotated[Line, Field(max_length=DEVICES.name_chars_max)]
    algorithm: Algorithm
    public_key: PublicKey


class DeviceView(Answer):
    """A device that signs for you."""

    model_config = example(_DEVICE)

    device_id: str = Field(description="What the device names itself by: `Sendalong-Device`.")
    name: str
    algorithm: KeyAlgorithm
    activated_at: Moment
    last_seen_at: Moment = Field(
        description="When it last held a code or showed that it was there."
    )


class DevicesView(Answer):
    """Your devices."""

    model_config = example({"items": [_DEVICE]})

    items: list[DeviceView]
