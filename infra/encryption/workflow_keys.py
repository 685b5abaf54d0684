"""The keys of workflows, from the table of keys: a delivery's workflow uses the delivery's own key."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import DELIVERY_PREFIX
from infra.encryption.keys import KeyDestroyed
from infra.encryption.owned import (
    KeyOwner,
    KeyRow,
    OwnedKeys,
    OwnerKind,
    find_key,
    find_key_by_id,
)
from infra.encryption.payloads import WorkflowKey

REMEMBERED_MAX = 5_000
"""Workflows whose keys a process remembers: more than it keeps workflows in memory."""
REMEMBERED_S = 300.0
"""How long it does so, in seconds: in this time at most a worker forgets a key that was destroyed."""


class DatabasePayloadKeys:
    """Looks keys up once per process and workflow; later payloads cost no question."""

    def __init__(
        self,
        engine: AsyncEngine,
        keys: OwnedKeys,
        remembered_s: float = REMEMBERED_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Name the database; with `remembered_s` of nought every payload asks it."""
        self._engine, self._keys = engine, keys
        self._remembered_s, self._clock = remembered_s, clock
        self._known: OrderedDict[str, tuple[float, WorkflowKey]] = OrderedDict()

    async def of_workflow(self, workflow_id: str) -> WorkflowKey:
        """Return the key of a workflow; it is made at the first question.

        Raises:
            KeyDestroyed: what the workflow is about was erased.
        """
        known = self._remembered(workflow_id)
        if known is not None:
            return known
        owner = owner_of_workflow(workflow_id)
        async with self._engine.connect() as connection:
            row = await find_key(connection, owner)
        if row is not None:
            return self._remember(WorkflowKey(workflow_id, await self._keys.opened(row)))
        async with self._engine.begin() as connection:
            key = await self._keys.made_for(connection, owner)
        return self._remember(WorkflowKey(workflow_id, key))

    async def by_id(self, key_id: str) -> WorkflowKey:
        """Return a key with the workflow that it belongs to.

        Raises:
            KeyDestroyed: what the workflow is about was erased, or there never was such a key.
        """
        known = self._remembered(key_id)
        if known is not None:
            return known
        async with self._engine.connect() as connection:
            row = await find_key_by_id(connection, key_id)
        if row is None:
            raise KeyDestroyed(f"there is no key {key_id}")
        return self._remember(WorkflowKey(workflow_of(row), await self._keys.opened(row)))

    def _remembered(self, name: str) -> WorkflowKey | None:
        since, key = self._known.get(name, (float("-inf"), None))
        return key if self._clock() - since < self._remembered_s else None

    def _remember(self, found: WorkflowKey) -> WorkflowKey:
        now = self._clock()
        for name in (found.workflow_id, found.key.key_id):
            self._known[name] = (now, found)
            self._known.move_to_end(name)
        while len(self._known) > 2 * REMEMBERED_MAX:
            self._known.popitem(last=False)
        return found


def owner_of_workflow(workflow_id: str) -> KeyOwner:
    """Return whose key encrypts the payloads of a workflow."""
    if workflow_id.startswith(DELIVERY_PREFIX):
        return KeyOwner.delivery(workflow_id.removeprefix(DELIVERY_PREFIX))
    return KeyOwner.workflow(workflow_id)


def workflow_of(row: KeyRow) -> str:
    """Return the workflow whose payloads a key encrypts.

    Raises:
        KeyDestroyed: it is the key of a person, and of no workflow.
    """
    if row.owner.kind is OwnerKind.PERSON:
        raise KeyDestroyed(f"the key {row.key_id} is that of no workflow")
    if row.owner.kind is OwnerKind.DELIVERY:
        return DELIVERY_PREFIX + row.owner.owner_id
    return row.owner.owner_id
