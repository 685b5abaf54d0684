"""Keeps requests to be erased, and erases: all of a person in one transaction, with its proof."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.attention import AttentionItem, AttentionKind
from domain.auditing.entries import AuditEntry, EntryKind
from domain.erasing.rules import Blocker, ErasureNote, ErasureOrder, ErasureOutcome, ErasureStatus
from infra.audit.trail import append_entry
from infra.database.attention import DatabaseAttention
from infra.encryption.owned import KeyOwner, shred
from infra.encryption.parts import Encryption
from infra.erasing.answers import erase_in_answers
from infra.erasing.blocking import blockers_of, deliveries_of
from infra.erasing.contacts import Lookups, lookups_of
from infra.erasing.histories import Histories, Running, histories_of
from infra.erasing.statements import VALUES, statements

_LOCK = text("SELECT FROM person WHERE person_id = :person FOR UPDATE")
_NOTE = text("""
INSERT INTO erasure_request (erasure_id, person_id, status, requested_at, due_at, waits_for)
VALUES (:erasure_id, :person, :status, :requested_at, :due_at, CAST(:waits_for AS jsonb))
ON CONFLICT (erasure_id) DO UPDATE SET
    status = excluded.status, waits_for = excluded.waits_for, updated_at = now()
WHERE erasure_request.status NOT IN ('withdrawn', 'erased')
""")
_IS_ERASED = text(
    "SELECT EXISTS (SELECT FROM erasure_request WHERE erasure_id = :erasure_id AND status = 'erased')"
)
_ENTRY_OF = {
    ErasureStatus.COOLING_OFF: EntryKind.ERASURE_REQUESTED,
    ErasureStatus.WITHDRAWN: EntryKind.ERASURE_WITHDRAWN,
    ErasureStatus.ERASED: EntryKind.ERASED,
}


class DatabaseErasures:
    """Erases people in the platform's database."""

    def __init__(self, engine: AsyncEngine, encryption: Encryption, running: Running) -> None:
        """`running` tells of workflows that the database takes for ended, but that still run."""
        self._engine = engine
        self._running = running
        self._encryption = encryption
        self._attention = DatabaseAttention(engine)

    async def note(self, note: ErasureNote) -> None:
        """Write down how far an erasure is.

        Idempotency: a repetition writes the same; what is over stays as it is.
        """
        async with self._engine.begin() as connection:
            await _note(connection, note.order, note.status)

    async def erase(self, order: ErasureOrder) -> ErasureOutcome:
        """Erase a person, or return what must be settled first.

        Idempotency: a person who is erased already stays so, and is proved once.
        """
        async with self._engine.begin() as connection:
            await connection.execute(_LOCK, {"person": order.person_id})
            if await connection.scalar(_IS_ERASED, {"erasure_id": order.erasure_id}):
                return ErasureOutcome()
            lookups = await lookups_of(connection, self._encryption.index, order.person_id)
            deliveries = await deliveries_of(connection, order.person_id, lookups)
            histories = await histories_of(connection, deliveries)
            blockers = await blockers_of(connection, order.person_id, lookups)
            blockers = blockers or await histories.still_running(self._running)
            if blockers:
                await _note(connection, order, ErasureStatus.WAITING, blockers)
                return ErasureOutcome(blockers)
            await self._erase(connection, order, lookups, histories)
        return ErasureOutcome()

    async def _erase(
        self,
        connection: AsyncConnection,
        order: ErasureOrder,
        lookups: Lookups,
        histories: Histories,
    ) -> None:
        values = {
            "person": order.person_id,
            "deliveries": list(histories.deliveries),
            **VALUES,
            **lookups.values(),
        }
        for statement in statements():
            names = statement.compile().params
            await connection.execute(statement, {name: values[name] for name in names})
        keys = self._encryption.keys
        await erase_in_answers(connection, keys, list(histories.deliveries))
        destroyed = await histories.forget(connection, keys)
        destroyed += await shred(connection, KeyOwner.person(order.person_id))
        await _note(connection, order, ErasureStatus.ERASED, facts={"keys": str(destroyed)})

    async def alarm(self, order: ErasureOrder) -> None:
        """Tell staff that an erasure still waits."""
        await self._attention.raise_item(
            AttentionItem(
                key=f"{AttentionKind.ERASURE_WAITS}:{order.erasure_id}",
                kind=AttentionKind.ERASURE_WAITS,
                subject=f"erasure {order.erasure_id}",
                problem=f"Person {order.person_id} asked to be erased on "
                f"{order.requested_at:%Y-%m-%d}, and something is not settled yet.",
            )
        )


async def _note(
    connection: AsyncConnection,
    order: ErasureOrder,
    status: ErasureStatus,
    blockers: Iterable[Blocker] = (),
    facts: dict[str, str] | None = None,
) -> None:
    waits_for = [{"kind": each.kind, "subject_id": each.subject_id} for each in blockers]
    row = {
        "erasure_id": order.erasure_id,
        "person": order.person_id,
        "status": status,
        "requested_at": order.requested_at,
        "due_at": order.due_at,
        "waits_for": json.dumps(waits_for),
    }
    await connection.execute(_NOTE, row)
    if status in _ENTRY_OF:
        entry = AuditEntry(
            kind=_ENTRY_OF[status],
            subject="person",
            subject_id=order.person_id,
            actor_id=order.person_id if status is not ErasureStatus.ERASED else None,
            actor_role="person" if status is not ErasureStatus.ERASED else "platform",
            facts={"erasure_id": order.erasure_id, **(facts or {})},
            key=f"{order.erasure_id}:{status}",
        )
        await append_entry(connection, entry)
