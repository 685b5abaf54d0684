"""What can be set about accounts: the keys that sign tokens, and every figure."""

from __future__ import annotations

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from domain.identity.policy import IdentityPolicy
from infra.figures import require_known
from infra.identity.provider_settings import ProviderName, SignInProvider
from infra.identity.signing_keys import SigningKeys, read_signing_keys


class IdentitySettings(BaseSettings):
    """The part of the settings that is about accounts."""

    signing_keys: SecretStr = SecretStr("")
    """Keys of access tokens: base64 of 32 random bytes each, with a space in between. The first one
    signs, all of them are believed; the API does not start without one."""
    identity: IdentityPolicy = Field(default_factory=IdentityPolicy)
    """Figures of accounts; a nested JSON object replaces single ones."""
    sign_in_providers: dict[ProviderName, SignInProvider] = Field(default_factory=dict)
    """Other providers that sign people in, by a short name, as a JSON object."""
    passkey_rp_id: str = ""
    """Domain that passkeys are bound to; empty for the host of the public address. It cannot be
    changed later: passkeys of another domain work no more."""
    passkey_origins: list[str] = Field(default_factory=list)
    """Pages and apps that may ask for passkeys, as a JSON list; empty for the public address."""

    @field_validator("signing_keys")
    @classmethod
    def _require_usable_keys(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            read_signing_keys(value.get_secret_value())
        return value

    @field_validator("identity", mode="before")
    @classmethod
    def _require_known_figures_of_accounts(cls, value: object) -> object:
        if isinstance(value, dict):
            require_known(IdentityPolicy(), value, "identity")
        return value

    def required_signing_keys(self) -> SigningKeys:
        """Return the keys of access tokens.

        Raises:
            ValueError: there is none.
        """
        text = self.signing_keys.get_secret_value()
        if not text:
            raise ValueError(
                "SENDALONG_SIGNING_KEYS is not set: the API signs access tokens with it. Set base64 "
                "of 32 random bytes."
            )
        return read_signing_keys(text)
