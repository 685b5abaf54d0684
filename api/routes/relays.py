"""Relays: a traveler on the way hands the parcel on to another one, with the customer's consent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.permissions import Action, acting_as, actor_as, require_role, requires
from api.access.request import Change, Changing, TokenHash
from api.access.rows import DeliveryRow
from api.changes import outcome_of, perform, sight_of_claim
from api.edge.answers import json_answer
from api.edge.documented import COMMANDS, READS, refusals
from api.edge.problems import Problem, not_found, unauthenticated
from api.edge.requests import StrictRoute
from api.handover_facts import Presented
from api.models.relays import (
    NewRelay,
    RelayAnswer,
    RelayScan,
    RelaysView,
    RelayTaking,
    RelayView,
)
from api.models.requests import NoFields
from api.queries.relays import (
    CLAIM_AT_MEETING,
    CLAIM_ON_RELAY,
    CLAIM_WITH_TAKER,
    LATEST_RELAY,
    OWN_RELAYS,
    apart_m,
)
from api.queries.scanning import SCAN_REFUSALS
from api.relay_views import ShownRelay, relay_in, relay_view
from api.routes.paths import DeliveryPath, RelayPath
from api.scanning import Scanning, perform_scan
from api.services import Parts, Services
from domain.contracts import Actor, CodePurpose, Role, ScanCode
from domain.errors import RefusalCode
from domain.ids import PersonId, RelayId
from domain.journey.relay import RelayEnd, RelayStatus
from domain.journey.relay_contracts import (
    AnswerRelay,
    AskRelay,
    ScanRelay,
    TakeRelay,
    WithdrawRelay,
)

RELAYS_SHOWN = 50

router = APIRouter(
    prefix="/v1/deliveries/{delivery_id}/relays", tags=["undelivered"], route_class=StrictRoute
)
own = APIRouter(prefix="/v1/relays", tags=["undelivered"], route_class=StrictRoute)


@dataclass(frozen=True, slots=True)
class _Step:
    """What somebody decides about a relay, and where it stands then."""

    update: str
    """Name of the workflow's update."""
    command: object
    leads_to: RelayStatus
    because: str = ""


_StepOf = Callable[[Claim, RelayId], _Step]


@router.post(
    "",
    dependencies=[requires(Action.ASK_RELAY)],
    status_code=HTTPStatus.CREATED,
    response_model=RelayView,
    responses=refusals(
        *COMMANDS,
        RefusalCode.OWN_DELIVERY,
        RefusalCode.RELAY_LIMIT_REACHED,
        RefusalCode.RELAY_TERMS_INVALID,
    ),
    summary="Ask to hand the parcel on",
)
async def ask_relay(
    delivery_id: DeliveryPath, new: NewRelay, change: Changing, parts: Parts
) -> Response:
    """Name the traveler who is to carry the parcel on, and that traveler's share.

    The customer is asked first, then the other traveler. Until the code is scanned at the meeting the
    parcel is in your care; without an answer in time nothing changes.
    """

    async def act(claimed: Claim) -> Outcome:
        sight = sight_of_claim(claimed)
        actor = actor_as(sight)
        if claimed.row["taker_found"] is None:
            raise Problem(RefusalCode.RELAY_TERMS_INVALID, "There is no such traveler.")
        relay_id, taker_id = RelayId(claimed.resource_id), PersonId(new.taker_id)
        command = AskRelay(actor, relay_id, taker_id, new.share_points, new.deliver_by)
        await parts.commands.change_delivery(
            sight.delivery.delivery_id, "ask_relay", command, claimed.update_id
        )
        view = await _latest(parts, change.token_hash, delivery_id)
        return outcome_of(view, HTTPStatus.CREATED, f"/v1/deliveries/{delivery_id}/relays")

    values = {"delivery_id": delivery_id, "taker_id": new.taker_id}
    return await perform(parts, change, CLAIM_WITH_TAKER, values, act)


@router.get(
    "",
    dependencies=[requires(Action.READ_RELAY)],
    response_model=RelayView,
    responses=refusals(*READS),
    summary="Read the last relay",
)
async def read_relay(delivery_id: DeliveryPath, token: TokenHash, parts: Parts) -> Response:
    """Return the last relay that was asked for; also to the traveler who is asked to take over."""
    return json_answer(await _latest(parts, token, delivery_id))


@router.post(
    "/{relay_id}/answer",
    dependencies=[requires(Action.ANSWER_RELAY)],
    response_model=RelayView,
    responses=refusals(*COMMANDS, RefusalCode.RELAY_NOT_OPEN),
    summary="Agree to a relay, or decline it",
)
async def answer_relay(
    delivery_id: DeliveryPath,
    relay_id: RelayPath,
    answer: RelayAnswer,
    change: Changing,
    parts: Parts,
) -> Response:
    """The customer says whether another traveler may carry the parcel on; the price stays the same."""

    def step(claimed: Claim, named: RelayId) -> _Step:
        command = AnswerRelay(actor_as(sight_of_claim(claimed)), named, answer.agrees)
        if answer.agrees:
            return _Step("answer_relay", command, RelayStatus.CONSENTED)
        return _Step("answer_relay", command, RelayStatus.ENDED, RelayEnd.DECLINED)

    return await _decide(parts, change, (delivery_id, relay_id), step)


