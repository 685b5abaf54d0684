"""SOS: a party of a delivery calls for help, and staff read from where."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.permissions import Action, actor_as, requires
from api.access.request import Changing, TokenHash
from api.access.sights import permitted_sight_of
from api.changes import CLAIM_ON_DELIVERY, outcome_of, perform, sight_of_claim
from api.edge.answers import json_answer
from api.edge.documented import COMMANDS, READS, refusals
from api.edge.problems import Problem
from api.edge.requests import StrictRoute
from api.models.sos import CallForStaff, CallsView, CallView, LastPosition, NewCall
from api.routes.paths import DeliveryPath
from api.services import Parts, Services
from api.views import deadline_view
from domain.contracts import Actor, Standing
from domain.errors import RefusalCode
from domain.holds.rules import CLOCKS_OF_HOLDS
from domain.ids import DeliveryId
from domain.sos import CallForHelp
from infra.sos.calls import Call, CallPlace, DatabaseCalls, KeptCall, NotedCall

router = APIRouter(prefix="/v1/deliveries/{delivery_id}/sos", tags=["sos"], route_class=StrictRoute)


@router.post(
    "",
    dependencies=[requires(Action.CALL_FOR_HELP)],
    status_code=HTTPStatus.CREATED,
    response_model=CallView,
    responses=refusals(*COMMANDS),
    summary="Call for help",
)
async def call_for_help(
    delivery_id: DeliveryPath, change: Changing, parts: Parts, new: NewCall | None = None
) -> Response:
    """Tell operators at once that you are in danger, and from where; the delivery is put on hold.

    A call is never refused for where the delivery stands. Call again as often as you move: the position
    moves along. Only staff learn that you called and where you are; others see an ordinary hold.
    """

    async def act(claimed: Claim) -> Outcome:
        sight = sight_of_claim(claimed)
        actor = actor_as(sight)
        noted = await _calls(parts).note(_call(claimed, sight.delivery.delivery_id, actor, new))
        standing = await _standing(parts, claimed, actor, noted)
        on_hold = standing is not None and standing.deadline_kind in CLOCKS_OF_HOLDS
        view = CallView(
            sos_id=noted.sos_id,
            delivery_id=delivery_id,
            calls=noted.calls,
            called_at=noted.called_at,
            last_called_at=noted.last_called_at,
            on_hold=on_hold,
            deadline=deadline_view(standing) if standing is not None and on_hold else None,
        )
        return outcome_of(view, HTTPStatus.CREATED, f"/v1/deliveries/{delivery_id}/sos")

    return await perform(parts, change, CLAIM_ON_DELIVERY, {"delivery_id": delivery_id}, act)


@router.get(
    "",
    dependencies=[requires(Action.READ_CALLS_FOR_HELP)],
    response_model=CallsView,
    responses=refusals(*READS, RefusalCode.NOT_YOUR_ROLE),
    summary="Read the calls for help",
)
async def read_calls(delivery_id: DeliveryPath, token: TokenHash, parts: Parts) -> Response:
    """Return who has called for help and where they were last, for staff alone."""
    sight = await permitted_sight_of(parts.database, token, delivery_id)
    known = sight.delivery.delivery_id
    found = await _calls(parts).of_delivery(known)
    latest = await parts.locations.latest(known, 1, sight.delivery.traveler_id)
    last = [
        CallPlace(each.place.latitude, each.place.longitude, each.accuracy_m, each.taken_at)
        for each in latest
    ]
    shown = [_for_staff(call) for call in found]
    return json_answer(
        CallsView(calls=shown, traveler_position=_position(last[0]) if last else None)
    )


def _calls(parts: Services) -> DatabaseCalls:
    return DatabaseCalls(parts.engine, parts.encryption.keys)


def _call(claimed: Claim, delivery_id: DeliveryId, actor: Actor, new: NewCall | None) -> Call:
    assert actor.person_id is not None, "whoever asks is somebody"
    call = Call(claimed.resource_id, delivery_id, actor.person_id, actor.role)
    if new is None:
        return call
    return replace(call, note=new.note, place=_place(new.position))


def _place(position: LastPosition | None) -> CallPlace | None:
    if position is None:
        return None
    now = datetime.now(UTC)
    taken_at = min(position.taken_at or now, now)
    return CallPlace(position.latitude, position.longitude, position.accuracy_m, taken_at)


async def _standing(
    parts: Services, claimed: Claim, actor: Actor, noted: NotedCall
) -> Standing | None:
    """Put the delivery on hold, unless it is; return where it stands, or none when nobody can say.

    Operators know of the call by now: whatever keeps the delivery from being frozen is no answer to
    somebody in danger, and the next call tries it again.
    """
    delivery = sight_of_claim(claimed).delivery
    if not noted.may_hold or (noted.calls > 1 and delivery.deadline_kind in CLOCKS_OF_HOLDS):
        return delivery.standing
    command = CallForHelp(actor, noted.sos_id)
    try:
        return await parts.commands.change_delivery(
            delivery.delivery_id, "call_for_help", command, claimed.update_id
        )
    except Problem:
        return None


def _for_staff(call: KeptCall) -> CallForStaff:
    return CallForStaff(
        sos_id=call.sos_id,
        person_id=call.person_id,
        role=call.role,
        note=call.note,
        position=None if call.place is None else _position(call.place),
        calls=call.calls,
        called_at=call.called_at,
        last_called_at=call.last_called_at,
        is_open=call.closed_at is None,
        finding=call.finding,
    )


def _position(place: CallPlace) -> LastPosition:
    return LastPosition(
        latitude=place.latitude,
        longitude=place.longitude,
        accuracy_m=place.accuracy_m,
        taken_at=place.taken_at,
    )
