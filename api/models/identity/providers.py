"""Bodies about signing in with other providers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr

from api.models.identity.factors import example
from api.models.identity.sign_in import DeviceName, OwnRoles
from api.models.types import Answer, Moment, Request

_STATE = "vN5b8SDx1qJkW6y0hQyq3o0m1oUuK2cN7bqf0pXwE4k"
_BACK = {
    "state": _STATE,
    "code": "SplxlOBeZQQYbYS6WxSbIA",
    "iss": "https://accounts.example",
    "browser_secret": "0o0m1oUuK2cN7bqf0pXwE4kvN5b8SDx1qJkW6y0hQyq",
}
_IDENTITY = {
    "identity_id": "01982b31-4c50-7e66-9a3d-7f6e5d4c3b22",
    "provider": "google",
    "linked_at": "2026-05-01T09:30:00.000Z",
    "last_used_at": None,
}
Secret = Annotated[
    SecretStr, Field(min_length=16, max_length=128, json_schema_extra={"writeOnly": True})
]


class ProviderView(Answer):
    """A provider that can sign you in."""

    model_config = example({"provider": "google", "title": "Google"})

    provider: str
    title: str


class ProvidersView(Answer):
    """The providers that can sign you in."""

    model_config = example({"items": [{"provider": "google", "title": "Google"}]})

    items: list[ProviderView]


class NewProviderSignIn(Request):
    """Where you want to come back to."""

    model_config = example({"redirect_uri": "https://app.example/signed-in"})

    redirect_uri: Annotated[str, Field(max_length=500)] = Field(
        description="A page of ours that is registered at the provider."
    )


class ProviderSignInView(Answer):
    """Where the provider asks you who you are."""

    model_config = example(
        {
            "authorization_url": "https://accounts.example/authorize?client_id=sendalong",
            "browser_secret": _BACK["browser_secret"],
            "expires_at": "2026-05-01T09:40:00.000Z",
        }
    )

    authorization_url: str = Field(description="Open it in the browser.")
    browser_secret: str = Field(
        description="Keep it in this browser and send it when you come back: it shows that you are "
        "whoever has begun."
    )
    expires_at: Moment


class ProviderLink(Request):
    """What the provider has sent you back with."""

    model_config = example(_BACK)

    state: Secret
    code: Annotated[SecretStr, Field(min_length=1, max_length=2_000)]
    iss: Annotated[str, Field(max_length=500)] | None = Field(
        default=None, description="Send it if the provider sends it."
    )
    browser_secret: Secret


class ProviderSignIn(ProviderLink):
    """What the provider has sent you back with, to be signed in."""

    model_config = example({**_BACK, "device_name": "Phone"})

    device_name: DeviceName | None = None
    roles: OwnRoles = Field(
        default=["customer"], description="What you want to be, if you have no account yet."
    )


class IdentityView(Answer):
    """An account at a provider that signs you in."""

    model_config = example(_IDENTITY)

    identity_id: str
    provider: str
    linked_at: Moment
    last_used_at: Moment | None


class IdentitiesView(Answer):
    """The accounts at providers that sign you in."""

    model_config = example({"items": [_IDENTITY]})

    items: list[IdentityView]
