"""Seals the few secrets that have to be read again, so that the database alone gives none away."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from secrets import token_bytes

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
_KEY_BYTES = 32


class Seal:
    """Seals the secrets of authenticator apps; each opens only for the person whose it is."""

    def __init__(self, key: bytes) -> None:
        derive = HKDF(SHA256(), _KEY_BYTES, salt=None, info=b"sendalong secrets of second factors")
        self._cipher = AESGCM(derive.derive(key))

    async def close(self, person_id: str, secret: str) -> str:
        """Return a secret as the database keeps it."""
        nonce = token_bytes(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, secret.encode(), person_id.encode())
        return urlsafe_b64encode(nonce + sealed).decode()

    async def open(self, person_id: str, sealed: str) -> str:
        """Return a sealed secret.

        Raises:
            InvalidTag: it was changed, or belongs to somebody else.
        """
        raw = urlsafe_b64decode(sealed)
        nonce, rest = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:]
        return self._cipher.decrypt(nonce, rest, person_id.encode()).decode()
