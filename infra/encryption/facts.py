"""Words in the audit trail of a delivery: chained as ciphertext, so that they can be erased for good.

The hash of an event is that of what is kept. Whoever destroys the key takes the words away, and the
chain verifies as before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.erasing.words import written_facts
from domain.transitions import Transition
from infra.database.chain import storable
from infra.encryption.fields import SEALED_PREFIX, OwnedKey, Place
from infra.encryption.keys import KeyDestroyed
from infra.encryption.owned import KeyOwner, OwnedKeys
from infra.encryption.parcels import ERASED

_MARK = f":{SEALED_PREFIX}"
"""Between the id of the key and what it has encrypted."""


async def with_sealed_words(
    keys: OwnedKeys, connection: AsyncConnection, transition: Transition
) -> Transition:
    """Return a transition as its event is kept: the words in it encrypted with its delivery's key."""
    names = written_facts(transition.event, transition.facts)
    if not names:
        return transition
    key = await keys.made_for(connection, KeyOwner.delivery(transition.delivery_id))
    sealed = {
        name: _sealed(key, _place(transition.delivery_id, transition.key, name), fact)
        for name, fact in transition.facts.items()
        if name in names
    }
    return replace(transition, facts={**transition.facts, **sealed})


def has_sealed_words(facts: Mapping[str, str]) -> bool:
    """Tell whether something in the facts of an event is encrypted."""
    return any(_MARK in fact for fact in facts.values())


async def key_of_words(
    keys: OwnedKeys, connection: AsyncConnection, delivery_id: str
) -> OwnedKey | None:
    """Return the key with which the words about a delivery are read, or none when it was destroyed."""
    try:
        return await keys.of(connection, KeyOwner.delivery(delivery_id))
    except KeyDestroyed:
        return None


def opened_facts(
    key: OwnedKey | None, delivery_id: str, event_key: str, facts: Mapping[str, str]
) -> dict[str, str]:
    """Return the facts of an event in clear; words whose key is gone read as erased.

    Raises:
        NotAuthentic: somebody changed them, or moved them here from another event.
    """
    return {
        name: _opened(key, _place(delivery_id, event_key, name), fact) if _MARK in fact else fact
        for name, fact in facts.items()
    }


def _sealed(key: OwnedKey, place: Place, fact: str) -> str:
    return f"{key.key_id}:{key.seal(place, storable(fact))}"


def _opened(key: OwnedKey | None, place: Place, fact: str) -> str:
    key_id, _, sealed = fact.partition(":")
    # The delivery got another key when somebody was erased: what the old one encrypted is gone.
    return key.open(place, sealed) if key is not None and key.key_id == key_id else ERASED


def _place(delivery_id: str, event_key: str, name: str) -> Place:
    return Place("event", name, f"{delivery_id}/{event_key}")
