"""The keys that wrap all other keys, behind a port: nothing else is encrypted with them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
"""Length of every key: AES-256."""
NONCE_BYTES = 12
"""Length of the random part of every ciphertext: the one that AES-GCM is made for."""


class EncryptionTrouble(Exception):
    """Something cannot be encrypted or read; the message names no content."""


class KeyUnknown(EncryptionTrouble):
    """Something was encrypted with a key that the key ring does not hold."""


class KeyDestroyed(EncryptionTrouble):
    """What this key encrypted was erased for good, or never existed."""


class NotAuthentic(EncryptionTrouble):
    """A ciphertext was changed, or lies where it was not encrypted for."""


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A key as it may be stored: useless without the key-encryption key that it names."""

    wrapped_by: str
    """Id of the key-encryption key."""
    sealed: bytes
    """The key, encrypted."""


class KeyEncryptionKeys(Protocol):
    """Wraps and unwraps keys: one key-encryption key is current, older ones still unwrap.

    A local file and a set held in memory stand behind it; so can a key management service, which
    is why every question of it may take time.
    """

    async def current(self) -> str:
        """Return the id of the key that wraps new keys."""
        ...

    async def known(self) -> tuple[str, ...]:
        """Return the ids of all keys, the current one first."""
        ...

    async def wrap(self, key: bytes, bound_to: bytes) -> WrappedKey:
        """Wrap a key with the current key-encryption key; `bound_to` says whose it is."""
        ...

    async def unwrap(self, wrapped: WrappedKey, bound_to: bytes) -> bytes:
        """Return the key itself.

        Raises:
            KeyUnknown: no key-encryption key has the id that it names.
            NotAuthentic: it was changed, or wrapped for somebody else.
        """
        ...


def seal(key: bytes, plain: bytes, bound_to: bytes) -> bytes:
    """Encrypt and authenticate; nobody can read it back without naming the same `bound_to`."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to)


def unseal(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    """Return what was encrypted.

    Raises:
        NotAuthentic: it was changed, or encrypted with another key or for another place.
    """
    nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, body, bound_to)
    except (InvalidTag, ValueError) as error:
        raise NotAuthentic("a ciphertext was changed or moved") from error


def bound(*parts: str) -> bytes:
    """Return what a ciphertext is bound to, so that no two lists of parts are written alike."""
    return b"".join(len(part.encode()).to_bytes(4) + part.encode() for part in parts)
