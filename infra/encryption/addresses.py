"""The addresses that a person keeps, encrypted with the person's own key: the words and the place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.encryption.fields import OwnedKey, Place, is_sealed

ERASED = "[erased]"
"""What stands in the place of an address whose key was destroyed."""
_TABLE = "saved_address"
_WORDS = ("label", "address")
_DEGREES = ("latitude", "longitude")


def sealed_address(key: OwnedKey, address_id: str, address: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of an address as the database keeps them.

    Coordinates are encrypted as one: each alone would say on which line a home lies.
    """
    place = " ".join(repr(float(address[name])) for name in _DEGREES)
    words = {name: key.seal(Place(_TABLE, name, address_id), address[name]) for name in _WORDS}
    return {**words, "place": key.seal(Place(_TABLE, "place", address_id), place)}


def opened_address_of(key: OwnedKey | None, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with its words and coordinates; without the key they are erased.

    Raises:
        NotAuthentic: a column was changed, or moved here from another address.
    """
    opened, address_id = dict(row), str(row["address_id"])
    place = opened.pop("place", None)
    for name in _WORDS:
        if is_sealed(opened[name]):
            opened[name] = (
                ERASED if key is None else key.open(Place(_TABLE, name, address_id), opened[name])
            )
    if place is not None and key is not None:
        degrees = key.open(Place(_TABLE, "place", address_id), place).split()
        opened.update(zip(_DEGREES, map(float, degrees), strict=True))
    return opened
