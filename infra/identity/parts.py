"""What accounts are made of in one process."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from hashlib import sha256

from domain.identity.policy import IdentityPolicy
from infra.encryption.indexes import BlindIndex, IndexPurpose
from infra.encryption.rings import key_bytes
from infra.identity.access_tokens import AccessTokens
from infra.identity.common_passwords import CommonPasswords, ListedPasswords
from infra.identity.passwords import Passwords
from infra.identity.refresh_tokens import RefreshTokens
from infra.settings import Settings


@dataclass(frozen=True, slots=True)
class IdentityParts:
    """Everything that proves who somebody is, chosen by the settings."""

    policy: IdentityPolicy
    passwords: Passwords
    access_tokens: AccessTokens
    refresh_tokens: RefreshTokens
    index: BlindIndex
    code_key: bytes = field(repr=False)
    """Codes that are sent are derived from this key."""
    common_passwords: CommonPasswords = field(default_factory=ListedPasswords)

    def email_lookup(self, email: str) -> str:
        """Return under what an account is found by its e-mail address, however it is written."""
        return self.index.of(IndexPurpose.EMAIL, email).hex()

    def phone_lookup(self, phone: str) -> str:
        """Return under what a person is found by their phone number, however it is written."""
        return self.index.of(IndexPurpose.PHONE, phone).hex()

    def subject(self, purpose: str, text: str) -> bytes:
        """Return under what tries are counted, such that nobody reads from it whose they are."""
        return hmac.digest(self.code_key, f"{purpose}\x00{text}".encode(), sha256)

    def close(self) -> None:
        """End the threads."""
        self.passwords.close()


def identity_parts(settings: Settings, access_tokens: AccessTokens) -> IdentityParts:
    """Return the parts as the settings choose them."""
    index_key = key_bytes(settings.index_key.get_secret_value(), "SENDALONG_INDEX_KEY")
    return IdentityParts(
        policy=settings.identity,
        passwords=Passwords(settings.identity.passwords),
        access_tokens=access_tokens,
        refresh_tokens=RefreshTokens(settings.handover_key_bytes),
        index=BlindIndex(index_key),
        code_key=settings.handover_key_bytes,
    )
