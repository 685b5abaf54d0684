"""The way of a parcel, as far as somebody may see it."""

from __future__ import annotations

from dataclasses import replace

from activities.ports import Position
from api.access.rows import STAFF, Relation, Sight
from api.queries.identity.others import shares_position
from api.services import Services
from domain.identity.privacy import ROUGH_M, rough


async def track_for(parts: Services, sight: Sight, limit: int) -> tuple[Position, ...]:
    """Return the latest positions, the newest first, as the person may see them.

    A traveler who does not share the exact position is shown roughly, within a kilometre.
    """
    row = sight.delivery
    # To whom a parcel was handed on, it is no matter where the traveler before has been.
    is_carrier = Relation.TRAVELER in sight.relations and not sight.relations & STAFF
    carrier_id = row.traveler_id if is_carrier else None
    latest = await parts.locations.latest(row.delivery_id, limit, carrier_id)
    if sight.relations & {Relation.TRAVELER, *STAFF}:
        return latest
    return await _as_shared(parts, latest)


async def _as_shared(parts: Services, track: tuple[Position, ...]) -> tuple[Position, ...]:
    """Return positions as whoever carried the parcel there wants them to be seen."""
    carriers = {position.carrier_id for position in track if position.carrier_id is not None}
    exact = {each for each in carriers if await shares_position(parts.database, each)}
    return tuple(
        replace(position, place=rough(position.place), accuracy_m=ROUGH_M)
        if position.carrier_id in carriers - exact
        else position
        for position in track
    )
