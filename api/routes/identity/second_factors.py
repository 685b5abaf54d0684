"""Your second factors: which you have, the authenticator app, and codes on paper."""

from __future__ import annotations

import time
from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.access.claims import claim
from api.access.permissions import Action, requires
from api.access.request import Changing, TokenHash
from api.access.second_factors import wrong_factor
from api.access.step_ups import enrolment_required, require_change_of_factors
from api.edge.answers import json_answer
from api.edge.documented import ALWAYS, BEARERS, CHANGES, refusals
from api.edge.problems import EdgeCode, Problem, not_found
from api.edge.requests import StrictRoute
from api.models.identity.factors import (
    FactorsView,
    RecoveryCodesView,
    TotpConfirmation,
    TotpSetupView,
)
from api.queries.identity.apps import begin_totp, confirm_totp, remove_totp
from api.queries.identity.factors import (
    Holder,
    asking_holder,
    note_second_factor,
    renew_recovery_codes,
)
from api.queries.identity.tries import count_try, forgive_tries
from api.queries.robots import CLAIM_BY_ANYBODY
from api.services import Parts
from domain.identity.factors import Method, may_remove_factor, needs_second_factor
from infra.identity.recovery_codes import hash_of, new_codes
from infra.identity.totp import app_address, matching_step, new_secret, picture_of

PATH = "/v1/me/second-factors"
router = APIRouter(prefix=PATH, tags=["security"], route_class=StrictRoute)

PRIVATE = {"Cache-Control": "no-store"}
OWN = (*ALWAYS, *BEARERS)
"""How every route about one's own account can refuse."""
CHANGES_OF_FACTORS = (
    *OWN,
    EdgeCode.SECOND_FACTOR_ENROLMENT_REQUIRED,
    EdgeCode.SIGN_IN_AGAIN,
    EdgeCode.STEP_UP_REQUIRED,
)
"""How changes of one's own factors can be refused."""


@router.get(
    "",
    response_model=FactorsView,
    responses=refusals(*OWN),
    dependencies=[requires(Action.READ_OWN_FACTORS)],
    summary="Read which second factors you have",
)
async def get_second_factors(token: TokenHash, parts: Parts) -> Response:
    """Return how you can prove who you are, besides your password."""
    return json_answer(view_of(await asking_holder(parts.database, token)), headers=PRIVATE)


@router.put(
    "/totp",
    response_model=TotpSetupView,
    responses=refusals(*CHANGES_OF_FACTORS),
    dependencies=[requires(Action.CHANGE_OWN_FACTORS)],
    summary="Begin to set up an authenticator app",
)
async def begin_totp_setup(request: Request, token: TokenHash, parts: Parts) -> Response:
    """Return a new secret for an app; it counts, in place of an earlier one, once you confirm it.

    Confirm it within ten minutes, in the same session.
    """
    holder = await asking_holder(parts.database, token)
    await require_change_of_factors(request, parts.database, holder, token)
    secret = new_secret()
    sealed = await parts.seal.close(holder.person_id, secret)
    await begin_totp(parts.database, holder.person_id, sealed, token)
    address = app_address(secret, holder.name)
    view = TotpSetupView(secret=secret, otpauth_uri=address, qr_svg=picture_of(address))
    return json_answer(view, headers=PRIVATE)


@router.post(
    "/totp/confirmation",
    status_code=HTTPStatus.CREATED,
    response_model=RecoveryCodesView,
    responses=refusals(
        *CHANGES,
        EdgeCode.SECOND_FACTOR_BLOCKED,
        EdgeCode.SECOND_FACTOR_NOT_BEGUN,
        EdgeCode.SECOND_FACTOR_WRONG,
    ),
    dependencies=[requires(Action.CHANGE_OWN_FACTORS)],
    summary="Take the authenticator app into use",
)
async def confirm_totp_setup(body: TotpConfirmation, change: Changing, parts: Parts) -> Response:
    """Show by a code that the app works; with your first factor you get your recovery codes."""
    await claim(parts.database, CLAIM_BY_ANYBODY, change, {}, unclaimed=lambda _: not_found())
    holder = await asking_holder(parts.database, change.token_hash)
    if holder.pending_secret is None:
        raise Problem(EdgeCode.SECOND_FACTOR_NOT_BEGUN, f"Begin with a PUT to {PATH}/totp.")
    await count_try(parts.database, holder.person_id)
    secret = await parts.seal.open(holder.person_id, holder.pending_secret)
    step = matching_step(secret, body.code, time.time())
    if step is None:
        raise wrong_factor()
    codes = new_codes()
    hashes = tuple(hash_of(holder.person_id, code) for code in codes)
    written = await confirm_totp(parts.engine, holder, step, hashes)
    if written is None:
        raise wrong_factor()
    await forgive_tries(parts.database, holder.person_id)
    await note_second_factor(parts.database, change.token_hash, Method.TOTP)
    view = RecoveryCodesView(recovery_codes=list(codes) if written else [])
    return json_answer(view, HTTPStatus.CREATED, PRIVATE)


@router.delete(
    "/totp",
    response_model=FactorsView,
    responses=refusals(*CHANGES_OF_FACTORS, EdgeCode.LAST_FACTOR),
    dependencies=[requires(Action.CHANGE_OWN_FACTORS)],
    summary="Do without the authenticator app",
)
async def remove_totp_factor(request: Request, token: TokenHash, parts: Parts) -> Response:
    """Forget the app. Staff keep their last factor until they have another one."""
    holder = await asking_holder(parts.database, token)
    require_factor_left(holder, holder.passkeys)
    await require_change_of_factors(request, parts.database, holder, token)
    if not await remove_totp(parts.engine, holder.person_id):
        raise last_factor()
    return json_answer(view_of(await asking_holder(parts.database, token)), headers=PRIVATE)


@router.put(
    "/recovery-codes",
    response_model=RecoveryCodesView,
    responses=refusals(*CHANGES_OF_FACTORS),
    dependencies=[requires(Action.CHANGE_OWN_FACTORS)],
    summary="Get new recovery codes",
)
async def replace_recovery_codes(request: Request, token: TokenHash, parts: Parts) -> Response:
    """Replace all your recovery codes; those that you have noted down work no more."""
    holder = await asking_holder(parts.database, token)
    if not holder.factors:
        raise enrolment_required()
    await require_change_of_factors(request, parts.database, holder, token)
    codes = new_codes()
    hashes = tuple(hash_of(holder.person_id, code) for code in codes)
    await renew_recovery_codes(parts.engine, holder.person_id, hashes)
    return json_answer(RecoveryCodesView(recovery_codes=list(codes)), headers=PRIVATE)


def require_factor_left(holder: Holder, left: int) -> None:
    """Check that a factor may be taken away so that this many are left.

    Raises:
        Problem: `last_factor`.
    """
    if not may_remove_factor(holder.roles, left):
        raise last_factor()


def last_factor() -> Problem:
    """Return the answer for staff who would be left without a second factor."""
    return Problem(EdgeCode.LAST_FACTOR, "Set up another second factor before you remove this.")


def view_of(holder: Holder) -> FactorsView:
    """Return the factors of a person as they see them."""
    return FactorsView(
        required=needs_second_factor(holder.roles),
        totp_since=holder.totp_since,
        passkeys=holder.passkeys,
        recovery_codes_left=holder.recovery_codes,
    )
