"""You ask that everything about you is erased, see what it waits for, and may change your mind."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.permissions import Action, requires
from api.access.request import Changing, TokenHash
from api.changes import outcome_of, perform
from api.edge.answers import json_answer
from api.edge.documented import CHANGES, refusals
from api.edge.problems import unauthenticated
from api.edge.requests import StrictRoute
from api.erasing import no_erasure, request_erasure, withdraw_erasure
from api.models.identity.erasure import ErasureView
from api.models.requests import NoFields
from api.queries.identity.erasures import CLAIM_OF_OWN, newest_erasure
from api.queries.statements import asking_person
from api.routes.identity.profile import OWN
from api.services import Parts, Services
from domain.erasing.rules import ErasureOrder
from domain.errors import RefusalCode
from domain.ids import PersonId

router = APIRouter(prefix="/v1/me/erasure", tags=["account"], route_class=StrictRoute)


@router.post(
    "",
    dependencies=[requires(Action.REQUEST_OWN_ERASURE)],
    status_code=HTTPStatus.ACCEPTED,
    response_model=ErasureView,
    responses=refusals(*CHANGES, RefusalCode.NO_ERASURE),
    summary="Ask to be erased",
)
async def post_erasure(change: Changing, parts: Parts, _: NoFields | None = None) -> Response:
    """Have everything about you erased in a week, or as soon as nothing of yours is open.

    Until `due_at` you can take it back. Afterwards it waits, by itself, for every delivery, dispute
    and payment that `waits_for` names; then your sessions end and nothing is left of you but ids.
    """

    async def act(claimed: Claim) -> Outcome:
        order = ErasureOrder(claimed.asker.person_id, claimed.resource_id, claimed.created_at)
        await request_erasure(parts.temporal, order, claimed.update_id)
        view = await _view(parts, claimed.asker.person_id)
        return outcome_of(view, HTTPStatus.ACCEPTED, "/v1/me/erasure")

    return await perform(
        parts, change, CLAIM_OF_OWN, {}, act, unclaimed=lambda _: unauthenticated()
    )


@router.get(
    "",
    dependencies=[requires(Action.READ_OWN_ERASURE)],
    response_model=ErasureView,
    responses=refusals(*OWN, RefusalCode.NO_ERASURE),
    summary="See how far your erasure is",
)
async def get_erasure(token: TokenHash, parts: Parts) -> Response:
    """Return your last request to be erased, and what it waits for now."""
    person_id = await asking_person(parts.database, token)
    return json_answer(await _view(parts, person_id))


@router.delete(
    "",
    dependencies=[requires(Action.WITHDRAW_OWN_ERASURE)],
    response_model=ErasureView,
    responses=refusals(*OWN, RefusalCode.NO_ERASURE, RefusalCode.ERASURE_BINDING),
    summary="Take your request to be erased back",
)
async def delete_erasure(token: TokenHash, parts: Parts) -> Response:
    """Stay as you are; that is possible until `due_at`."""
    person_id = await asking_person(parts.database, token)
    await withdraw_erasure(parts.temporal, person_id)
    return json_answer(await _view(parts, person_id))


async def _view(parts: Services, person_id: PersonId) -> ErasureView:
    found = await newest_erasure(parts.database, parts.encryption.index, person_id)
    if found is None:
        raise no_erasure()
    return ErasureView.model_validate(found)
