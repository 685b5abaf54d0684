"""The answers that are kept for repeated requests, encrypted with the key of whoever asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from infra.encryption.fields import OwnedKey, Place
from infra.encryption.owned import KeyOwner, OwnedKeys, read_key_text

ANSWER_KEY = "claim_asker_key"
"""Name of the column by which a claim reads the key of the asking person."""
_SEALED = "sealed"


def sealed_answer(key: OwnedKey, request_key: str, answer: Mapping[str, Any]) -> dict[str, str]:
    """Return an answer as the row of its request keeps it."""
    return {_SEALED: key.seal(_place(request_key), json.dumps(answer))}


async def opened_answer(
    keys: OwnedKeys, person_id: str, request_key: str, row: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the answer in a claim; one that was kept before there was encryption is as it is.

    Raises:
        NotAuthentic: it was changed, or is that of another request or person.
        KeyUnknown: the key ring lacks the key-encryption key.
        KeyDestroyed: the person was erased.
    """
    kept: dict[str, Any] = row["claim_response"]
    if _SEALED not in kept:
        return kept
    key = await keys.opened(read_key_text(row[ANSWER_KEY], KeyOwner.person(person_id)))
    answer: dict[str, Any] = json.loads(key.open(_place(request_key), kept[_SEALED]))
    return answer


def _place(request_key: str) -> Place:
    return Place("idempotent_request", "response", request_key)
