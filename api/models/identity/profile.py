"""What people read and change of their own account."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from api.models.identity.sign_in import OwnRoles, Password
from api.models.types import Answer, Email, Latitude, Line, Longitude, Moment, Phone, Request
from domain.identity.privacy import NameShown

_ID = "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21"
_AT = "2026-05-01T09:30:00.000Z"
_SESSION: dict[str, Any] = {
    "session_id": _ID,
    "device_name": "Ada's phone",
    "program": "Firefox",
    "authenticated_by": ["pwd"],
    "created_at": _AT,
    "last_seen_at": _AT,
    "expires_at": _AT,
    "is_current": True,
}
_ADDRESS: dict[str, Any] = {
    "address_id": _ID,
    "label": "Home",
    "address": "Gran Via 1, Madrid",
    "latitude": 40.42,
    "longitude": -3.705,
}


class PrivacyView(Answer):
    """How a person wants to be seen."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name_shown": "first", "shares_position": True}]}
    )

    name_shown: NameShown = Field(description="How much of your name others read.")
    shares_position: bool = Field(
        description="Whether those whose parcel you carry see exactly where you are, or roughly."
    )


class PrivacyChange(Request):
    """How a person wants to be seen from now on."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name_shown": "initials", "shares_position": False}]}
    )

    name_shown: Annotated[NameShown, Field(strict=False)]
    shares_position: bool


class ProfileView(Answer):
    """A person as they see themselves."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "person_id": _ID,
                    "display_name": "Ada Lovelace",
                    "roles": ["customer", "traveler"],
                    "email": "ada@example.org",
                    "email_verified": True,
                    "phone": "+34600000001",
                    "phone_verified": False,
                    "has_account": True,
                    "privacy": {"name_shown": "first", "shares_position": True},
                    "created_at": _AT,
                }
            ]
        }
    )

    person_id: str
    display_name: str
    roles: list[str]
    email: str | None
    email_verified: bool
    phone: str | None
    phone_verified: bool
    has_account: bool = Field(description="False for a person whose token was made for them.")
    privacy: PrivacyView | None
    created_at: Moment


class CardView(Answer):
    """A person as others see them."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "person_id": _ID,
                    "name": "Ada L.",
                    "member_since": _AT,
                    "email_verified": True,
                    "phone_verified": False,
                }
            ]
        }
    )

    person_id: str
    name: str = Field(description="As much of the name as the person shows.")
    member_since: Moment
    email_verified: bool
    phone_verified: bool


class ProfileChange(Request):
    """What a person changes about themselves; what is left out stays as it is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"display_name": "Ada L.", "roles": ["customer", "traveler"]}]
        }
    )

    display_name: Annotated[Line, Field(max_length=80)] | None = None
    roles: OwnRoles | None = None


class EmailChange(Request):
    """Another e-mail address, from somebody who knows the password."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"email": "ada@example.net", "current_password": "four words in a row"}]
        }
    )

    email: Email
    current_password: Password


class PhoneChange(Request):
    """Another phone number."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"phone": "+34600000002"}]})

    phone: Phone


class SessionView(Answer):
    """One device that is signed in."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SESSION]})

    session_id: str
    device_name: str
    program: str = Field(description="The family of the program, as it says of itself.")
    authenticated_by: list[str] = Field(description="How you proved who you are, as in RFC 8176.")
    created_at: Moment
    last_seen_at: Moment = Field(description="When it last got new tokens.")
    expires_at: Moment
    is_current: bool = Field(description="Whether this request comes from it.")


class SessionsView(Answer):
    """Every device that is signed in, the last one used first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_SESSION]}]})

    items: list[SessionView]


class EndedView(Answer):
    """How many sessions ended just now."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ended": 2}]})

    ended: int


class AddressBody(Request):
    """A place that a person keeps."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "label": "Home",
                    "address": "Gran Via 1, Madrid",
                    "latitude": 40.42,
                    "longitude": -3.705,
                }
            ]
        }
    )

    label: Annotated[Line, Field(max_length=40)]
    address: Line
    latitude: Latitude
    longitude: Longitude


class AddressView(Answer):
    """A place that a person keeps, as it was saved."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ADDRESS]})

    address_id: str
    label: str
    address: str
    latitude: float
    longitude: float


class AddressesView(Answer):
    """Every place that a person keeps, in the order of their labels."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_ADDRESS]}]})

    items: list[AddressView]
