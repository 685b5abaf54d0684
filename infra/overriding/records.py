"""Keeps emergency overrides: each state with its event in the delivery's chain, in one transaction."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from activities.overriding_ports import OverridePeople
from domain.attention import AttentionItem, AttentionKind
from domain.contracts import PLATFORM, Actor
from domain.errors import RefusalCode
from domain.overriding.policy import OverridePolicy
from domain.overriding.rules import OverrideNote, OverrideOrder, OverrideStatus, OverrideStep
from domain.overriding.step import late_event
from domain.transitions import ScanOutcome, Transition
from infra.database.attention import raise_in, settle_in
from infra.database.records import DatabaseRecords
from infra.database.transition_parts import Part
from infra.overriding.approvals import decide_by_approval
from infra.overriding.people import people_of
from infra.overriding.report import overrides_since

# What is noted and what is applied come one after the other: both lock the delivery first.
_ALONE = text(
    "SELECT FROM delivery WHERE delivery_id = CAST(:delivery_id AS uuid) FOR NO KEY UPDATE"
)
_NOTE = text("""
UPDATE delivery_override SET status = :status, because = :because, updated_at = :at,
    decided_by = coalesce(CAST(:decided_by AS uuid), decided_by),
    decided_at = CASE WHEN :status = 'asked' THEN decided_at ELSE coalesce(decided_at, :at) END
WHERE override_id = CAST(:override_id AS uuid)
    AND status = ANY (CAST(:before AS text[]))
RETURNING status
""")
_STATUS = text("""
SELECT status FROM delivery_override WHERE override_id = CAST(:override_id AS uuid)
""")
_BEFORE: Final = {
    OverrideStatus.ASKED: ("asked",),
    OverrideStatus.FAILED: ("approved",),
}
"""What a status may follow; every other one follows the request."""
_GATE = """
gate AS (
    UPDATE handover_code SET used_at = CAST(:at AS timestamptz), used_by = CAST(:actor_id AS uuid)
    WHERE delivery_id = CAST(:delivery_id AS uuid) AND purpose = :override_step AND used_at IS NULL
        AND EXISTS (
            SELECT FROM delivery_override
            WHERE override_id = CAST(:override_id AS uuid) AND step = :override_step
                AND delivery_override.delivery_id = CAST(:delivery_id AS uuid)
                AND status = 'approved' AND decided_by = CAST(:actor_id AS uuid)
                AND decided_by <> asked_by AND approval_id IS NOT NULL
        )
    RETURNING 1
)"""
"""The gate of a scan, opened by an approval instead of a code: the code is used up by it (invariant I6)."""
_APPLIED = text("""
UPDATE delivery_override SET status = 'applied', updated_at = :at
WHERE override_id = CAST(:override_id AS uuid)
""")
_IS_USED = text("""
SELECT used_at IS NOT NULL FROM handover_code
WHERE delivery_id = CAST(:delivery_id AS uuid) AND purpose = :step
""")


class DatabaseOverrides:
    """Port `Overrides` on PostgreSQL."""

    def __init__(
        self,
        engine: AsyncEngine,
        records: DatabaseRecords,
        policy: OverridePolicy | None = None,
    ) -> None:
        self._engine, self._records = engine, records
        self._policy = policy or OverridePolicy()

    async def people(self, order: OverrideOrder, actor: Actor) -> OverridePeople:
        """Return who has a part in it, and by what `actor` or whoever asked is tied to another."""
        async with self._engine.connect() as connection:
            return await people_of(connection, order, actor)

    async def note(self, note: OverrideNote) -> OverrideStatus:
        """Write down how far an override is, with its event; what is over stays as it is.

        Raises:
            Refusal: `override_expired`, for an approval that nobody has given.
        """
        async with self._engine.begin() as connection:
            await connection.execute(_ALONE, {"delivery_id": note.order.delivery_id})
            if not await self._is_written(connection, note):
                place = {"override_id": note.order.override_id}
                return OverrideStatus(await connection.scalar(_STATUS, place) or "failed")
            await _tell_staff(connection, note)
            await self._records.write_late(connection, late_event(note))
        return note.status

    async def apply(self, step: OverrideStep, transition: Transition) -> ScanOutcome:
        """Use the step's code up and write its transition, if the override is approved."""
        order = step.order
        values = {"override_id": order.override_id, "override_step": str(order.step)}
        async with self._engine.begin() as connection:
            gate = Part(_GATE, values)
            written = await self._records.write_through(connection, transition, gate)
            if written is None:
                return ScanOutcome(await _reason(connection, order))
            applied = {"override_id": order.override_id, "at": transition.at}
            await connection.execute(_APPLIED, applied)
        return ScanOutcome()

    async def _is_written(self, connection: AsyncConnection, note: OverrideNote) -> bool:
        if note.status is OverrideStatus.APPROVED:
            return await decide_by_approval(connection, note, self._policy.approval_fresh_s)
        return await _written(connection, note)

    async def report(self) -> int:
        """Put the overrides of the last week on the list of attention; return how many there were."""
        async with self._engine.begin() as connection:
            report = await overrides_since(connection, self._policy.report_s)
            if report.total:
                await raise_in(connection, report.item())
        return report.total


async def _written(connection: AsyncConnection, note: OverrideNote) -> bool:
    """Write the status, unless something else came first; the same again counts as written."""
    by_person = note.actor != PLATFORM and note.status is not OverrideStatus.ASKED
    values = {
        "override_id": note.order.override_id,
        "status": str(note.status),
        "because": note.because,
        "at": note.at,
        "decided_by": note.actor.person_id if by_person else None,
        "before": [*_BEFORE.get(note.status, ("asked",)), str(note.status)],
    }
    return await connection.scalar(_NOTE, values) is not None


async def _tell_staff(connection: AsyncConnection, note: OverrideNote) -> None:
    """Keep the item on the list of attention in step: it is open for as long as somebody may approve."""
    order = note.order
    key = f"{AttentionKind.OVERRIDE_WAITS}:{order.override_id}"
    if note.status is not OverrideStatus.ASKED:
        await settle_in(connection, key, note.actor.person_id, f"It is {note.status}.")
        return
    item = AttentionItem(
        key=key,
        kind=AttentionKind.OVERRIDE_WAITS,
        subject=f"override {order.override_id}",
        problem=f"The {order.asked_by.role} {order.asked_by.person_id} asks to override the"
        f" {order.step}, because of: {order.cause.replace('_', ' ')}.",
        delivery_id=order.delivery_id,
    )
    await raise_in(connection, item)


async def _reason(connection: AsyncConnection, order: OverrideOrder) -> RefusalCode:
    place = {"delivery_id": order.delivery_id, "step": str(order.step)}
    is_used = await connection.scalar(_IS_USED, place)
    return RefusalCode.CODE_ALREADY_USED if is_used else RefusalCode.OVERRIDE_EXPIRED
