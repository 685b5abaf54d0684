"""Approve a single request with a second factor: what moves money or overrules others asks for it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from api.access.claims import claim
from api.access.permissions import Action, requires
from api.access.request import Changing
from api.access.second_factors import check_recovery_code, check_totp, wrong_factor
from api.access.step_ups import ASKED_AT, enrolment_required, grant_hash, new_grant
from api.edge.answers import json_answer
from api.edge.documented import CHANGES, refusals
from api.edge.problems import EdgeCode, not_found
from api.edge.requests import StrictRoute
from api.models.identity.factors import GrantView, NewStepUp, StepUpAnswer, StepUpView
from api.models.types import ID_PATTERN
from api.queries.identity.factors import Holder, asking_holder
from api.queries.identity.step_ups import answer_approval, ask_approval, open_approval
from api.queries.robots import CLAIM_BY_ANYBODY
from api.services import Parts, Services
from domain.identity.approvals import fingerprint_of
from domain.identity.factors import Method, approving_methods

router = APIRouter(prefix=ASKED_AT, tags=["security"], route_class=StrictRoute)

StepUpPath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of the approval.")]
_PRIVATE = {"Cache-Control": "no-store"}


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=StepUpView,
    responses=refusals(*CHANGES, EdgeCode.SECOND_FACTOR_ENROLMENT_REQUIRED),
    dependencies=[requires(Action.APPROVE_REQUEST)],
    summary="Ask to approve a request",
)
async def ask_step_up(wanted: NewStepUp, change: Changing, parts: Parts) -> Response:
    """Name the request that you want to approve; each time, a new approval waits for your answer."""
    await claim(parts.database, CLAIM_BY_ANYBODY, change, {}, unclaimed=lambda _: not_found())
    holder = await asking_holder(parts.database, change.token_hash)
    methods = approving_methods(holder.methods, wanted.path)
    if not methods:
        raise enrolment_required()
    mark = fingerprint_of(wanted.method, wanted.path, wanted.body_sha256)
    request = (wanted.method, wanted.path)
    asked = await ask_approval(parts.database, holder.person_id, change.token_hash, request, mark)
    view = StepUpView(
        step_up_id=asked.step_up_id, methods=list(methods), expires_at=asked.expires_at
    )
    location = {"Location": f"{ASKED_AT}/{asked.step_up_id}"}
    return json_answer(view, HTTPStatus.CREATED, {**_PRIVATE, **location})


@router.post(
    "/{step_up_id}/answer",
    response_model=GrantView,
    responses=refusals(*CHANGES, EdgeCode.SECOND_FACTOR_WRONG, EdgeCode.SECOND_FACTOR_BLOCKED),
    dependencies=[requires(Action.APPROVE_REQUEST)],
    summary="Approve the request",
)
async def answer_step_up(
    step_up_id: StepUpPath, answer: StepUpAnswer, change: Changing, parts: Parts
) -> Response:
    """Prove that it is you, and get the grant that the request is sent with."""
    await claim(parts.database, CLAIM_BY_ANYBODY, change, {}, unclaimed=lambda _: not_found())
    holder = await asking_holder(parts.database, change.token_hash)
    asked = await open_approval(parts.database, holder.person_id, change.token_hash, step_up_id)
    if asked is None:
        raise not_found()
    method = await _checked(parts, holder, answer, asked["path"])
    grant = new_grant()
    expires_at = await answer_approval(
        parts.database, step_up_id, grant_hash(grant), method, signed=None
    )
    if expires_at is None:
        raise not_found()
    return json_answer(GrantView(step_up=grant, expires_at=expires_at), headers=_PRIVATE)


async def _checked(parts: Services, holder: Holder, answer: StepUpAnswer, path: str) -> Method:
    """Return how the person has proven who they are.

    Raises:
        Problem: `second_factor_wrong` or `second_factor_blocked`.
    """
    if answer.totp is not None:
        await check_totp(parts.database, parts.seal, holder, answer.totp)
        return Method.TOTP
    if Method.RECOVERY_CODE not in approving_methods(holder.methods, path):
        raise wrong_factor()
    await check_recovery_code(parts.database, holder, answer.recovery_code or "")
    return Method.RECOVERY_CODE
