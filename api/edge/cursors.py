"""Seals cursors, so that nobody can make or edit one, or use one that was given for something else.

A seal binds the text to the address of the list and to the credential that asks.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256

from infra.base64url import base64url, from_base64url

SEAL_BYTES = 16
"""Length of a seal: nobody tries 2^128 of them."""

_BINDING: ContextVar[bytes] = ContextVar("cursor_binding")


class BrokenSeal(ValueError):
    """The cursor was not given by us, for this list, to this credential."""


def cursor_key(handover_key: bytes) -> bytes:
    """Return the key of cursors: derived, for they live as long as somebody turns pages."""
    return hmac.digest(handover_key, b"sendalong cursors", sha256)


@contextmanager
def cursors_for(key: bytes, path: str, lookup: bytes | None) -> Iterator[None]:
    """Seal and open, within the block, the cursors of one list for one credential."""
    bound = hmac.digest(key, path.encode() + b"\0" + (lookup or b""), sha256)
    token = _BINDING.set(bound)
    try:
        yield
    finally:
        _BINDING.reset(token)


def seal(text: str) -> str:
    """Return a text as a cursor."""
    raw = text.encode()
    return base64url(_seal_of(raw) + raw)


def unseal(cursor: str) -> str:
    """Return the text of a cursor.

    Raises:
        BrokenSeal: it was made by somebody else, edited, or given for something else.
    """
    try:
        whole = from_base64url(cursor)
        text = whole[SEAL_BYTES:].decode("ascii")
    except ValueError as error:
        raise BrokenSeal from error
    # The text is spelled anew, so that one page has one cursor.
    if not hmac.compare_digest(seal(text).encode(), cursor.encode()):
        raise BrokenSeal
    return text


def _seal_of(raw: bytes) -> bytes:
    return hmac.digest(_BINDING.get(), raw, sha256)[:SEAL_BYTES]