@router.post(
    "/{relay_id}/take",
    dependencies=[requires(Action.TAKE_RELAY)],
    response_model=RelayView,
    responses=refusals(*COMMANDS, RefusalCode.RELAY_NOT_OPEN, RefusalCode.RELAY_NEEDS_ACCOUNT),
    summary="Accept the terms of a relay, or refuse them",
)
async def take_relay(
    delivery_id: DeliveryPath,
    relay_id: RelayPath,
    taking: RelayTaking,
    change: Changing,
    parts: Parts,
) -> Response:
    """The second traveler agrees to carry the parcel on, for the share and by the time that are named."""

    def step(claimed: Claim, named: RelayId) -> _Step:
        account = claimed.asker.payout_account or ""
        command = TakeRelay(_traveler(claimed), named, taking.takes, account)
        if taking.takes:
            return _Step("take_relay", command, RelayStatus.AGREED)
        return _Step("take_relay", command, RelayStatus.ENDED, RelayEnd.REFUSED)

    return await _decide(parts, change, (delivery_id, relay_id), step)


@router.post(
    "/{relay_id}/withdraw",
    dependencies=[requires(Action.WITHDRAW_RELAY)],
    response_model=RelayView,
    responses=refusals(*COMMANDS, RefusalCode.RELAY_NOT_OPEN),
    summary="Step back from a relay",
)
async def withdraw_relay(
    delivery_id: DeliveryPath,
    relay_id: RelayPath,
    change: Changing,
    parts: Parts,
    _: NoFields | None = None,
) -> Response:
    """Either traveler steps back before the code is scanned; the parcel stays where it is."""

    def step(claimed: Claim, named: RelayId) -> _Step:
        command = WithdrawRelay(_traveler(claimed), named)
        return _Step("withdraw_relay", command, RelayStatus.ENDED, RelayEnd.WITHDRAWN)

    return await _decide(parts, change, (delivery_id, relay_id), step)


@router.post(
    "/{relay_id}/scan",
    dependencies=[requires(Action.SCAN_RELAY)],
    response_model=RelayView,
    responses=refusals(
        *COMMANDS,
        RefusalCode.RELAY_NOT_OPEN,
        RefusalCode.POSITION_NOT_NEAR,
        *SCAN_REFUSALS,
    ),
    summary="Scan the other traveler's code",
)
async def scan_relay(
    delivery_id: DeliveryPath,
    relay_id: RelayPath,
    scan: RelayScan,
    *,
    request: Request,
    change: Changing,
    parts: Parts,
) -> Response:
    """Take the parcel over: from here on it is in your care, and the delivery is yours to bring.

    The other traveler's last position has to be a few minutes old at most, and near yours.
    """

    async def carry_out(claimed: Claim, code: ScanCode) -> Outcome:
        age_s_max = parts.policies.journey.position_age_s_max
        command = ScanRelay(code, apart_m(claimed, scan.position, age_s_max))
        return await _decided(parts, claimed, _Step("scan_relay", command, RelayStatus.DONE))

    presented = Presented(scan.code, scan.position.fix)
    scanning = Scanning(
        request, CodePurpose.RELAY, presented, CLAIM_AT_MEETING, _traveler, carry_out
    )
    return await perform_scan(parts, change, delivery_id, scanning, relay_id=relay_id)


@own.get(
    "",
    dependencies=[requires(Action.LIST_RELAYS)],
    response_model=RelaysView,
    responses=refusals(*READS),
    summary="List your relays",
)
async def list_relays(token: TokenHash, parts: Parts) -> Response:
    """Return the relays in which you give or take, the latest first: fifty at most."""
    values = {"token_hash": token, "count": RELAYS_SHOWN}
    rows = await parts.database.every(OWN_RELAYS, values)
    if not rows:
        raise unauthenticated()
    return json_answer(RelaysView(items=[_view(row) for row in rows if row["relay_id"]]))


async def _latest(parts: Services, token_hash: bytes, delivery_id: str) -> RelayView:
    """Return the last relay of a delivery to one who may know it.

    Raises:
        Problem: `unauthenticated` or `not_found`.
    """
    values = {"token_hash": token_hash, "delivery_id": delivery_id}
    row = await parts.database.first(LATEST_RELAY, values)
    if row is None:
        raise unauthenticated()
    if row["relay_id"] is None:
        raise not_found()
    return _view(row)


async def _decide(
    parts: Services,
    change: Change,
    place: tuple[str, str],
    step_of: _StepOf,
) -> Response:
    async def act(claimed: Claim) -> Outcome:
        return await _decided(parts, claimed, step_of(claimed, RelayId(claimed.row["relay_id"])))

    values = {"delivery_id": place[0], "relay_id": place[1]}
    return await perform(parts, change, CLAIM_ON_RELAY, values, act)


async def _decided(parts: Services, claimed: Claim, step: _Step) -> Outcome:
    delivery = DeliveryRow.read(claimed.row)
    standing = await parts.commands.change_delivery(
        delivery.delivery_id, step.update, step.command, claimed.update_id
    )
    shown = relay_in(claimed.row, standing)
    relay = replace(shown.relay, status=step.leads_to)
    return outcome_of(relay_view(claimed.row, ShownRelay(relay, standing, step.because)))


def _traveler(claimed: Claim) -> Actor:
    """Return the asking person as a traveler; which of the two, the delivery's own rule looks at."""
    require_role(claimed.asker)
    return acting_as(Role.TRAVELER, claimed.asker)


def _view(row: Mapping[str, Any]) -> RelayView:
    return relay_view(row, relay_in(row, DeliveryRow.read(row).standing))
