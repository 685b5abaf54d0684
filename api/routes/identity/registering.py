"""Registering: an account is opened by whoever reads the mail of its address."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import Response

from api.access.passwords import hash_of_new
from api.access.permissions import Action, requires
from api.edge.answers import json_answer
from api.edge.documented import CODES, OPEN_CHANGES, refusals
from api.edge.problems import EdgeCode
from api.edge.requests import StrictRoute
from api.models.identity.sign_in import (
    AcceptedView,
    NewRegistration,
    RegisteredView,
    Resending,
    SentCodeView,
    Verification,
)
from api.queries.identity.registering import (
    Registration,
    begin_registration,
    finish_registration,
    send_registration_again,
)
from api.queries.identity.throttles import count_try, of_sending
from api.services import Parts

router = APIRouter(prefix="/v1/auth/registrations", tags=["sign-in"], route_class=StrictRoute)


@router.post(
    "",
    dependencies=[requires(Action.PUBLIC_REGISTER)],
    status_code=HTTPStatus.ACCEPTED,
    response_model=SentCodeView,
    responses=refusals(*OPEN_CHANGES, EdgeCode.PASSWORD_REFUSED, EdgeCode.TOO_MANY_TRIES),
    summary="Register",
    openapi_extra={"security": []},
)
async def register(body: NewRegistration, parts: Parts) -> Response:
    """Ask for an account; a code is sent to the address, and the answer is the same for every one."""
    identity = parts.identity
    subject = identity.subject("codes", identity.email_lookup(body.email))
    await count_try(parts.database, subject, of_sending(identity.policy.codes))
    password_hash = await hash_of_new(identity, body.password, body.email, "password")
    wanted = Registration(body.email, body.display_name, tuple(body.roles), password_hash)
    sent = await begin_registration(parts.database, identity, wanted)
    view = SentCodeView(verification_id=sent.verification_id, expires_at=sent.expires_at)
    return json_answer(view, HTTPStatus.ACCEPTED)


@router.post(
    "/verification",
    dependencies=[requires(Action.PUBLIC_REGISTER)],
    status_code=HTTPStatus.CREATED,
    response_model=RegisteredView,
    responses=refusals(*OPEN_CHANGES, *CODES),
    summary="Open the account with the code that came",
    openapi_extra={"security": []},
)
async def verify_registration(body: Verification, parts: Parts) -> Response:
    """Open the account; then sign in with the address and the password."""
    person_id = await finish_registration(
        parts.database, parts.identity, body.verification_id, body.code
    )
    return json_answer(RegisteredView(person_id=person_id), HTTPStatus.CREATED)


@router.post(
    "/resending",
    dependencies=[requires(Action.PUBLIC_REGISTER)],
    status_code=HTTPStatus.ACCEPTED,
    response_model=AcceptedView,
    responses=refusals(*OPEN_CHANGES),
    summary="Have the code sent again",
    openapi_extra={"security": []},
)
async def resend_registration(body: Resending, parts: Parts) -> Response:
    """Send the message once more, when a minute has passed and the code is still good."""
    await send_registration_again(parts.database, parts.identity, body.verification_id)
    return json_answer(AcceptedView(), HTTPStatus.ACCEPTED)
