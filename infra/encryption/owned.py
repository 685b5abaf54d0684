"""One key per person, delivery or workflow, kept wrapped; whoever destroys it erases what it read."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from infra.database.schema import data_key
from infra.encryption.fields import OwnedKey
from infra.encryption.keys import (
    KEY_BYTES,
    KeyDestroyed,
    KeyEncryptionKeys,
    WrappedKey,
    bound,
)
from infra.identifiers import new_id

UNWRAPPED_MAX = 5_000
"""Unwrapped keys that a process remembers: a few hundred kilobytes."""


class OwnerKind(StrEnum):
    """What a key belongs to."""

    PERSON = "person"
    DELIVERY = "delivery"
    WORKFLOW = "workflow"
    """A workflow that is about no single delivery."""


@dataclass(frozen=True, slots=True)
class KeyOwner:
    """Whose key it is."""

    kind: OwnerKind
    owner_id: str

    @classmethod
    def person(cls, person_id: str) -> Self:
        """Return a person as owner of the key of what is kept about them."""
        return cls(OwnerKind.PERSON, str(person_id))

    @classmethod
    def delivery(cls, delivery_id: str) -> Self:
        """Return a delivery as owner of the key of its addresses, contacts and history."""
        return cls(OwnerKind.DELIVERY, str(delivery_id))

    @classmethod
    def workflow(cls, workflow_id: str) -> Self:
        """Return a workflow as owner of the key of its history."""
        return cls(OwnerKind.WORKFLOW, workflow_id)


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as the table keeps it; nothing is left of one that was destroyed."""

    key_id: str
    owner: KeyOwner
    wrapped: WrappedKey | None


class OwnedKeys:
    """Makes, finds and destroys the keys of owners.

    The table is asked every time and only unwrapping is remembered, by what is unwrapped: a key
    that was destroyed can be used by no process from that moment on.
    """

    def __init__(self, keys: KeyEncryptionKeys) -> None:
        """Take what wraps the keys."""
        self.keys = keys
        self._unwrapped: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()

    async def made_for(self, connection: AsyncConnection, owner: KeyOwner) -> OwnedKey:
        """Return an owner's key; it is made in the caller's transaction when there is none.

        Raises:
            KeyDestroyed: the owner was erased.
        Idempotency: of two that make it at once, both get the one that was written first.
        """
        row = await find_key(connection, owner)
        if row is None:
            row = await self._make(connection, owner)
        return await self.opened(row)

    async def of(self, connection: AsyncConnection, owner: KeyOwner) -> OwnedKey:
        """Return an owner's key.

        Raises:
            KeyDestroyed: the owner was erased, or never had one.
        """
        row = await find_key(connection, owner)
        if row is None:
            raise KeyDestroyed(f"there is no key of {owner.kind} {owner.owner_id}")
        return await self.opened(row)

    async def opened(self, row: KeyRow) -> OwnedKey:
        """Return the key of a row, for statements that read the row along with what it encrypts.

        Raises:
            KeyDestroyed: the owner was erased.
        """
        if row.wrapped is None:
            raise KeyDestroyed(f"the key of {row.owner.kind} {row.owner.owner_id} was destroyed")
        known = (row.key_id, row.wrapped.sealed)
        key = self._unwrapped.get(known)
        if key is None:
            key = await self.keys.unwrap(row.wrapped, _bound(row.key_id, row.owner))
            self._unwrapped[known] = key
            while len(self._unwrapped) > UNWRAPPED_MAX:
                self._unwrapped.popitem(last=False)
        else:
            self._unwrapped.move_to_end(known)
        return OwnedKey(row.key_id, key)

    async def replaced(
        self, connection: AsyncConnection, owner: KeyOwner
    ) -> tuple[OwnedKey, OwnedKey]:
        """Destroy an owner's key, give the owner another one, and return both for this once.

        What only the old one has encrypted is noise from the commit on.

        Raises:
            KeyDestroyed: the owner was erased, or never had one.
        """
        old = await self.of(connection, owner)
        row = await self.new_row(owner)
        instead = update(data_key).where(data_key.c.key_id == old.key_id)
        await connection.execute(instead.values(created_at=func.now(), **columns_of(row)))
        return old, await self.opened(row)

    async def rewrapped(self, row: KeyRow) -> KeyRow:
        """Return a row as it is with the current key-encryption key; what it encrypts stays."""
        key = await self.opened(row)
        wrapped = await self.keys.wrap(key.key, _bound(row.key_id, row.owner))
        return KeyRow(row.key_id, row.owner, wrapped)

    async def new_row(self, owner: KeyOwner) -> KeyRow:
        """Return a fresh key that is written nowhere yet."""
        key, key_id = secrets.token_bytes(KEY_BYTES), new_id()
        return KeyRow(key_id, owner, await self.keys.wrap(key, _bound(key_id, owner)))

    async def _make(self, connection: AsyncConnection, owner: KeyOwner) -> KeyRow:
        added = insert(data_key).values(columns_of(await self.new_row(owner)))
        # Somebody may have been first: everybody goes on with the key that was kept.
        kept = added.on_conflict_do_update(
            index_elements=["owner_kind", "owner_id"], set_={"owner_id": added.excluded.owner_id}
        ).returning(data_key)
        return read_row((await connection.execute(kept)).one())


