"""Bodies about passkeys, in the words that browsers use."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from api.models.identity.factors import example
from api.models.types import Answer, Line, Moment, Request

_PASSKEY: dict[str, Any] = {
    "passkey_id": "01982b31-4c50-7e66-9a3d-7f6e5d4c3b22",
    "name": "Phone",
    "created_at": "2026-05-01T09:30:00.000Z",
    "last_used_at": None,
    "backed_up": True,
    "may_be_copied": False,
}
_OPTIONS: dict[str, Any] = {
    "rpId": "sendalong.example",
    "challenge": "x3l1zUrkHr1bqKp7y1r5uQ",
    "timeout": 300000,
    "userVerification": "required",
}
_CREDENTIAL: dict[str, Any] = {
    "id": "AQIDBA",
    "rawId": "AQIDBA",
    "type": "public-key",
    "response": {
        "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIn0",
        "attestationObject": "o2NmbXRkbm9uZQ",
    },
}


class PasskeyView(Answer):
    """A device that signs you in."""

    model_config = example(_PASSKEY)

    passkey_id: str
    name: str
    created_at: Moment
    last_used_at: Moment | None
    backed_up: bool = Field(description="Whether its maker keeps a copy of it for you.")
    may_be_copied: bool = Field(
        description="Its counter went backwards, so somebody may have a copy. It signs nobody in: "
        "delete it and set up another one."
    )


class PasskeysView(Answer):
    """Your passkeys."""

    model_config = example({"items": [_PASSKEY]})

    items: list[PasskeyView]


class PasskeyOptionsView(Answer):
    """What a browser hands to your devices."""

    model_config = example({"public_key": _OPTIONS})

    public_key: dict[str, Any] = Field(
        description="As in Web Authentication, bytes in base64url. It is good once, for minutes."
    )


class PasskeyRegistration(Request):
    """What your device has made."""

    model_config = example({"name": "Phone", "credential": _CREDENTIAL})

    name: Line
    credential: dict[str, Any] = Field(
        description="The answer of `navigator.credentials.create`, as its `toJSON` gives it."
    )


class AddedPasskeyView(Answer):
    """A passkey in use, and codes to note down if it is your first factor. They are shown once."""

    model_config = example(
        {
            "passkey_id": "01982b31-4c50-7e66-9a3d-7f6e5d4c3b22",
            "recovery_codes": ["7GQ2-M4XK-9RTB-0HWZ-K3DV-81PN"],
        }
    )

    passkey_id: str
    recovery_codes: list[str]


class NewPasskeyName(Request):
    """What you call a passkey."""

    model_config = example({"name": "Work laptop"})

    name: Line
