"""Blind indexes: find a row by a secret value without keeping the value readable."""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Callable, Mapping
from enum import StrEnum

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from infra.encryption.keys import KEY_BYTES


class IndexPurpose(StrEnum):
    """What is looked up; each purpose has a key of its own, so that indexes cannot be compared."""

    EMAIL = "email"
    PHONE = "phone"


def _email(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _phone(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit() or sign == "+")


_NORMALISED: Mapping[IndexPurpose, Callable[[str], str]] = {
    IndexPurpose.EMAIL: _email,
    IndexPurpose.PHONE: _phone,
}


class BlindIndex:
    """HMAC-SHA256 of a value as everybody would write it, keyed per purpose.

    The index key is made once and stays: another one would find nothing that is stored.
    """

    def __init__(self, index_key: bytes) -> None:
        """Derive the key of each purpose."""
        self._keys = {purpose: _derived(index_key, purpose) for purpose in IndexPurpose}

    def of(self, purpose: IndexPurpose, value: str) -> bytes:
        """Return under what a value is found.

        Shape: 32 bytes; the same for `Ada@Example.org ` and `ada@example.org`.
        """
        plain = _NORMALISED[purpose](value)
        return hmac.digest(self._keys[purpose], plain.encode(), "sha256")

    def of_maybe(self, purpose: IndexPurpose, value: str | None) -> bytes | None:
        """Return under what a value is found, or none where there is no value."""
        return self.of(purpose, value) if value else None


def contact_lookups(
    index: BlindIndex, email: str | None, phone: str | None
) -> dict[str, str | None]:
    """Return the columns under which contacts are found again."""
    found = {
        "email_lookup": index.of_maybe(IndexPurpose.EMAIL, email),
        "phone_lookup": index.of_maybe(IndexPurpose.PHONE, phone),
    }
    return {name: None if value is None else value.hex() for name, value in found.items()}


def _derived(index_key: bytes, purpose: IndexPurpose) -> bytes:
    info = b"blind index " + purpose.encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(index_key)
