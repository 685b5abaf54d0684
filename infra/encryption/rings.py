"""Key rings of this machine: held in memory, or in a file that may change while we run."""

from __future__ import annotations

import os
import re
import secrets
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from pathlib import Path

from infra.encryption.keys import KEY_BYTES, EncryptionTrouble, KeyUnknown, WrappedKey, seal, unseal

KEY_ID = re.compile(r"[a-z0-9-]{1,32}")
"""What a key may be called: it is stored beside everything that the key has wrapped."""


class BadKeyRing(EncryptionTrouble):
    """The text of a key ring cannot be used; the message names no key."""


def read_ring(text: str) -> Mapping[str, bytes]:
    """Return the keys of a ring by id, the current one first.

    Shape: `id:base64` of 32 bytes each, separated by commas or white space.

    Raises:
        BadKeyRing: there is none, one is named twice or is no such key.
    """
    ring: dict[str, bytes] = {}
    for number, entry in enumerate(text.replace(",", " ").split(), 1):
        name, colon, encoded = entry.partition(":")
        if not colon or KEY_ID.fullmatch(name) is None or name in ring:
            raise BadKeyRing(f"entry {number} of the key ring needs an id of its own: id:base64")
        ring[name] = key_bytes(encoded, f"key {name}")
    if not ring:
        raise BadKeyRing("the key ring is empty; it needs one entry at least: id:base64")
    return ring


def write_ring(ring: Mapping[str, bytes]) -> str:
    """Return a key ring as text, one key per line, the current one first."""
    return "".join(f"{name}:{b64encode(key).decode()}\n" for name, key in ring.items())


def key_bytes(encoded: str, name: str) -> bytes:
    """Return a key from its base64.

    Raises:
        BadKeyRing: it is no base64 of 32 bytes.
    """
    try:
        key = b64decode(encoded, validate=True)
    except NotBase64:
        key = b""
    if len(key) != KEY_BYTES:
        raise BadKeyRing(f"{name} needs exactly {KEY_BYTES} bytes, in base64")
    return key


def with_new_key(ring: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the ring with one more key, which is the current one from then on."""
    numbers = [int(name[1:]) for name in ring if re.fullmatch(r"k\d+", name)]
    return {f"k{max(numbers, default=0) + 1}": secrets.token_bytes(KEY_BYTES), **ring}


class HeldKeys:
    """A key ring held in memory."""

    def __init__(self, ring: Mapping[str, bytes]) -> None:
        """Hold a ring; its first key is the current one."""
        self._ring = dict(ring)

    async def current(self) -> str:
        """Return the id of the key that wraps new keys."""
        return next(iter(self._ring))

    async def known(self) -> tuple[str, ...]:
        """Return the ids of all keys, the current one first."""
        return tuple(self._ring)

    async def wrap(self, key: bytes, bound_to: bytes) -> WrappedKey:
        """Wrap a key with the current key-encryption key."""
        name = await self.current()
        return WrappedKey(name, seal(self._ring[name], key, bound_to))

    async def unwrap(self, wrapped: WrappedKey, bound_to: bytes) -> bytes:
        """Return the key itself.

        Raises:
            KeyUnknown: the ring lacks the key that it names.
            NotAuthentic: it was changed, or wrapped for somebody else.
        """
        key = self._ring.get(wrapped.wrapped_by)
        if key is None:
            raise KeyUnknown(f"the key ring lacks the key {wrapped.wrapped_by}")
        return unseal(key, wrapped.sealed, bound_to)


class FileKeys:
    """A key ring in a file, read again whenever the file was replaced: rotating needs no restart."""

    def __init__(self, path: Path) -> None:
        """Name the file; it is read at the first question."""
        self.path = path
        self._held: HeldKeys | None = None
        self._version: tuple[int, int] | None = None

    async def current(self) -> str:
        """Return the id of the key that wraps new keys."""
        return await self._fresh().current()

    async def known(self) -> tuple[str, ...]:
        """Return the ids of all keys, the current one first."""
        return await self._fresh().known()

    async def wrap(self, key: bytes, bound_to: bytes) -> WrappedKey:
        """Wrap a key with the current key-encryption key."""
        return await self._fresh().wrap(key, bound_to)

    async def unwrap(self, wrapped: WrappedKey, bound_to: bytes) -> bytes:
        """Return the key itself.

        Raises:
            KeyUnknown: the ring lacks the key that it names.
            NotAuthentic: it was changed, or wrapped for somebody else.
        """
        return await self._fresh().unwrap(wrapped, bound_to)

    def _fresh(self) -> HeldKeys:
        try:
            # Looking costs a microsecond; a replaced file is another one, whatever its clock says.
            seen = os.stat(self.path)  # noqa: PTH116 -- One call gives both figures.
            version = (seen.st_ino, seen.st_mtime_ns)
            if self._held is None or version != self._version:
                self._held = HeldKeys(read_ring(self.path.read_text()))
                self._version = version
        except OSError as error:
            raise BadKeyRing(
                f"the key ring {self.path} cannot be read: {error.strerror}"
            ) from error
        return self._held
