"""Finds the dispute that a delivery's workflow may not know of."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.contracts import Actor, DisputeReason, OpenDispute, Role
from domain.disputing.stored import StoredDispute
from domain.ids import DeliveryId, DisputeId
from domain.policies import VerdictOutcome

_OPEN = text("""
SELECT CAST(delivery.dispute_id AS text) AS dispute_id, dispute.opened_by_role,
    CAST(dispute.opened_by AS text) AS opened_by, dispute.reason, dispute.desired_outcome,
    dispute.desired_refund_minor, delivery.deadline_kind, delivery.deadline_at
FROM delivery JOIN dispute ON dispute.dispute_id = delivery.dispute_id
WHERE delivery.delivery_id = :delivery_id AND delivery.status = 'disputed'
    AND dispute.status = 'open' AND dispute.version = 1
""")


async def stored_dispute(
    connection: AsyncConnection, delivery_id: DeliveryId
) -> StoredDispute | None:
    """Return the open dispute of a delivery, or none when it has none or steps were taken in it."""
    row = (await connection.execute(_OPEN, {"delivery_id": delivery_id})).one_or_none()
    if row is None:
        return None
    desired = row.desired_outcome and VerdictOutcome(row.desired_outcome)
    command = OpenDispute(
        Actor(Role(row.opened_by_role), row.opened_by),
        DisputeId(row.dispute_id),
        DisputeReason(row.reason),
        desired,
        row.desired_refund_minor,
    )
    return StoredDispute(command, row.deadline_kind, row.deadline_at)
