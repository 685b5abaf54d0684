"""What can be set about the audit: the key that signs the roots."""

from __future__ import annotations

from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings

from infra.audit.signing import RootSigner, read_signer


class AuditSettings(BaseSettings):
    """The part of the settings that is about the audit."""

    audit_signing_key: SecretStr = SecretStr("")
    """Signs the hourly roots over all chains: base64 of 32 random bytes, kept from whoever looks
    after the database. The worker does not start without it."""

    @field_validator("audit_signing_key")
    @classmethod
    def _require_usable_key(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            read_signer(value.get_secret_value())
        return value

    def required_root_signer(self) -> RootSigner:
        """Return what signs the roots.

        Raises:
            ValueError: there is no key.
        """
        text = self.audit_signing_key.get_secret_value()
        if not text:
            raise ValueError(
                "SENDALONG_AUDIT_SIGNING_KEY is not set: the worker signs the roots of the audit "
                "with it. Set base64 of 32 random bytes."
            )
        return read_signer(text)
