"""What proofs say and show, encrypted with the key of whoever added them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from infra.database.chain import canonical_json
from infra.encryption.fields import OwnedKey, Place
from infra.encryption.keys import KeyDestroyed
from infra.encryption.owned import KeyOwner, OwnedKeys, read_key_text

_TABLE = "proof_item"


def sealed_detail(key: OwnedKey, item_id: str, detail: Mapping[str, Any]) -> str:
    """Return what a proof says as the row keeps it."""
    return key.seal(Place(_TABLE, "detail", item_id), canonical_json(dict(detail)))


def sealed_content(key: OwnedKey, item_id: str, content: bytes) -> bytes:
    """Return what a proof shows as the row keeps it."""
    return key.seal_bytes(Place(_TABLE, "content", item_id), content)


def opened_detail(key: OwnedKey, item_id: str, sealed: str) -> dict[str, Any]:
    """Return what a proof says.

    Raises:
        NotAuthentic: it was changed, or belongs to another proof.
    """
    detail: dict[str, Any] = json.loads(key.open(Place(_TABLE, "detail", item_id), sealed))
    return detail


def opened_content(key: OwnedKey, item_id: str, sealed: bytes) -> bytes:
    """Return what a proof shows.

    Raises:
        NotAuthentic: it was changed, or belongs to another proof.
    """
    return key.open_bytes(Place(_TABLE, "content", item_id), sealed)


async def key_of_author(keys: OwnedKeys, author_id: str, kept: str | None) -> OwnedKey | None:
    """Return the key of whoever added a proof, from the text read along with it; none once erased.

    Raises:
        KeyUnknown: the key ring lacks the key-encryption key.
    """
    try:
        return await keys.opened(read_key_text(kept, KeyOwner.person(author_id)))
    except KeyDestroyed:
        return None
