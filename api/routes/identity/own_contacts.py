"""Your e-mail address and phone number: another one counts once you have read a code there."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.access.database import Row
from api.access.passwords import require_password
from api.access.permissions import Action, requires
from api.access.request import TokenHash
from api.access.step_ups import require_step_up
from api.edge.answers import json_answer
from api.edge.documented import CODES, refusals
from api.edge.problems import EdgeCode
from api.edge.requests import StrictRoute
from api.models.identity.profile import EmailChange, PhoneChange, ProfileView
from api.models.identity.sign_in import SentCodeView, Verification
from api.queries.identity.codes import try_code, wrong_code
from api.queries.identity.contacts import (
    begin_email_change,
    begin_phone_change,
    finish_email_change,
    finish_phone_change,
)
from api.queries.identity.holders import Holder, account_holder_of
from api.queries.identity.registering import SentCode
from api.queries.identity.throttles import count_try, of_sending
from api.routes.identity.profile import OWN, profile_view
from api.services import Parts, Services
from domain.identity.codes import CodeUse

router = APIRouter(prefix="/v1/me", tags=["account"], route_class=StrictRoute)


@router.put(
    "/email",
    dependencies=[requires(Action.CHANGE_OWN_CONTACTS)],
    status_code=HTTPStatus.ACCEPTED,
    response_model=SentCodeView,
    responses=refusals(
        *OWN,
        EdgeCode.ACCOUNT_MISSING,
        EdgeCode.PASSWORD_WRONG,
        EdgeCode.STEP_UP_REQUIRED,
        EdgeCode.TOO_MANY_TRIES,
    ),
    summary="Ask for another e-mail address",
)
async def put_email(
    body: EmailChange, request: Request, token: TokenHash, parts: Parts
) -> Response:
    """Have a code sent to the new address and a notice to the old one.

    Who has a second factor approves it: the mail of an account opens it.
    """
    await require_step_up(request, parts.database, token, needs_factor=False)
    holder = await account_holder_of(parts.database, token)
    await require_password(parts, holder, body.current_password)
    await _count_sending(parts, holder, parts.identity.email_lookup(body.email))
    sent = await begin_email_change(parts.database, parts.identity, holder, body.email)
    return _sent(sent)


@router.put(
    "/email/verification",
    dependencies=[requires(Action.CHANGE_OWN_CONTACTS)],
    response_model=ProfileView,
    responses=refusals(*OWN, *CODES, EdgeCode.ACCOUNT_MISSING),
    summary="Move to the new e-mail address with the code that came",
)
async def verify_email(body: Verification, token: TokenHash, parts: Parts) -> Response:
    """Move your account to the new address; from now on you sign in with it."""
    row = await _own_code(parts, token, CodeUse.EMAIL_CHANGE, body)
    await finish_email_change(parts.database, body.verification_id, row["person_id"])
    return json_answer(profile_view(await account_holder_of(parts.database, token)))


@router.put(
    "/phone",
    dependencies=[requires(Action.CHANGE_OWN_CONTACTS)],
    status_code=HTTPStatus.ACCEPTED,
    response_model=SentCodeView,
    responses=refusals(
        *OWN, EdgeCode.ACCOUNT_MISSING, EdgeCode.STEP_UP_REQUIRED, EdgeCode.TOO_MANY_TRIES
    ),
    summary="Ask for another phone number",
)
async def put_phone(
    body: PhoneChange, request: Request, token: TokenHash, parts: Parts
) -> Response:
    """Have a code sent to the number; who has a second factor approves it."""
    await require_step_up(request, parts.database, token, needs_factor=False)
    holder = await account_holder_of(parts.database, token)
    await _count_sending(parts, holder, body.phone)
    sent = await begin_phone_change(parts.database, parts.identity, holder, body.phone)
    return _sent(sent)


@router.put(
    "/phone/verification",
    dependencies=[requires(Action.CHANGE_OWN_CONTACTS)],
    response_model=ProfileView,
    responses=refusals(*OWN, *CODES, EdgeCode.ACCOUNT_MISSING),
    summary="Take the phone number with the code that came",
)
async def verify_phone(body: Verification, token: TokenHash, parts: Parts) -> Response:
    """Take the number whose code you have read."""
    row = await _own_code(parts, token, CodeUse.PHONE_CHANGE, body)
    await finish_phone_change(parts.database, body.verification_id, row["person_id"])
    return json_answer(profile_view(await account_holder_of(parts.database, token)))


async def _own_code(parts: Services, token: bytes, use: CodeUse, body: Verification) -> Row:
    """Return the row of a code of the asking person that was typed correctly.

    Raises:
        Problem: as for `try_code`; `code_wrong` for somebody else's.
    """
    holder = await account_holder_of(parts.database, token)
    row = await try_code(parts.database, parts.identity, use, body.verification_id, body.code)
    if row["person_id"] != holder.person_id:
        raise wrong_code()
    return row


async def _count_sending(parts: Services, holder: Holder, address: str) -> None:
    """Count a code to an address, and of a person: neither is flooded, nor floods others."""
    limit = of_sending(parts.identity.policy.codes)
    for subject in (address, holder.person_id):
        await count_try(parts.database, parts.identity.subject("codes", subject), limit)


def _sent(sent: SentCode) -> Response:
    view = SentCodeView(verification_id=sent.verification_id, expires_at=sent.expires_at)
    return json_answer(view, HTTPStatus.ACCEPTED)
