"""Signing in with a second factor after the password, or with a passkey alone."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.access.passkeys import ask_passkey, check_passkey
from api.access.permissions import Action, requires
from api.access.second_factors import check_code
from api.access.second_steps import PasswordChanged, part_of_sign_in
from api.edge.answers import json_answer
from api.edge.documented import ALWAYS, OPEN_CHANGES, refusals
from api.edge.problems import EdgeCode, Problem
from api.edge.requests import StrictRoute
from api.models.identity.passkeys import PasskeyOptionsView
from api.models.identity.second_steps import PasskeySignIn, SecondFactor
from api.models.identity.sign_in import SignedInView
from api.queries.identity.factors import holder_of
from api.queries.identity.passkeys import Asked
from api.queries.identity.pre_auth import spend_pre_auth, try_pre_auth
from api.queries.identity.sessions import Device
from api.services import Parts, Services
from api.signing_in import admit, device_of
from domain.identity.factors import AUTHENTICATION_WORDS, FACTORS, Method
from domain.words.accounts import AccountNotice
from infra.database.tokens import token_hash
from infra.notifications.holders import tell_holder

router = APIRouter(prefix="/v1/auth", tags=["sign-in"], route_class=StrictRoute)

ANYBODY = Asked("sign_in")
"""A challenge of a passkey that says itself whose it is."""


@router.post(
    "/second-factor",
    dependencies=[requires(Action.PUBLIC_SHOW_SECOND_FACTOR)],
    response_model=SignedInView,
    responses=refusals(
        *OPEN_CHANGES,
        EdgeCode.PASSKEY_REFUSED,
        EdgeCode.PRE_AUTH_TOKEN_REFUSED,
        EdgeCode.SECOND_FACTOR_BLOCKED,
        EdgeCode.SECOND_FACTOR_WRONG,
    ),
    summary="Show your second factor",
    openapi_extra={"security": []},
)
async def show_second_factor(body: SecondFactor, parts: Parts) -> Response:
    """Finish signing in with a code, a recovery code or a passkey."""
    token = body.pre_auth_token.get_secret_value()
    row = await try_pre_auth(parts.database, token_hash(token))
    if row is None:
        raise _over()
    try:
        method = await _shown(parts, row["person_id"], token, body)
    except Problem:
        if row["failures"] == FACTORS.pre_auth_tries:
            await _tell(parts, row["person_id"])
        raise
    if not await spend_pre_auth(parts.database, token_hash(token)):
        raise _over()
    words = [*row["authenticated_by"], *AUTHENTICATION_WORDS[method]]
    device = Device(row["device_name"], row["user_agent_family"])
    since = row["created_at"]
    try:
        return await admit(
            parts, row["person_id"], device, words, has_second_factor=True, password_since=since
        )
    except PasswordChanged:
        raise _over() from None


@router.put(
    "/passkey/options",
    dependencies=[requires(Action.PUBLIC_SIGN_IN_BY_PASSKEY)],
    response_model=PasskeyOptionsView,
    responses=refusals(*ALWAYS),
    summary="Begin to sign in with a passkey",
    openapi_extra={"security": []},
)
async def begin_passkey_sign_in(parts: Parts) -> Response:
    """Return what `navigator.credentials.get` takes; any passkey of yours may answer it."""
    options = await ask_passkey(parts.database, parts.relying_party, ANYBODY)
    return json_answer(PasskeyOptionsView(public_key=options))


@router.post(
    "/passkey",
    dependencies=[requires(Action.PUBLIC_SIGN_IN_BY_PASSKEY)],
    response_model=SignedInView,
    responses=refusals(*OPEN_CHANGES, EdgeCode.PASSKEY_REFUSED),
    summary="Sign in with a passkey",
    openapi_extra={"security": []},
)
async def sign_in_by_passkey(body: PasskeySignIn, request: Request, parts: Parts) -> Response:
    """Open a session for whoever the passkey is of: the device is one factor, you are the other."""
    used = await check_passkey(parts.database, parts.relying_party, ANYBODY, body.credential)
    device = device_of(request, body.device_name)
    words = AUTHENTICATION_WORDS[Method.PASSKEY]
    return await admit(parts, used.person_id, device, words, has_second_factor=True)


async def _shown(parts: Services, person_id: str, token: str, body: SecondFactor) -> Method:
    """Return which second factor the person has shown.

    Raises:
        Problem: it proves nothing, or the person has to wait.
    """
    if body.passkey is not None:
        asked = part_of_sign_in(person_id, token)
        await check_passkey(parts.database, parts.relying_party, asked, body.passkey)
        return Method.PASSKEY
    holder = await holder_of(parts.database, person_id)
    return await check_code(
        parts, holder, holder.methods, totp=body.totp, recovery_code=body.recovery_code
    )


async def _tell(parts: Services, person_id: str) -> None:
    """Tell a person that somebody has done the first step of signing in as them, and no more."""
    async with parts.engine.begin() as connection:
        await tell_holder(connection, person_id, AccountNotice.SECOND_STEP_FAILED)


def _over() -> Problem:
    return Problem(
        EdgeCode.PRE_AUTH_TOKEN_REFUSED,
        "This sign-in took too long or too many tries, or is done. Begin again with your password.",
    )
