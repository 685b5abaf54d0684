"""Approve a single request with a second factor: what moves money or overrules others asks for it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from starlette.responses import Response

from api.access.claims import claim
from api.access.passkeys import ask_passkey, check_passkey
from api.access.permissions import Action, requires
from api.access.request import Changing
from api.access.second_factors import check_code
from api.access.step_ups import ASKED_AT, enrolment_required, grant_hash, new_grant
from api.edge.answers import json_answer
from api.edge.documented import CHANGES, refusals
from api.edge.problems import EdgeCode, not_found
from api.edge.requests import StrictRoute
from api.models.identity.factors import GrantView, NewStepUp, StepUpAnswer, StepUpView
from api.models.types import ID_PATTERN
from api.queries.identity.factors import Holder, asking_holder
from api.queries.identity.passkeys import Asked
from api.queries.identity.step_ups import answer_approval, ask_approval, open_approval
from api.queries.robots import CLAIM_BY_ANYBODY
from api.services import Parts
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
    options = None
    if Method.PASSKEY in methods:
        part = _part_of(holder, asked.step_up_id)
        options = await ask_passkey(parts.database, parts.relying_party, part, mark)
    view = StepUpView(
        step_up_id=asked.step_up_id,
        methods=list(methods),
        passkey=options,
        expires_at=asked.expires_at,
    )
    location = {"Location": f"{ASKED_AT}/{asked.step_up_id}"}
    return json_answer(view, HTTPStatus.CREATED, {**_PRIVATE, **location})


@router.post(
    "/{step_up_id}/answer",
    response_model=GrantView,
    responses=refusals(
        *CHANGES,
        EdgeCode.SECOND_FACTOR_WRONG,
        EdgeCode.SECOND_FACTOR_BLOCKED,
        EdgeCode.PASSKEY_REFUSED,
    ),
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
    proof = None
    if answer.passkey is not None:
        part, method = _part_of(holder, step_up_id), Method.PASSKEY
        used = await check_passkey(parts.database, parts.relying_party, part, answer.passkey)
        proof = used.proof
    else:
        method = await check_code(
            parts,
            holder,
            approving_methods(holder.methods, asked["path"]),
            totp=answer.totp,
            recovery_code=answer.recovery_code,
        )
    grant = new_grant()
    expires_at = await answer_approval(parts.database, step_up_id, grant_hash(grant), method, proof)
    if expires_at is None:
        raise not_found()
    return json_answer(GrantView(step_up=grant, expires_at=expires_at), headers=_PRIVATE)


def _part_of(holder: Holder, step_up_id: str) -> Asked:
    return Asked("step_up", holder.person_id, UUID(step_up_id).bytes)
