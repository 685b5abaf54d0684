"""Bodies about second factors."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from api.models.types import Answer, Moment, Request
from domain.identity.factors import FACTORS, Method

_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105 -- The example of many documents.
_CODES = ["7GQ2-M4XK-9RTB-0HWZ-K3DV-81PN", "C3N8-5VJD-PYQ1-6EAF-W0ST-2MXB"]

TotpCode = Annotated[str, Field(pattern=rf"^[0-9]{{{FACTORS.digits}}}$")]
"""A code as the app shows it."""
RecoveryCode = Annotated[str, Field(pattern=r"^[0-9A-Za-z -]{16,60}$")]
"""A code as it was noted down, with or without its gaps."""


def example(value: dict[str, Any]) -> ConfigDict:
    """Return the configuration of a body with its example."""
    return ConfigDict(json_schema_extra={"examples": [value]})


class TotpSetupView(Answer):
    """What an authenticator app needs. It is shown once."""

    model_config = example(
        {
            "secret": _SECRET,
            "otpauth_uri": f"otpauth://totp/Sendalong:ada%40example.org?secret={_SECRET}"
            "&issuer=Sendalong",
            "qr_svg": '<svg xmlns="http://www.w3.org/2000/svg" width="180" height="180"></svg>',
        }
    )

    secret: str = Field(description="For apps that cannot scan.")
    otpauth_uri: str = Field(description="What the app takes over.")
    qr_svg: str = Field(description="The same as a picture to scan.")


class TotpConfirmation(Request):
    """A code that shows that the app was set up."""

    model_config = example({"code": "492039"})

    code: TotpCode


class RecoveryCodesView(Answer):
    """Codes to note down. They are shown once."""

    model_config = example({"recovery_codes": _CODES})

    recovery_codes: list[str] = Field(
        description="Each signs you in once when your device is lost. Empty when the ones that you "
        "have noted down stay."
    )


class FactorsView(Answer):
    """Which second factors you have."""

    model_config = example(
        {
            "required": True,
            "totp_since": "2026-05-01T09:30:00.000Z",
            "passkeys": 1,
            "recovery_codes_left": 9,
        }
    )

    required: bool = Field(description="Whether your roles demand a second factor.")
    totp_since: Moment | None = Field(description="Since when an authenticator app is in use.")
    passkeys: int = Field(description="How many passkeys you have.")
    recovery_codes_left: int = Field(description="How many recovery codes you have not used.")


class NewStepUp(Request):
    """Which request you want to approve."""

    model_config = example(
        {
            "method": "POST",
            "path": "/v1/disputes/01982b31-4c50-7e66-9a3d-7f6e5d4c3b22/verdict",
            "body_sha256": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        }
    )

    method: Literal["POST", "PUT", "PATCH", "DELETE"]
    path: Annotated[
        str, Field(pattern=r"^/v1/[A-Za-z0-9/_-]{1,300}(\?[A-Za-z0-9/_.~%&=+-]{1,300})?$")
    ] = Field(description="Its address from the first slash on, with its query as it is sent.")
    body_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] = Field(
        description="SHA-256 of the bytes of its body; of nothing, when it has none."
    )


class StepUpView(Answer):
    """An approval that waits for your second factor."""

    model_config = example(
        {
            "step_up_id": "01982b31-4c50-7e66-9a3d-7f6e5d4c3b22",
            "methods": ["totp"],
            "passkey": None,
            "expires_at": "2026-05-01T09:35:00.000Z",
        }
    )

    step_up_id: str
    methods: list[Method] = Field(description="What you can approve it with.")
    passkey: dict[str, Any] | None = Field(
        description="What `navigator.credentials.get` takes, if a passkey can approve it. The signed "
        "challenge ends with the hash of the request."
    )
    expires_at: Moment = Field(description="Answer until then.")


class StepUpAnswer(Request):
    """Your second factor: one of these."""

    model_config = example({"totp": "492039"})

    totp: TotpCode | None = None
    recovery_code: RecoveryCode | None = None
    passkey: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _require_one(self) -> Self:
        if sum(getattr(self, name) is not None for name in type(self).model_fields) != 1:
            raise ValueError("Give exactly one second factor.")
        return self


class GrantView(Answer):
    """An approval, for the one request that it was given for."""

    model_config = example(
        {
            "step_up": "su_0f3nV1pUq5v9Yl0Wb7mXc2Zr8sTtKkJj4HhGgFfDdSs",
            "expires_at": "2026-05-01T09:36:00.000Z",
        }
    )

    step_up: str = Field(
        description="Send it in the header Step-Up with the request. It works once."
    )
    expires_at: Moment
