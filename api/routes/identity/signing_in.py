"""Signing in with a password, staying signed in, and signing out."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.access.passwords import hash_again, is_password
from api.access.permissions import Action, requires
from api.access.second_steps import PasswordChanged
from api.edge.answers import json_answer
from api.edge.documented import OPEN_CHANGES, refusals
from api.edge.problems import EdgeCode, Problem
from api.edge.requests import StrictRoute
from api.models.identity.second_steps import SecondFactorRequiredView
from api.models.identity.sign_in import AcceptedView, Credentials, Refreshing, SignedInView
from api.queries.identity.accounts import KnownAccount, account_at, forgive, renew_hash
from api.queries.identity.sessions import exchange, sign_out
from api.queries.identity.throttles import count_try, of_guessing
from api.services import Parts, Services
from api.signing_in import PASSWORD, admit, answer_tokens, device_of

router = APIRouter(prefix="/v1/auth", tags=["sign-in"], route_class=StrictRoute)


@router.post(
    "/sign-in",
    dependencies=[requires(Action.PUBLIC_SIGN_IN)],
    response_model=SignedInView | SecondFactorRequiredView,
    responses=refusals(*OPEN_CHANGES, EdgeCode.SIGN_IN_FAILED, EdgeCode.TOO_MANY_TRIES),
    summary="Sign in",
    openapi_extra={"security": []},
)
async def sign_in(body: Credentials, request: Request, parts: Parts) -> Response:
    """Open a session, or ask for your second factor if you have one.

    The answer to a wrong password and to an unknown address is the same.
    """
    account = await _proved(parts, body)
    device = device_of(request, body.device_name)
    since = account.password_since
    try:
        return await admit(parts, account.person_id, device, [PASSWORD], password_since=since)
    except PasswordChanged:
        raise _failed() from None


async def _proved(parts: Services, body: Credentials) -> KnownAccount:
    """Return the account whose password was typed.

    Raises:
        Problem: `sign_in_failed`, `too_many_tries` or `unavailable`.
    """
    identity = parts.identity
    lookup = identity.email_lookup(body.email)
    subject = identity.subject("passwords", lookup)
    await count_try(parts.database, subject, of_guessing(identity.policy.guessing))
    account = await account_at(parts.database, lookup)
    kept = account.password_hash if account else None
    if not await is_password(identity, kept, body.password) or account is None:
        raise _failed()
    await forgive(parts.database, subject)
    if kept is not None and identity.passwords.is_outdated(kept):
        await _renew(parts, account.person_id, kept, body)
    return account


def _failed() -> Problem:
    return Problem(EdgeCode.SIGN_IN_FAILED, "The e-mail address or the password is wrong.")


async def _renew(parts: Services, person_id: str, kept: str, body: Credentials) -> None:
    """Hash a password anew that was just shown, with the parameters of today."""
    renewed = await hash_again(parts.identity, body.password)
    await renew_hash(parts.database, person_id, kept, renewed)


@router.post(
    "/refresh",
    dependencies=[requires(Action.PUBLIC_REFRESH)],
    response_model=SignedInView,
    responses=refusals(*OPEN_CHANGES, EdgeCode.REFRESH_TOKEN_REFUSED),
    summary="Exchange a refresh token for the next pair of tokens",
    openapi_extra={"security": []},
)
async def refresh(body: Refreshing, parts: Parts) -> Response:
    """Give the next pair of tokens.

    Each refresh token is good for one exchange. Who lost the answer may repeat it within seconds and
    gets the same refresh token again; a token that comes back later ends its session.
    """
    identity, token = parts.identity, body.refresh_token.get_secret_value()
    successor = identity.refresh_tokens.successor(token)
    opened = await exchange(parts.database, identity.policy.sessions, token, successor)
    if opened is None:
        raise Problem(
            EdgeCode.REFRESH_TOKEN_REFUSED,
            "This refresh token is unknown, spent or expired, or its session has ended. Sign in.",
        )
    return answer_tokens(identity, opened)


@router.post(
    "/sign-out",
    dependencies=[requires(Action.PUBLIC_SIGN_OUT)],
    response_model=AcceptedView,
    responses=refusals(*OPEN_CHANGES),
    summary="Sign out",
    openapi_extra={"security": []},
)
async def end_session(body: Refreshing, parts: Parts) -> Response:
    """End the session of a refresh token at once, on every route; any of its tokens will do."""
    await sign_out(parts.database, body.refresh_token.get_secret_value())
    return json_answer(AcceptedView())
