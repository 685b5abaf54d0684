"""Claims a report from the pickup or the way together with where the traveler is: one statement for all of it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Double, bindparam, cast, literal, select, true
from sqlalchemy.dialects.postgresql import REAL, insert

from api.access.claims import Claim
from api.access.statements import REQUEST_HASH, claim_on, known_delivery, seen, who_asks
from api.models.undelivered import PositionNow
from api.queries.proofs import present_proofs
from domain.contracts import CodePurpose
from domain.pricing import Place, distance_m
from domain.status import WITH_TRAVELER, DeliveryStatus
from infra.database.schema import position

_LATITUDE = bindparam("given_latitude", type_=Double)
_LONGITUDE = bindparam("given_longitude", type_=Double)
_ACCURACY = bindparam("given_accuracy_m", type_=REAL)

_PROVEN_BY_PLACE = sorted({DeliveryStatus.AWAITING_PICKUP, *WITH_TRAVELER})
"""Statuses in which it matters where the traveler is."""

_who = who_asks()
_target = known_delivery(_who).cte("target")
_claim = claim_on(_who, _target)
_kept = (
    insert(position)
    .from_select(
        ["delivery_id", "taken_at", "latitude", "longitude", "accuracy_m"],
        select(
            _target.c.delivery_id,
            _claim.c.claim_created_at,
            cast(_LATITUDE, Double),
            cast(_LONGITUDE, Double),
            cast(_ACCURACY, REAL),
        )
        .select_from(_who.join(_target, true()).join(_claim, true()))
        .where(
            _claim.c.claim_hash == REQUEST_HASH,
            _target.c.traveler_id == _who.c.asker_id,
            _target.c.status.in_(_PROVEN_BY_PLACE),
            cast(_LATITUDE, Double).is_not(None),
        ),
    )
    .on_conflict_do_nothing()
    .returning(literal(1))
    .cte("kept")
)
_last = (
    select(
        position.c.latitude.label("last_latitude"),
        position.c.longitude.label("last_longitude"),
        position.c.taken_at.label("last_taken_at"),
    )
    .select_from(_target.join(position, position.c.delivery_id == _target.c.delivery_id))
    .order_by(position.c.taken_at.desc())
    .limit(1)
    .cte("last")
)
_proofs = present_proofs(_target.c.delivery_id, literal(str(CodePurpose.HANDOVER)))
CLAIM_AT_PLACE = seen(_who, _target, _claim, _last).add_columns(_proofs).add_cte(_kept)
"""Claims a report and keeps the position that came with it: it is evidence, as the others are."""


def given_values(given: PositionNow | None) -> dict[str, float | None]:
    """Return what the statement is told of the position that came with a report."""
    return {
        "given_latitude": given.latitude if given else None,
        "given_longitude": given.longitude if given else None,
        "given_accuracy_m": given.accuracy_m if given else None,
    }


def away_m(claimed: Claim, given: PositionNow | None, age_s_max: int) -> int | None:
    """Return how far the traveler is from the destination, by the given or the last position.

    Units: metres; none when no position is known that is young enough.
    """
    row = claimed.row
    if given is not None:
        place = Place(given.latitude, given.longitude)
    elif row["last_taken_at"] is None or claimed.created_at - row["last_taken_at"] > timedelta(
        seconds=age_s_max
    ):
        return None
    else:
        place = Place(row["last_latitude"], row["last_longitude"])
    destination = Place(row["destination_latitude"], row["destination_longitude"])
    return round(distance_m(place, destination))
