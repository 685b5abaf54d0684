"""Bodies about the second step of signing in."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, model_validator

from api.models.identity.factors import RecoveryCode, TotpCode, example
from api.models.identity.sign_in import DeviceName
from api.models.types import Answer, Moment, Request
from domain.identity.factors import Method

_TOKEN = "sap_vN5b8SDx1qJkW6y0hQyq3o0m1oUuK2cN7bqf0pXwE4k"  # noqa: S105 -- It is an example.


class SecondFactorRequiredView(Answer):
    """Your password was right; now show your second factor."""

    model_config = example(
        {
            "status": "second_factor_required",
            "pre_auth_token": _TOKEN,
            "methods": ["totp", "recovery_code"],
            "passkey": None,
            "expires_at": "2026-05-01T09:35:00.000Z",
        }
    )

    status: Literal["second_factor_required"] = "second_factor_required"
    pre_auth_token: str = Field(
        description="Send it with the second factor. It opens nothing else."
    )
    methods: list[Method] = Field(description="What you can show.")
    passkey: dict[str, Any] | None = Field(
        description="What `navigator.credentials.get` takes, if you have a passkey."
    )
    expires_at: Moment


class SecondFactor(Request):
    """Your second factor: one of a code, a recovery code, and the answer of a passkey."""

    model_config = example({"pre_auth_token": _TOKEN, "totp": "492039"})

    pre_auth_token: Annotated[
        SecretStr, Field(min_length=16, max_length=128, json_schema_extra={"writeOnly": True})
    ]
    totp: TotpCode | None = None
    recovery_code: RecoveryCode | None = None
    passkey: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _require_one(self) -> Self:
        if sum(each is not None for each in (self.totp, self.recovery_code, self.passkey)) != 1:
            raise ValueError("Give exactly one second factor.")
        return self


class PasskeySignIn(Request):
    """The answer of a passkey, which says who you are as well."""

    model_config = example(
        {
            "credential": {
                "id": "AQIDBA",
                "rawId": "AQIDBA",
                "type": "public-key",
                "response": {
                    "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0",
                    "authenticatorData": "SZYN5YgOjGh0NBcPZHZgW4",
                    "signature": "MEUCIQ",
                    "userHandle": "AYIvMUxQfmaaPX9uXUw7Ig",
                },
            },
            "device_name": "Phone",
        }
    )

    credential: dict[str, Any] = Field(
        description="The answer of `navigator.credentials.get`, as its `toJSON` gives it."
    )
    device_name: DeviceName | None = None
