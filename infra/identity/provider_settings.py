"""Which other providers sign people in."""

from __future__ import annotations

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

THIS_MACHINE = frozenset({"127.0.0.1", "localhost"})
ProviderName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
"""Short name of a provider, part of addresses."""


class AppleKey(BaseModel):
    """What a client secret for Apple is signed with: Apple takes no lasting one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    team_id: str
    key_id: str
    private_key: SecretStr
    """EC key in PEM."""


class SignInProvider(BaseModel):
    """One provider of OpenID Connect."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str
    """Address of the provider, as it names itself, without a slash at its end unless it has one."""
    client_id: str
    client_secret: SecretStr = SecretStr("")
    apple_key: AppleKey | None = None
    """In place of a lasting secret."""
    title: str = Field(min_length=1, max_length=60)
    """What people read on the button."""
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    response_mode: str | None = None
    """How the provider sends people back; Apple wants `form_post` when it is asked for an address."""
    redirect_uris: tuple[str, ...] = Field(min_length=1)
    """Pages of ours that people come back to, as they are registered at the provider."""

    @model_validator(mode="after")
    def _require_private_addresses(self) -> Self:
        for address in (self.issuer, *self.redirect_uris):
            parts = urlsplit(address)
            if parts.scheme != "https" and parts.hostname not in THIS_MACHINE:
                raise ValueError("the addresses of a provider must start with https://")
        if bool(self.client_secret.get_secret_value()) == (self.apple_key is not None):
            raise ValueError("a provider needs one of client_secret and apple_key")
        return self
