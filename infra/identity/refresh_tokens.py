"""Refresh tokens: opaque, each good for one exchange, each derived from the one before.

The successor of a token is derived from it with a key: a client that lost the answer to an exchange
gets the same successor again, so that repeating an exchange never makes two living branches.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256

from infra.base64url import base64url

REFRESH_PREFIX = "sr_"
"""Makes a leaked token recognisable to scanners of source code."""
TOKEN_BYTES = 32
_LABEL = b"sendalong refresh token\x00"


class RefreshTokens:
    """Makes the refresh tokens of sessions."""

    def __init__(self, key: bytes) -> None:
        """Take the key from which successors are derived."""
        self._key = key

    def first(self) -> str:
        """Return the first token of a session: 256 random bits."""
        return _written(secrets.token_bytes(TOKEN_BYTES))

    def successor(self, token: str) -> str:
        """Return what a token is exchanged for, always the same; without the key nobody knows it."""
        return _written(hmac.digest(self._key, _LABEL + token.encode(), sha256))


def _written(raw: bytes) -> str:
    return REFRESH_PREFIX + base64url(raw)
