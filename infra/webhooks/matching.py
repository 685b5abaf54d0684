"""Finds out whom an event of a provider concerns."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.payment_ports import ProviderEvent
from domain.ids import CorrectionId, DeliveryId
from domain.status import DeliveryStatus
from domain.transitions import OperationKind

WAITING_FOR_AN_ACCOUNT = (
    DeliveryStatus.RELEASING,
    DeliveryStatus.SETTLING,
    DeliveryStatus.PAYING_OUT,
)
"""Statuses in which a delivery waits for its traveler's account."""

_OPERATION = text("""
SELECT operation.operation_id, CAST(operation.delivery_id AS text) AS delivery_id, operation.state,
    operation.operation_id = :operation_id OR operation.provider_id = :object_id AS is_itself,
    delivery.closed_at IS NOT NULL AS is_closed, operation.kind,
    (SELECT CAST(correction.correction_id AS text) FROM correction
        WHERE correction.delivery_id = operation.delivery_id AND operation.operation_id
            = correction.delivery_id || ':' || operation.kind || ':' || correction.correction_id
    ) AS correction_id
FROM payment_operation AS operation JOIN delivery USING (delivery_id)
WHERE operation.operation_id = :operation_id
    OR (operation.kind = ANY (:kinds)
        AND operation.provider_id = ANY (array_remove(ARRAY[:object_id, :charge_id], '')))
ORDER BY operation.operation_id = :operation_id DESC, operation.provider_id = :object_id DESC,
    operation.created_at
LIMIT 1
""")
"""Naming the kinds lets the index on kind and provider's id answer."""

_ACCOUNT = text("""
SELECT CAST(delivery.delivery_id AS text) FROM delivery
JOIN person ON person.person_id = delivery.traveler_id
WHERE person.payout_account = :account AND delivery.status = ANY (:statuses)
UNION
SELECT CAST(delivery.delivery_id AS text) FROM person
JOIN relay ON relay.giver_id = person.person_id AND relay.status = 'done'
JOIN delivery ON delivery.delivery_id = relay.delivery_id
WHERE person.payout_account = :account AND delivery.status = ANY (:statuses)
""")
"""Also of a traveler who handed the parcel on: that share waits for an account of its own."""


@dataclass(frozen=True, slots=True)
class Concerned:
    """The operation that an event is about."""

    operation_id: str
    delivery_id: DeliveryId
    state: str
    """How its own record shows it."""
    is_itself: bool
    """The event is about what the operation made, not about something that belongs to it."""
    is_closed: bool
    """Its delivery is closed."""
    kind: OperationKind
    """What it asked for."""
    correction_id: CorrectionId | None = None
    """The correction that asked for it; none when its delivery did."""


class Matching:
    """Finds operations and deliveries by what an event names."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def operation(self, event: ProviderEvent) -> Concerned | None:
        """Return the operation that made the object or the charge it belongs to, if it is known.

        The operation's own id in the object's metadata comes first; next the object's id, then that
        of its charge, as our records have them.
        """
        values = {
            "operation_id": event.operation_id,
            "object_id": event.object_id,
            "charge_id": event.charge_id,
            "kinds": [kind.value for kind in OperationKind],
        }
        async with self._engine.connect() as connection:
            row = (await connection.execute(_OPERATION, values)).one_or_none()
        if row is None:
            return None
        return Concerned(
            operation_id=row.operation_id,
            delivery_id=DeliveryId(row.delivery_id),
            state=row.state,
            is_itself=row.is_itself,
            is_closed=row.is_closed,
            kind=OperationKind(row.kind),
            correction_id=row.correction_id,
        )

    async def waiting_for(self, account: str) -> tuple[DeliveryId, ...]:
        """Return the deliveries that wait for a traveler's account."""
        values = {"account": account, "statuses": [str(each) for each in WAITING_FOR_AN_ACCOUNT]}
        async with self._engine.connect() as connection:
            found = (await connection.execute(_ACCOUNT, values)).scalars()
            return tuple(DeliveryId(delivery_id) for delivery_id in found)