async def find_key(connection: AsyncConnection, owner: KeyOwner) -> KeyRow | None:
    """Return the row of an owner's key, or none when there never was one."""
    mine = (data_key.c.owner_kind == owner.kind, data_key.c.owner_id == owner.owner_id)
    return await _one(connection, select(data_key).where(*mine))


async def find_key_by_id(connection: AsyncConnection, key_id: str) -> KeyRow | None:
    """Return the row of a key, or none when there never was one."""
    return await _one(connection, select(data_key).where(data_key.c.key_id == key_id))


async def shred(connection: AsyncConnection, *owners: KeyOwner) -> int:
    """Destroy the keys of owners: what they encrypted is noise from the commit on.

    Idempotency: a key that is gone already is not counted, and no new one is ever made for its owner.
    """
    destroyed = 0
    for owner in owners:
        # An owner without a key gets a grave all the same, so that none is made later on.
        grave = insert(data_key).values(
            key_id=new_id(),
            owner_kind=owner.kind,
            owner_id=owner.owner_id,
            destroyed_at=func.now(),
        )
        await connection.execute(grave.on_conflict_do_nothing())
        gone = (
            update(data_key)
            .where(
                data_key.c.owner_kind == owner.kind,
                data_key.c.owner_id == owner.owner_id,
                data_key.c.wrapped.is_not(None),
            )
            .values(wrapped=None, wrapped_by=None, destroyed_at=func.now())
        )
        destroyed += (await connection.execute(gone)).rowcount
    return destroyed


def columns_of(row: KeyRow) -> dict[str, Any]:
    """Return what the table keeps of a key."""
    assert row.wrapped is not None
    return {
        "key_id": row.key_id,
        "owner_kind": row.owner.kind,
        "owner_id": row.owner.owner_id,
        "wrapped_by": row.wrapped.wrapped_by,
        "wrapped": row.wrapped.sealed,
    }


def read_row(row: Any) -> KeyRow:
    """Return a key from a row of the table."""
    kept = None if row.wrapped is None else WrappedKey(row.wrapped_by, row.wrapped)
    return KeyRow(row.key_id, KeyOwner(OwnerKind(row.owner_kind), row.owner_id), kept)


def read_key_text(kept: str | None, owner: KeyOwner) -> KeyRow:
    """Return an owner's key from the one text that a statement reads along with a row.

    Without the wrapped key it was destroyed, or there never was one.
    """
    key_id, *rest = (kept or "").split(":")
    wrapped = WrappedKey(rest[0], bytes.fromhex(rest[1])) if rest else None
    return KeyRow(key_id, owner, wrapped)


async def _one(connection: AsyncConnection, query: Select[Any]) -> KeyRow | None:
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else read_row(row)


def _bound(key_id: str, owner: KeyOwner) -> bytes:
    return bound("data key", key_id, owner.kind, owner.owner_id)
