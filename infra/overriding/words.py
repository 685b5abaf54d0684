"""What staff write about an override, encrypted with the key of its delivery."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.encryption.fields import OwnedKey, Place, is_sealed
from infra.encryption.keys import NotAuthentic
from infra.encryption.parcels import ERASED

WORDS = ("explanation", "reference", "witness")
"""Columns with words: they name people, cases and witnesses."""


def sealed_words(key: OwnedKey, override_id: str, words: Mapping[str, str]) -> dict[str, str]:
    """Return the words as the row keeps them."""
    return {name: key.seal(_place(override_id, name), words[name]) for name in WORDS}


def opened_words(key: OwnedKey | None, row: Mapping[str, Any]) -> dict[str, str]:
    """Return the words of a row; once a party of the delivery was erased, its key is another one."""
    return {name: _opened(key, str(row["override_id"]), name, row[name]) for name in WORDS}


def _opened(key: OwnedKey | None, override_id: str, name: str, sealed: str) -> str:
    if key is None or not is_sealed(sealed):
        return ERASED
    try:
        return key.open(_place(override_id, name), sealed)
    except NotAuthentic:
        return ERASED


def _place(override_id: str, column: str) -> Place:
    return Place("delivery_override", column, override_id)
