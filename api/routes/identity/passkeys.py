"""Your passkeys: devices that recognise you, and sign in your place."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api.access.claims import claim
from api.access.database import Row
from api.access.passkeys import check_new_passkey
from api.access.permissions import Action, requires
from api.access.request import Changing, TokenHash
from api.access.step_ups import require_change_of_factors
from api.edge.answers import json_answer
from api.edge.documented import CHANGES, refusals
from api.edge.problems import EdgeCode, Problem, not_found
from api.edge.requests import StrictRoute
from api.models.identity.factors import FactorsView
from api.models.identity.passkeys import (
    AddedPasskeyView,
    NewPasskeyName,
    PasskeyOptionsView,
    PasskeyRegistration,
    PasskeysView,
    PasskeyView,
)
from api.models.types import ID_PATTERN
from api.queries.identity.factors import asking_holder, note_second_factor
from api.queries.identity.passkeys import (
    Asked,
    add_passkey,
    keep_challenge,
    passkeys_of,
    remove_passkey,
    rename_passkey,
)
from api.queries.identity.tries import count_try, forgive_tries
from api.queries.robots import CLAIM_BY_ANYBODY
from api.routes.identity.second_factors import (
    CHANGES_OF_FACTORS,
    OWN,
    PRIVATE,
    last_factor,
    require_factor_left,
    view_of,
)
from api.services import Parts
from domain.identity.factors import FACTORS, Method
from infra.identity.passkeys import new_challenge, registration_options, transports_in
from infra.identity.recovery_codes import hash_of, new_codes

PATH = "/v1/me/passkeys"
router = APIRouter(prefix=PATH, tags=["security"], route_class=StrictRoute)

REGISTER = "register"
PasskeyPath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of the passkey.")]


@router.get(
    "",
    response_model=PasskeysView,
    responses=refusals(*OWN),
    dependencies=[requires(Action.READ_OWN_FACTORS)],
    summary="List your passkeys",
)
async def list_passkeys(token: TokenHash, parts: Parts) -> Response:
    """Return your passkeys, the oldest first."""
    holder = await asking_holder(parts.database, token)
    rows = await passkeys_of(parts.database, holder.person_id)
    return json_answer(PasskeysView(items=[_view(row) for row in rows]), headers=PRIVATE)


@router.put(
    "/options",
    response_model=PasskeyOptionsView,
    responses=refusals(*CHANGES_OF_FACTORS, EdgeCode.PASSKEYS_REACHED),
    dependencies=[requires(Action.CHANGE_OWN_FACTORS)],
    summary="Begin to set up a passkey",
)
async def begin_passkey(request: Request, token: TokenHash, parts: Parts) -> Response:
    """Return what `navigator.credentials.create` takes; its answer makes the passkey."""
    holder = await asking_holder(parts.database, token)
    await require_change_of_factors(request, parts.database, holder, token)
    rows = await passkeys_of(parts.database, holder.person_id)
    if len(rows) >= FACTORS.passkeys_max:
        raise Problem(EdgeCode.PASSKEYS_REACHED, "Delete a passkey that you do not use any more.")
    challenge = new_challenge()
    await keep_challenge(parts.database, Asked(REGISTER, holder.person_id, token), challenge)
    known = [row["credential_id"] for row in rows]
    options = registration_options(
        parts.relying_party, challenge, holder.person_id, holder.name, known
    )
    return json_answer(PasskeyOptionsView(public_key=options), headers=PRIVATE)


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=AddedPasskeyView,
    responses=refusals(*CHANGES, EdgeCode.PASSKEY_REFUSED, EdgeCode.SECOND_FACTOR_BLOCKED),
    dependencies=[requires(Action.CHANGE_OWN_FACTORS)],
    summary="Take a passkey into use",
)
async def register_passkey(body: PasskeyRegistration, change: Changing, parts: Parts) -> Response:
    """Send what your device has made; with your first factor you get your recovery codes."""
    await claim(parts.database, CLAIM_BY_ANYBODY, change, {}, unclaimed=lambda _: not_found())
    holder = await asking_holder(parts.database, change.token_hash)
    asked = Asked(REGISTER, holder.person_id, change.token_hash)
    await count_try(parts.database, holder.person_id)
    made = await check_new_passkey(parts.database, parts.relying_party, asked, body.credential)
    await forgive_tries(parts.database, holder.person_id)
    codes = new_codes()
    hashes = tuple(hash_of(holder.person_id, code) for code in codes)
    added = await add_passkey(
        parts.engine,
        holder,
        made,
        name=body.name,
        transports=transports_in(body.credential),
        hashes=hashes,
    )
    if added is None:
        raise Problem(EdgeCode.PASSKEY_REFUSED, "This passkey is in use already.")
    passkey_id, has_codes = added
    await note_second_factor(parts.database, change.token_hash, Method.PASSKEY)
    view = AddedPasskeyView(passkey_id=passkey_id, recovery_codes=list(codes) if has_codes else [])
    location = {"Location": f"{PATH}/{passkey_id}"}
    return json_answer(view, HTTPStatus.CREATED, {**PRIVATE, **location})


@router.patch(
    "/{passkey_id}",
    response_model=PasskeyView,
    responses=refusals(
        *OWN,
        EdgeCode.NOT_FOUND,
        EdgeCode.FIELDS_INVALID,
        EdgeCode.BODY_MALFORMED,
        EdgeCode.BODY_TOO_LARGE,
        EdgeCode.BODY_TOO_SLOW,
        EdgeCode.UNSUPPORTED_MEDIA_TYPE,
    ),
    dependencies=[requires(Action.CHANGE_OWN_FACTORS)],
    summary="Name a passkey",
)
async def name_passkey(
    passkey_id: PasskeyPath, body: NewPasskeyName, token: TokenHash, parts: Parts
) -> Response:
    """Give a passkey a name by which you know the device again."""
    holder = await asking_holder(parts.database, token)
    row = await rename_passkey(parts.database, holder.person_id, passkey_id, body.name)
    if row is None:
        raise not_found()
    return json_answer(_view(row), headers=PRIVATE)


@router.delete(
    "/{passkey_id}",
    response_model=FactorsView,
    responses=refusals(*CHANGES_OF_FACTORS, EdgeCode.NOT_FOUND, EdgeCode.LAST_FACTOR),
    dependencies=[requires(Action.CHANGE_OWN_FACTORS)],
    summary="Delete a passkey",
)
async def delete_passkey(
    passkey_id: PasskeyPath, request: Request, token: TokenHash, parts: Parts
) -> Response:
    """Forget a passkey. Staff keep their last factor until they have another one."""
    holder = await asking_holder(parts.database, token)
    rows = await passkeys_of(parts.database, holder.person_id)
    if passkey_id not in {row["passkey_id"] for row in rows}:
        raise not_found()
    usable = {row["passkey_id"] for row in rows if row["copied_at"] is None}
    require_factor_left(holder, holder.factors - len(usable & {passkey_id}))
    await require_change_of_factors(request, parts.database, holder, token)
    removed = await remove_passkey(parts.engine, holder.person_id, passkey_id)
    if not removed:
        raise not_found() if removed is None else last_factor()
    return json_answer(view_of(await asking_holder(parts.database, token)), headers=PRIVATE)


def _view(row: Row) -> PasskeyView:
    return PasskeyView(
        passkey_id=row["passkey_id"],
        name=row["name"],
        created_at=row["created_at"],
        last_used_at=row["last_used_at"],
        backed_up=row["backed_up"],
        may_be_copied=row["copied_at"] is not None,
    )
