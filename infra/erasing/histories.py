"""What workflows remember of a person's deliveries: unreadable from the erasure on, for everybody.

Words that staff and both sides write travel through workflows, and histories cannot be changed. Their
keys can be taken away. What the other side still has in the database is encrypted anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from domain.erasing.rules import Blocker, BlockerKind
from domain.ids import DeliveryId, delivery_workflow_id
from infra.database.schema import notification, parcel
from infra.encryption.fields import SEALED_PREFIX, OwnedKey, Place, is_sealed
from infra.encryption.keys import KeyDestroyed, NotAuthentic
from infra.encryption.owned import KeyOwner, OwnedKeys, OwnerKind
from infra.encryption.parcels import SEALED_COLUMNS
from infra.encryption.people import RECIPIENT_CONTACT_OF
from infra.encryption.workflow_keys import REMEMBERED_S

Running = Callable[[Collection[str]], Awaitable[frozenset[str]]]
"""Tells which of these workflows still run."""
QUESTIONS_AT_ONCE = 20
"""Workflows that are asked about at the same time."""

_OVER = text("""
SELECT 'dispute:' || dispute_id AS workflow_id, 'dispute_open' AS kind,
    CAST(dispute_id AS text) AS subject_id
FROM dispute WHERE delivery_id = ANY (CAST(:deliveries AS uuid[])) AND status <> 'open'
UNION ALL
SELECT 'correction:' || correction_id, 'payment_under_way', CAST(correction_id AS text)
FROM correction
WHERE delivery_id = ANY (CAST(:deliveries AS uuid[])) AND closed_at IS NOT NULL
UNION ALL
SELECT 'undone:' || undone_operation_id, 'payment_under_way', CAST(correction_id AS text)
FROM correction
WHERE delivery_id = ANY (CAST(:deliveries AS uuid[])) AND closed_at IS NOT NULL
    AND undone_operation_id IS NOT NULL
UNION ALL
SELECT 'chargeback:' || chargeback_id, 'chargeback_open', CAST(chargeback_id AS text)
FROM chargeback
WHERE delivery_id = ANY (CAST(:deliveries AS uuid[])) AND decided_at IS NOT NULL
""")


@dataclass(frozen=True, slots=True)
class Histories:
    """The workflows of a person's deliveries that are over, as the database knows."""

    deliveries: Sequence[DeliveryId]
    beside: Sequence[Row[Any]]
    """Their disputes, corrections and chargebacks."""

    async def still_running(self, running: Running) -> tuple[Blocker, ...]:
        """Return what has not come to its end yet: a key that is in use must not be taken away."""
        by_id = {
            row.workflow_id: Blocker(BlockerKind(row.kind), row.subject_id) for row in self.beside
        }
        for delivery_id in self.deliveries:
            by_id[delivery_workflow_id(delivery_id)] = Blocker(
                BlockerKind.DELIVERY_OPEN, delivery_id
            )
        return tuple(by_id[each] for each in sorted(await running(by_id)))

    async def forget(self, connection: AsyncConnection, keys: OwnedKeys) -> int:
        """Destroy the keys of these histories and return how many there were.

        Each gets another one: a provider may bring news under the same id long afterwards.
        """
        destroyed = 0
        for row in self.beside:
            with suppress(KeyDestroyed):
                await keys.replaced(connection, KeyOwner.workflow(row.workflow_id))
                destroyed += 1
        for delivery_id in self.deliveries:
            destroyed += await _replace_key(connection, keys, delivery_id)
        return destroyed


async def histories_of(connection: AsyncConnection, deliveries: Sequence[DeliveryId]) -> Histories:
    """Return the histories of deliveries and of what became of them."""
    rows = await connection.execute(_OVER, {"deliveries": list(deliveries)})
    return Histories(deliveries, rows.all())


async def running_among(
    client: Client, workflow_ids: Collection[str], now: datetime | None = None
) -> frozenset[str]:
    """Return those of the workflows that still run, or ended so lately that keys are remembered.

    A process that remembers a key could encrypt with it after it is destroyed, and read with it.
    `now` is by Temporal's clock, as the ends are: that of the activity that asks, unless named.
    """
    turn = asyncio.Semaphore(QUESTIONS_AT_ONCE)
    forgotten_before = (now or _temporal_now()) - timedelta(seconds=REMEMBERED_S)

    async def runs(workflow_id: str) -> bool:
        async with turn:
            try:
                shown = await client.get_workflow_handle(workflow_id).describe()
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return False
                raise
            if shown.status is WorkflowExecutionStatus.RUNNING or shown.close_time is None:
                return True
            return shown.close_time > forgotten_before

    answers = await asyncio.gather(*(runs(each) for each in workflow_ids))
    return frozenset(
        each for each, is_running in zip(workflow_ids, answers, strict=True) if is_running
    )


def _temporal_now() -> datetime:
    return activity.info().scheduled_time if activity.in_activity() else datetime.now(UTC)


async def _replace_key(
    connection: AsyncConnection, keys: OwnedKeys, delivery_id: DeliveryId
) -> int:
    """Give a delivery another key, under which only what is in the database is readable."""
    owner = KeyOwner.delivery(delivery_id)
    try:
        old, new = await keys.replaced(connection, owner)
    except KeyDestroyed:
        return 0
    query = select(parcel).where(parcel.c.delivery_id == delivery_id)
    row = (await connection.execute(query)).one()._asdict()
    anew = {
        name: _moved(Place("parcel", name, delivery_id), row[name], old, new)
        for name in SEALED_COLUMNS
        if is_sealed(row[name] or "")
    }
    if anew:
        at = parcel.c.delivery_id == delivery_id
        await connection.execute(update(parcel).where(at).values(anew))
    await _move_addresses(connection, delivery_id, old, new)
    return 1


def addressed_from_parcel(delivery_id: DeliveryId) -> Select[Any]:
    """Return the query for messages that went to a contact which somebody gave with the parcel."""
    sealed = notification.c.address.like(f"{SEALED_PREFIX}%")
    of_parcel = str(OwnerKind.DELIVERY)
    owner = func.coalesce(notification.c.address_owner, of_parcel)
    return select(notification).where(
        notification.c.delivery_id == delivery_id, owner == of_parcel, sealed
    )


async def _move_addresses(
    connection: AsyncConnection, delivery_id: DeliveryId, old: OwnedKey, new: OwnedKey
) -> None:
    """Encrypt anew where messages to the recipient went, also to a contact of before its correction."""
    for row in (await connection.execute(addressed_from_parcel(delivery_id))).all():
        place = Place("parcel", RECIPIENT_CONTACT_OF[row.channel], delivery_id)
        change = update(notification).where(notification.c.notification_id == row.notification_id)
        # What somebody changed or moved stays what it is: unreadable, and no reason not to erase.
        with suppress(NotAuthentic):
            address = _moved(place, row.address, old, new)
            await connection.execute(change.values(address=address))


def _moved(place: Place, sealed: str, old: OwnedKey, new: OwnedKey) -> str:
    return new.seal(place, old.open(place, sealed))
