"""Chargebacks: parties read how they stand, staff submit the evidence and resolve what is stuck."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.permissions import Action, requires
from api.access.request import Change, Changing, TokenHash
from api.access.sights import permitted_sight_of
from api.changes import actor_as, outcome_of, perform, sight_of_claim
from api.edge.answers import json_answer
from api.edge.documented import CHANGES, READS, refusals
from api.edge.requests import StrictRoute
from api.models.chargebacks import ChargebackMovedView, ChargebacksView, NewBearer
from api.models.requests import NoFields, Resolution
from api.queries.chargebacks import CLAIM_ON_CHARGEBACK, chargebacks_of
from api.routes.paths import ChargebackPath, DeliveryPath
from api.services import Parts, Services
from domain.chargebacks import NameBearer, SubmitEvidence
from domain.contracts import Actor, ResolveAttention
from domain.errors import RefusalCode
from domain.ids import ChargebackId

listing_router = APIRouter(
    prefix="/v1/deliveries/{delivery_id}", tags=["chargebacks"], route_class=StrictRoute
)
router = APIRouter(
    prefix="/v1/chargebacks/{chargeback_id}", tags=["chargebacks"], route_class=StrictRoute
)

_REFUSALS = (*CHANGES, RefusalCode.WRONG_STATE)


async def _command(
    parts: Services,
    change: Change,
    chargeback_id: str,
    name: str,
    command_of: Callable[[Actor], object],
) -> Response:
    """Send one command of a neutral member of staff and answer with where the chargeback stands."""

    async def act(claimed: Claim) -> Outcome:
        sight = sight_of_claim(claimed)
        actor = actor_as(sight)
        standing = await parts.commands.change_chargeback(
            ChargebackId(chargeback_id), name, command_of(actor), claimed.update_id
        )
        return outcome_of(ChargebackMovedView(chargeback_id=chargeback_id, status=standing.status))

    values = {"chargeback_id": chargeback_id}
    return await perform(parts, change, CLAIM_ON_CHARGEBACK, values, act)


@listing_router.get(
    "/chargebacks",
    dependencies=[requires(Action.LIST_CHARGEBACKS)],
    response_model=ChargebacksView,
    responses=refusals(*READS, RefusalCode.NOT_YOUR_ROLE),
    summary="Read the chargebacks of a delivery",
)
async def list_chargebacks(delivery_id: DeliveryPath, token: TokenHash, parts: Parts) -> Response:
    """Return what banks asked about or took back of the payment, as far as it concerns you."""
    sight = await permitted_sight_of(parts.database, token, delivery_id)
    found = await chargebacks_of(parts.database, sight)
    return json_answer(ChargebacksView(chargebacks=found))


@router.post(
    "/evidence",
    dependencies=[requires(Action.SUBMIT_CHARGEBACK_EVIDENCE)],
    response_model=ChargebackMovedView,
    responses=refusals(*_REFUSALS),
    summary="Submit the evidence now",
)
async def submit_evidence(
    chargeback_id: ChargebackPath, change: Changing, parts: Parts, _: NoFields | None = None
) -> Response:
    """Hand the evidence to the bank as it is now; banks read it once, and nothing can be added."""
    return await _command(parts, change, chargeback_id, "submit_evidence", SubmitEvidence)


@router.post(
    "/bearer",
    dependencies=[requires(Action.NAME_CHARGEBACK_BEARER)],
    response_model=ChargebackMovedView,
    responses=refusals(*_REFUSALS),
    summary="Name who bears the rest",
)
async def name_bearer(
    chargeback_id: ChargebackPath, new: NewBearer, change: Changing, parts: Parts
) -> Response:
    """Say who bears what is beyond the payment and the traveler's pay, if it is lost."""

    def command_of(actor: Actor) -> NameBearer:
        return NameBearer(actor, new.bearer, new.reason)

    return await _command(parts, change, chargeback_id, "name_bearer", command_of)


@router.post(
    "/resolve",
    dependencies=[requires(Action.RESOLVE_CHARGEBACK)],
    response_model=ChargebackMovedView,
    responses=refusals(*_REFUSALS, RefusalCode.NOTHING_NEEDS_ATTENTION, RefusalCode.SKIP_NOT_SAFE),
    summary="Resolve a parked step of a chargeback",
)
async def resolve(
    chargeback_id: ChargebackPath, resolution: Resolution, change: Changing, parts: Parts
) -> Response:
    """Staff say how a parked step goes on; `retry` is always safe."""

    def command_of(actor: Actor) -> ResolveAttention:
        return ResolveAttention(
            resolution.action, resolution.reference, resolution.reason, actor.person_id
        )

    return await _command(parts, change, chargeback_id, "resolve_attention", command_of)
