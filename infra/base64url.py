"""Bytes as text that fits into URLs and headers: base64url without padding.

Source: RFC 4648, section 5.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode


def base64url(plain: bytes) -> str:
    """Return bytes as text."""
    return urlsafe_b64encode(plain).decode().rstrip("=")


def from_base64url(text: str) -> bytes:
    """Return the bytes of a text; other spellings of them are taken as well.

    Raises:
        ValueError: there are no bytes in it.
    """
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
