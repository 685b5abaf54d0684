"""What must be set about encryption: the key ring, and the key of the blind indexes."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from infra.encryption.rings import BadKeyRing, key_bytes, read_ring

KEY_VARIABLES = ("SENDALONG_ENCRYPTION_KEYS", "SENDALONG_ENCRYPTION_KEYS_FILE")
"""Either names the key-encryption keys."""


class EncryptionSettings(BaseSettings):
    """The part of the settings that worker and API need to encrypt and to read."""

    model_config = SettingsConfigDict(
        env_prefix="SENDALONG_", env_ignore_empty=True, frozen=True, hide_input_in_errors=True
    )

    encryption_keys: SecretStr = SecretStr("")
    """Key-encryption keys as `id:base64`, the current one first, separated by commas."""
    encryption_keys_file: Path | None = None
    """A file with them, one per line, instead; it may be replaced while everything runs."""
    index_key: SecretStr = SecretStr("")
    """Base64 of 32 random bytes, by which encrypted values are found again; it never changes."""

    @model_validator(mode="after")
    def _require_keys(self) -> Self:
        held = self.encryption_keys.get_secret_value()
        if bool(held) == bool(self.encryption_keys_file):
            raise ValueError(
                "set one of SENDALONG_ENCRYPTION_KEYS and SENDALONG_ENCRYPTION_KEYS_FILE: "
                "without the key-encryption keys nothing can be stored or read"
            )
        try:
            if held:
                read_ring(held)
            key_bytes(self.index_key.get_secret_value(), "SENDALONG_INDEX_KEY")
        except BadKeyRing as error:
            raise ValueError(str(error)) from error
        return self
