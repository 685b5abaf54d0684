"""Your password: changed by you, or set anew by whoever reads your mail."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import Response

from api.access.passwords import hash_of_new, require_password
from api.access.permissions import Action, requires
from api.access.request import Bearing
from api.edge.answers import json_answer
from api.edge.documented import CODES, OPEN_CHANGES, refusals
from api.edge.problems import EdgeCode, Problem
from api.edge.requests import StrictRoute
from api.models.identity.sign_in import (
    AcceptedView,
    ForgottenPassword,
    PasswordChange,
    PasswordReset,
    SentCodeView,
)
from api.queries.identity.accounts import forgive
from api.queries.identity.codes import try_code, wrong_code
from api.queries.identity.holders import account_holder_of, change_password
from api.queries.identity.resetting import begin_reset, finish_reset
from api.queries.identity.throttles import count_try, of_sending
from api.routes.identity.profile import OWN
from api.services import Parts
from domain.identity.codes import CodeUse

reset_router = APIRouter(prefix="/v1/auth/password", tags=["sign-in"], route_class=StrictRoute)
router = APIRouter(prefix="/v1/me/password", tags=["account"], route_class=StrictRoute)


@reset_router.post(
    "/forgotten",
    dependencies=[requires(Action.PUBLIC_RESET_PASSWORD)],
    status_code=HTTPStatus.ACCEPTED,
    response_model=SentCodeView,
    responses=refusals(*OPEN_CHANGES, EdgeCode.TOO_MANY_TRIES),
    summary="Ask for a new password",
    openapi_extra={"security": []},
)
async def forget_password(body: ForgottenPassword, parts: Parts) -> Response:
    """Have a code sent to the address, if it has an account; the answer is the same for every one."""
    identity = parts.identity
    subject = identity.subject("codes", identity.email_lookup(body.email))
    await count_try(parts.database, subject, of_sending(identity.policy.codes))
    sent = await begin_reset(parts.database, identity, body.email)
    view = SentCodeView(verification_id=sent.verification_id, expires_at=sent.expires_at)
    return json_answer(view, HTTPStatus.ACCEPTED)


@reset_router.post(
    "/reset",
    dependencies=[requires(Action.PUBLIC_RESET_PASSWORD)],
    response_model=AcceptedView,
    responses=refusals(*OPEN_CHANGES, *CODES, EdgeCode.PASSWORD_REFUSED),
    summary="Set a new password with the code that came",
    openapi_extra={"security": []},
)
async def reset_password(body: PasswordReset, parts: Parts) -> Response:
    """Set the password and sign out every device; a password that is not taken leaves the code good."""
    identity = parts.identity
    row = await try_code(
        parts.database, identity, CodeUse.PASSWORD_RESET, body.verification_id, body.code
    )
    password_hash = await hash_of_new(
        identity, body.new_password, row["email"] or "", "new_password"
    )
    lookup = None
    if row["person_id"] is not None:
        lookup = await finish_reset(
            parts.engine, body.verification_id, row["person_id"], password_hash
        )
    if lookup is None:
        raise wrong_code()
    await forgive(parts.database, identity.subject("passwords", lookup))
    return json_answer(AcceptedView())


@router.put(
    "",
    dependencies=[requires(Action.CHANGE_OWN_PASSWORD)],
    response_model=AcceptedView,
    responses=refusals(
        *OWN,
        EdgeCode.ACCOUNT_MISSING,
        EdgeCode.PASSWORD_REFUSED,
        EdgeCode.PASSWORD_WRONG,
        EdgeCode.TOO_MANY_TRIES,
    ),
    summary="Change your password",
)
async def put_password(body: PasswordChange, bearer: Bearing, parts: Parts) -> Response:
    """Change your password and sign out every other device."""
    holder = await account_holder_of(parts.database, bearer.lookup)
    await require_password(parts, holder, body.current_password)
    password_hash = await hash_of_new(
        parts.identity, body.new_password, holder.email or "", "new_password"
    )
    if not await change_password(parts.engine, holder, password_hash, bearer.session_id):
        raise Problem(EdgeCode.PASSWORD_WRONG, "Your password was changed in between.")
    return json_answer(AcceptedView())
