"""What is sent and answered around registering, signing in and staying signed in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, SecretStr

from api.models.types import Answer, Email, Id, Line, Moment, Request
from domain.identity.codes import RESET_SIGNS
from infra.identity.refresh_tokens import REFRESH_PREFIX

_ID = "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21"
_AT = "2026-05-01T09:30:00.000Z"
_PASSWORD = "four words in a row"  # noqa: S105 -- It is an example.
_REFRESH = REFRESH_PREFIX + "vN5b8SDx1qJkW6y0hQyq3o0m1oUuK2cN7bqf0pXwE4k"
PASSWORD_RAW_CHARS_MAX = 512
"""Longest password that is read at all; what is too long is said by the rules, not by this."""


def _require_some(roles: list[str]) -> list[str]:
    if len(set(roles)) != len(roles):
        raise ValueError("This must not name a role twice.")
    return roles


Password = Annotated[
    SecretStr,
    Field(
        min_length=1,
        max_length=PASSWORD_RAW_CHARS_MAX,
        json_schema_extra={"writeOnly": True},
    ),
]
"""A password, which never shows when something is printed."""
OwnRoles = Annotated[
    list[Literal["customer", "traveler"]],
    Field(min_length=1, max_length=2),
    AfterValidator(_require_some),
]
"""The roles that people choose themselves; those of staff are given, never taken."""
TypedCode = Annotated[
    str, Field(min_length=1, max_length=2 * RESET_SIGNS, pattern=r"^[0-9A-Za-z -]+$")
]
"""A code as people type it: letters of any size, with spaces and hyphens wherever they like."""
DeviceName = Annotated[Line, Field(max_length=60)]
RefreshToken = Annotated[
    SecretStr, Field(min_length=16, max_length=128, json_schema_extra={"writeOnly": True})
]


class NewRegistration(Request):
    """Somebody who wants an account."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "email": "ada@example.org",
                    "password": _PASSWORD,
                    "display_name": "Ada Lovelace",
                    "roles": ["customer", "traveler"],
                }
            ]
        }
    )

    email: Email
    password: Password
    display_name: Annotated[Line, Field(max_length=80)]
    roles: OwnRoles


class SentCodeView(Answer):
    """A code is on its way to the address; whether anybody has an account there is not said."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"verification_id": _ID, "expires_at": _AT}]}
    )

    verification_id: str = Field(description="Send it back with the code.")
    expires_at: Moment = Field(description="Until when the code is good.")


class Verification(Request):
    """A code that came, with what it was asked for."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"verification_id": _ID, "code": "418203"}]}
    )

    verification_id: Id
    code: TypedCode


class Resending(Request):
    """A message that did not come."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"verification_id": _ID}]})

    verification_id: Id


class AcceptedView(Answer):
    """It is done as far as it may be; what there was to do is not said."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "accepted"}]})

    status: Literal["accepted"] = "accepted"


class RegisteredView(Answer):
    """Somebody has an account now, and can sign in."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"person_id": _ID}]})

    person_id: str


class Credentials(Request):
    """Who wants to sign in."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"email": "ada@example.org", "password": _PASSWORD, "device_name": "Ada's phone"}
            ]
        }
    )

    email: Email
    password: Password
    device_name: DeviceName | None = None


class SignedInView(Answer):
    """A session, with the token to use it and the token to keep it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "signed_in",
                    "person_id": _ID,
                    "session_id": _ID,
                    "access_token": "eyJhbGciOiJFZERTQSIsImtpZCI6Ii4uLiIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln",
                    "token_type": "Bearer",
                    "expires_in": 900,
                    "refresh_token": _REFRESH,
                    "refresh_until": _AT,
                }
            ]
        }
    )

    status: Literal["signed_in"] = "signed_in"
    person_id: str
    session_id: str
    access_token: str = Field(description="Send it as `Authorization: Bearer`.")
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 -- It is the name of a scheme.
    expires_in: int = Field(description="Seconds for which the access token is good.")
    refresh_token: str = Field(description="Exchange it once for the next pair of tokens.")
    refresh_until: Moment = Field(description="Until when that can be done.")


class Refreshing(Request):
    """A refresh token to exchange, or whose session to end."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"refresh_token": _REFRESH}]})

    refresh_token: RefreshToken


class ForgottenPassword(Request):
    """Whose password is forgotten."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "ada@example.org"}]})

    email: Email


class PasswordReset(Request):
    """A new password, with the code that allows it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"verification_id": _ID, "code": "7K3M-9QWX-2HTP", "new_password": _PASSWORD}
            ]
        }
    )

    verification_id: Id
    code: TypedCode
    new_password: Password


class PasswordChange(Request):
    """A new password from somebody who knows the old one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"current_password": _PASSWORD, "new_password": "another four plain words"}
            ]
        }
    )

    current_password: Password
    new_password: Password
