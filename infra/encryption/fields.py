"""Fields of tables, encrypted with the key of the person or delivery that they are about."""

from __future__ import annotations

from dataclasses import dataclass

from infra.base64url import base64url, from_base64url
from infra.encryption.keys import NotAuthentic, bound, seal, unseal

SEALED_PREFIX = "enc1."
"""Marks a value that is encrypted, and how."""
SEALED_BYTES_PREFIX = SEALED_PREFIX.encode()


@dataclass(frozen=True, slots=True)
class Place:
    """Where an encrypted value lies: it can be read nowhere else."""

    table: str
    column: str
    row_id: str


@dataclass(frozen=True, slots=True)
class OwnedKey:
    """The key of one person or delivery, ready for use."""

    key_id: str
    """Id of the key, to which all that it encrypts is bound."""
    key: bytes

    def __repr__(self) -> str:
        """Show which key it is, never the key."""
        return f"OwnedKey({self.key_id})"

    def seal(self, place: Place, plain: str) -> str:
        """Return a value as the database keeps it: text that says nothing."""
        sealed = seal(self.key, plain.encode("utf-8", "surrogatepass"), self._bound(place))
        return SEALED_PREFIX + base64url(sealed)

    def open(self, place: Place, sealed: str) -> str:
        """Return the value.

        Raises:
            NotAuthentic: it was changed, or moved here from another row or column.
        """
        encoded = sealed.removeprefix(SEALED_PREFIX)
        try:
            body = from_base64url(encoded)
        except ValueError as error:
            raise NotAuthentic("an encrypted field was changed") from error
        return unseal(self.key, body, self._bound(place)).decode("utf-8", "surrogatepass")

    def seal_bytes(self, place: Place, plain: bytes) -> bytes:
        """Return bytes as the database keeps them."""
        return SEALED_BYTES_PREFIX + seal(self.key, plain, self._bound(place))

    def open_bytes(self, place: Place, sealed: bytes) -> bytes:
        """Return the bytes.

        Raises:
            NotAuthentic: they were changed, or moved here from another row or column.
        """
        return unseal(self.key, sealed.removeprefix(SEALED_BYTES_PREFIX), self._bound(place))

    def seal_maybe(self, place: Place, plain: str | None) -> str | None:
        """Return a value as the database keeps it, or none where there is none."""
        return None if plain is None else self.seal(place, plain)

    def open_maybe(self, place: Place, sealed: str | None) -> str | None:
        """Return the value, or none where there is none."""
        return None if sealed is None else self.open(place, sealed)

    def _bound(self, place: Place) -> bytes:
        return bound("field", place.table, place.column, place.row_id, self.key_id)


def is_sealed(value: str) -> bool:
    """Tell whether a value of a column is encrypted already."""
    return value.startswith(SEALED_PREFIX)


def is_sealed_bytes(value: bytes) -> bool:
    """Tell whether bytes of a column are encrypted already."""
    return value.startswith(SEALED_BYTES_PREFIX)
