"""Positions of the traveler: taken in batches, read as a track; none of them enters a workflow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from activities.ports import Position
from api.access.claims import Claim, claim
from api.access.permissions import Action, requires
from api.access.preconditions import seen_by
from api.access.request import Changing, TokenHash
from api.access.rows import Sight
from api.access.sights import permitted_sight_of, sight_in
from api.changes import CLAIM_ON_DELIVERY, actor_as
from api.edge.answers import json_answer
from api.edge.documented import COMMANDS, READS, refusals
from api.edge.problems import EdgeCode, Problem, not_found
from api.edge.requests import PositionsRoute, StrictRoute
from api.models.answers import PositionsView
from api.models.records import PositionView, TrackView
from api.models.requests import Positions
from api.routes.paths import DeliveryPath
from api.services import Parts, Services
from api.tracks import track_for
from domain.contracts import ReportArrival
from domain.errors import RefusalCode
from domain.journey.silence import SILENCE_CLOCKS
from domain.pricing import Place, distance_m
from domain.status import CLOSED, WITH_TRAVELER, DeliveryStatus

CLOCK_AHEAD_MAX = timedelta(minutes=10)
"""How far a phone's clock may run ahead of ours."""
TRACK_LIMIT_MAX = 500

track_router = APIRouter(
    prefix="/v1/deliveries/{delivery_id}", tags=["positions"], route_class=StrictRoute
)
batch_router = APIRouter(
    prefix="/v1/deliveries/{delivery_id}", tags=["positions"], route_class=PositionsRoute
)

TrackLimit = Annotated[int, Query(ge=1, le=TRACK_LIMIT_MAX, description="Positions at most.")]


@batch_router.post(
    "/positions",
    dependencies=[requires(Action.SEND_POSITIONS)],
    status_code=HTTPStatus.ACCEPTED,
    response_model=PositionsView,
    responses=refusals(*COMMANDS),
    summary="Send positions",
)
async def post_positions(
    delivery_id: DeliveryPath, batch: Positions, change: Changing, parts: Parts
) -> Response:
    """Send a batch of positions while you carry the parcel; sending one again does no harm."""
    positions = _read(batch, parts.policies.limits.positions_per_batch_max)
    claimed = await claim(
        parts.database,
        CLAIM_ON_DELIVERY,
        change,
        {"delivery_id": delivery_id},
        lambda _: not_found(),
    )
    # No answer is kept: known positions are left as they are, so the batch can be stored again.
    assert isinstance(claimed, Claim)
    sight = sight_in(claimed.row)
    seen_by(change, claimed)
    _require_custody(sight)
    await parts.locations.store(sight.delivery.delivery_id, positions)
    if not await _report_arrival(parts, sight, positions):
        await _report_sign(parts, sight)
    return json_answer(PositionsView(received=len(positions)), HTTPStatus.ACCEPTED)


@track_router.get(
    "/track",
    dependencies=[requires(Action.READ_TRACK)],
    response_model=TrackView,
    responses=refusals(*READS, RefusalCode.NOT_YOUR_ROLE),
    summary="Follow the parcel",
)
async def get_track(
    delivery_id: DeliveryPath, token: TokenHash, parts: Parts, limit: TrackLimit = 50
) -> Response:
    """Return where the parcel is: the status and the latest positions, the newest first.

    A traveler who does not share the exact position is shown roughly, within a kilometre.
    """
    sight = await permitted_sight_of(parts.database, token, delivery_id)
    row = sight.delivery
    latest = await track_for(parts, sight, limit)
    return json_answer(
        TrackView(
            delivery_id=row.delivery_id,
            status=row.status,
            positions=[_view(position) for position in latest],
        )
    )


def _read(batch: Positions, count_max: int) -> tuple[Position, ...]:
    """Return the positions in the order in which they were taken."""
    if len(batch.positions) > count_max:
        raise _fields("positions", f"Send at most {count_max} positions at once.")
    latest = datetime.now(UTC) + CLOCK_AHEAD_MAX
    if any(position.taken_at > latest for position in batch.positions):
        raise _fields("positions", "A position was taken in the future; set the phone's clock.")
    positions = (
        Position(
            Place(given.latitude, given.longitude),
            given.accuracy_m,
            given.taken_at,
        )
        for given in batch.positions
    )
    return tuple(sorted(positions, key=lambda position: position.taken_at))


def _require_custody(sight: Sight) -> None:
    actor_as(sight)
    status = DeliveryStatus(sight.delivery.status)
    if status in CLOSED:
        raise Problem(RefusalCode.DELIVERY_CLOSED, "The delivery is closed.", current_status=status)
    if status not in WITH_TRAVELER:
        raise Problem(
            RefusalCode.WRONG_STATE,
            "Positions are taken while you carry the parcel.",
            current_status=status,
        )


async def _report_sign(parts: Services, sight: Sight) -> None:
    """Tell the workflow that a silence which it has noticed is over; other positions are none."""
    if sight.delivery.deadline_kind in SILENCE_CLOCKS:
        await parts.commands.report_sign(sight.delivery.delivery_id)


async def _report_arrival(parts: Services, sight: Sight, positions: tuple[Position, ...]) -> bool:
    """Tell the workflow of the first position that is close enough, unless it has arrived.

    Returns whether it was told.
    """
    if sight.delivery.status != DeliveryStatus.IN_TRANSIT:
        return False
    row = sight.delivery
    destination = Place(row.destination_latitude, row.destination_longitude)
    for position in positions:
        distance = distance_m(position.place, destination)
        if distance <= parts.policies.limits.arrival_radius_m:
            arrival = ReportArrival(position.taken_at, round(distance))
            await parts.commands.report_arrival(row.delivery_id, arrival)
            return True
    return False


def _view(position: Position) -> PositionView:
    return PositionView(
        latitude=position.place.latitude,
        longitude=position.place.longitude,
        accuracy_m=position.accuracy_m,
        taken_at=position.taken_at,
    )


def _fields(name: str, problem: str) -> Problem:
    return Problem(
        EdgeCode.FIELDS_INVALID,
        "Mend the fields named in errors and send the request again.",
        errors=[{"at": f"body/{name}", "problem": problem}],
    )
