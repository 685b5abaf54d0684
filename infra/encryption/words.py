"""What people say and show in disputes or claim of scans, encrypted with the key of whoever did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Label, literal_column

from domain.erasing.rules import ERASED_TEXT
from infra.encryption.fields import OwnedKey, Place, is_sealed, is_sealed_bytes
from infra.encryption.keys import KeyDestroyed
from infra.encryption.owned import KeyOwner, OwnedKeys, read_key_text
from infra.encryption.people import person_key_sql

AUTHOR_KEY = "author_key"
"""Name of the column by which a statement reads the author's key along with the words."""
WORDS_OF = {
    "dispute_message": ("message_id", "text"),
    "dispute_evidence": ("evidence_id", "description"),
    "custody_claim": ("claim_id", "claim"),
}
"""Where the words are: in each table the column that names the row, and the one with the words."""


def author_key_column(author_id: str) -> Label[Any]:
    """Return the column that reads the key of the person whom another piece of SQL names."""
    return literal_column(person_key_sql(author_id)).label(AUTHOR_KEY)


def sealed_words(key: OwnedKey, table: str, row_id: str, words: str) -> str:
    """Return words as the row keeps them."""
    return key.seal(Place(table, WORDS_OF[table][1], row_id), words)


async def opened_words(keys: OwnedKeys, table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with its words, which are erased without the key; the key itself is left out.

    Raises:
        NotAuthentic: they were changed, or moved here from another row.
        KeyUnknown: the key ring lacks the key-encryption key.
    """
    opened = dict(row)
    kept = opened.pop(AUTHOR_KEY)
    row_id, column = WORDS_OF[table]
    if is_sealed(opened[column]):
        key = await _author_key(keys, kept, str(opened["author_id"]))
        place = Place(table, column, str(opened[row_id]))
        opened[column] = ERASED_TEXT if key is None else key.open(place, opened[column])
    return opened


def sealed_picture(key: OwnedKey, evidence_id: str, content: bytes) -> bytes:
    """Return a picture as the row keeps it."""
    return key.seal_bytes(_picture(evidence_id), content)


async def opened_picture(
    keys: OwnedKeys, evidence_id: str, author: tuple[str, str | None], content: bytes
) -> bytes | None:
    """Return a picture, or none when its author was erased.

    `author` is who showed it, with the text of their key.

    Raises:
        NotAuthentic: it was changed, or belongs to other evidence.
        KeyUnknown: the key ring lacks the key-encryption key.
    """
    if not is_sealed_bytes(content):
        return content
    author_id, kept = author
    key = await _author_key(keys, kept, author_id)
    return None if key is None else key.open_bytes(_picture(evidence_id), content)


def _picture(evidence_id: str) -> Place:
    return Place("dispute_file", "content", evidence_id)


async def _author_key(keys: OwnedKeys, kept: str | None, author_id: str) -> OwnedKey | None:
    try:
        return await keys.opened(read_key_text(kept, KeyOwner.person(author_id)))
    except KeyDestroyed:
        return None
