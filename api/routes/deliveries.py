"""Open a delivery, list deliveries, look at one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.access.claims import Claim, Outcome, asker_of
from api.access.permissions import Action, require_role, requires, role_missing
from api.access.preconditions import IfNoneMatch, delivery_tag, tagged_answer
from api.access.request import Changing, TokenHash
from api.access.sights import sight_of
from api.changes import outcome_of, perform
from api.edge.answers import json_answer
from api.edge.documented import CHANGES, LISTS, READS, refusals
from api.edge.documented_headers import TAGGED
from api.edge.problems import EdgeCode, Problem
from api.edge.requests import StrictRoute
from api.models.answers import DeliveryView, Page
from api.models.requests import NewDelivery
from api.paging import LIMIT_DEFAULT, NEWEST, Cursor, Limit, id_cursor, read_id_cursor
from api.queries import lists
from api.queries.opening import (
    CLAIM_AND_WRITE,
    labelled,
    level_of,
    opened_sight,
    opening_sight,
    order_in,
    parcel_values,
    sealed_values,
)
from api.routes.paths import DeliveryPath
from api.services import Parts, Services
from api.views import delivery_view
from domain.errors import RefusalCode
from domain.handover.levels import ProofLevel
from infra.encryption.recipients import recipient_lookups
from infra.time_zones import dated

AHEAD_MAX = timedelta(days=365)
"""How far ahead a delivery can be asked for: nobody knows their trips longer before."""

router = APIRouter(prefix="/v1/deliveries", tags=["deliveries"], route_class=StrictRoute)

Scope = Annotated[
    Literal["mine", "open", "attention"],
    Query(
        description="mine: those you have a part in. open: requests that wait for an offer, for "
        "travelers. attention: those with a parked step, for staff."
    ),
]

_LISTS = {"open": Action.LIST_OPEN_REQUESTS, "attention": Action.LIST_PARKED_DELIVERIES}
"""What lists are that hold more than the deliveries of the person who asks."""


@router.post(
    "",
    dependencies=[requires(Action.OPEN_DELIVERY)],
    status_code=HTTPStatus.CREATED,
    response_model=DeliveryView,
    responses=refusals(*CHANGES, EdgeCode.PERSON_UNKNOWN, RefusalCode.DELIVERY_CLOSED),
    summary="Open a delivery",
)
async def open_delivery(new: NewDelivery, change: Changing, parts: Parts) -> Response:
    """Ask for a parcel to be carried; travelers see the request at once."""
    fault = _fault_of(new, parts)
    expires_at = _request_expires_at(new, parts)
    keys = parts.encryption.keys
    parcel = parcel_values(new, dated(parts.policies, datetime.now(UTC)), expires_at)
    lookups = recipient_lookups(parts.encryption, parcel)
    given = {**parcel, **lookups, "is_in_time": fault is None}
    own = labelled(parts.handover_key, change.resource_id, new, given)
    values = await sealed_values(keys, change.resource_id, own)

    async def act(claimed: Claim) -> Outcome:
        row = claimed.row
        if row["delivery_id"] is None and claimed.resource_id != change.resource_id:
            # An earlier try claimed the id without writing the parcel: it is encrypted for that id.
            again = replace(change, resource_id=claimed.resource_id)
            own = labelled(parts.handover_key, claimed.resource_id, new, given)
            sealed = await sealed_values(keys, claimed.resource_id, own)
            row = await parts.database.first(CLAIM_AND_WRITE, {**again.values(), **sealed}) or row
        if row["delivery_id"] is None:
            raise fault or _person_unknown()
        order = order_in(row)
        standing = await parts.commands.open_delivery(order, claimed.update_id)
        view = delivery_view(opened_sight(row, standing))
        return outcome_of(view, HTTPStatus.CREATED, f"/v1/deliveries/{order.delivery_id}")

    return await perform(
        parts,
        change,
        CLAIM_AND_WRITE,
        values,
        act,
        unclaimed=_not_a_customer,
        sight_now=opening_sight,
    )


@router.get(
    "",
    dependencies=[requires(Action.LIST_DELIVERIES)],
    response_model=Page[DeliveryView],
    responses=refusals(*LISTS, RefusalCode.NOT_YOUR_ROLE),
    summary="List deliveries",
)
async def list_deliveries(
    token: TokenHash,
    parts: Parts,
    scope: Scope = "mine",
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Response:
    """List deliveries, the newest first."""
    before_id = read_id_cursor(cursor, NEWEST)
    row, sights = await lists.deliveries(parts.database, scope, token, before_id, limit + 1)
    require_role(asker_of(row), _LISTS.get(scope))
    items = [delivery_view(sight) for sight in sights[:limit]]
    more = len(sights) > limit
    return json_answer(
        Page[DeliveryView](
            items=items, next_cursor=id_cursor(items[-1].delivery_id) if more else None
        )
    )


@router.get(
    "/{delivery_id}",
    dependencies=[requires(Action.READ_DELIVERY)],
    response_model=DeliveryView,
    responses=refusals(*READS) | TAGGED,
    summary="Look at a delivery",
)
async def get_delivery(
    delivery_id: DeliveryPath, token: TokenHash, parts: Parts, if_none_match: IfNoneMatch = None
) -> Response:
    """Return a delivery as far as it concerns you; travelers see open requests without addresses.

    The header `ETag` names what you have seen: send it as `If-Match` with what you do next.
    """
    sight = await sight_of(parts.database, token, delivery_id)
    return tagged_answer(delivery_view(sight), delivery_tag(sight), if_none_match)


def _fault_of(new: NewDelivery, parts: Services) -> Problem | None:
    """Return what is wrong with the figures and times, judged by the policies and the clock."""
    now = datetime.now(UTC)
    value, value_max = new.declared_value_minor, parts.policies.limits.declared_value_minor_max
    if value is not None and value > value_max:
        return _field("declared_value_minor", f"This must be at most {value_max}.")
    is_maximum = level_of(new, parts.policies) is ProofLevel.MAXIMUM
    if is_maximum and new.recipient.person_id is None:
        return _field(
            "recipient/person_id",
            "A delivery of this level or value is handed over to somebody with an account: name it.",
        )
    for name, moment in (("pickup_by", new.pickup_by), ("deliver_by", new.deliver_by)):
        if moment is not None and not now < moment < now + AHEAD_MAX:
            return _field(name, "This has to lie ahead, by a year at most.")
    if new.pickup_by and new.deliver_by and new.deliver_by <= new.pickup_by:
        return _field("deliver_by", "This has to be later than pickup_by.")
    held_max = timedelta(seconds=parts.policies.horizons.capture_s_max)
    if new.pickup_by and new.deliver_by and new.deliver_by - new.pickup_by > held_max:
        return _field("deliver_by", f"This has to follow pickup_by within {held_max.days} days.")
    return None


def _request_expires_at(new: NewDelivery, parts: Services) -> datetime:
    """Return when the request expires: no later than the moment when it is of no use any more."""
    window = timedelta(seconds=parts.policies.windows.request_s)
    ends = (datetime.now(UTC) + window, new.pickup_by, new.deliver_by)
    return min(end for end in ends if end is not None)


def _field(name: str, problem: str) -> Problem:
    return Problem(
        EdgeCode.FIELDS_INVALID,
        "Mend the fields named in errors and send the request again, with a new Idempotency-Key.",
        errors=[{"at": f"body/{name}", "problem": problem}],
    )


def _person_unknown() -> Problem:
    return Problem(
        EdgeCode.PERSON_UNKNOWN,
        "The sender_id or the recipient's person_id names nobody.",
    )


def _not_a_customer(_: Any) -> Problem:
    return role_missing(Action.OPEN_DELIVERY)
