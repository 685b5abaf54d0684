"""Positions of travelers in transit: many small rows that never enter a workflow."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, case, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from activities.ports import Position
from domain.ids import DeliveryId, PersonId
from domain.journey.relay import RelayStatus
from domain.pricing import Place
from infra.database.schema import delivery, position, relay

_STORE = text("""
WITH new AS (
    INSERT INTO position (delivery_id, taken_at, latitude, longitude, accuracy_m)
    SELECT CAST(:delivery_id AS uuid), taken.at, taken.latitude, taken.longitude, taken.accuracy_m
    FROM unnest(
        CAST(:moments AS timestamptz[]), CAST(:latitudes AS double precision[]),
        CAST(:longitudes AS double precision[]), CAST(:accuracies AS real[])
    ) AS taken (at, latitude, longitude, accuracy_m)
    ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT count(*) FROM new
""")

_handed_on = and_(
    relay.c.delivery_id == position.c.delivery_id, relay.c.status == str(RelayStatus.DONE)
)
# The phone's clock may be wrong; when a position came in, only its carrier could send it.
_carrier = case(
    (position.c.received_at < relay.c.updated_at, relay.c.giver_id), else_=delivery.c.traveler_id
)


async def last_received(connection: AsyncConnection, delivery_id: DeliveryId) -> datetime | None:
    """Return when the last position of a delivery came in, whenever it was taken, or none."""
    query = select(func.max(position.c.received_at)).where(position.c.delivery_id == delivery_id)
    received_at: datetime | None = await connection.scalar(query)
    return received_at


class DatabaseLocations:
    """Port `Locations` on PostgreSQL."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def store(self, delivery_id: DeliveryId, positions: tuple[Position, ...]) -> int:
        """Store a batch and return how many were new: one statement, whatever its size.

        Idempotency: a position is known by the moment at which it was taken.
        """
        if not positions:
            return 0
        batch = {
            "delivery_id": delivery_id,
            "moments": [one.taken_at for one in positions],
            "latitudes": [one.place.latitude for one in positions],
            "longitudes": [one.place.longitude for one in positions],
            "accuracies": [one.accuracy_m for one in positions],
        }
        async with self._engine.begin() as connection:
            return int(await connection.scalar(_STORE, batch) or 0)

    async def latest(
        self, delivery_id: DeliveryId, count: int, carrier_id: PersonId | None = None
    ) -> tuple[Position, ...]:
        """Return the latest positions, newest first: all, or those of one who carried the parcel."""
        query = (
            select(position, _carrier.label("carrier_id"))
            .outerjoin(delivery, delivery.c.delivery_id == position.c.delivery_id)
            .outerjoin(relay, _handed_on)
            .where(position.c.delivery_id == delivery_id)
            .order_by(position.c.taken_at.desc())
            .limit(count)
        )
        if carrier_id is not None:
            query = query.where(_carrier == carrier_id)
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(
            Position(
                Place(row.latitude, row.longitude), row.accuracy_m, row.taken_at, row.carrier_id
            )
            for row in rows
        )
