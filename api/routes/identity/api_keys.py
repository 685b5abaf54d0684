"""Keys of programs: made, listed and revoked by whoever builds on the API, or by an admin for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import Response

from api.access.callers import caller, claim_by
from api.access.claims import HELD_S_MAX, REPLAYED_HEADER, Claim, Replay, claim, held, keep
from api.access.permissions import Action, declared_action, requires, role_missing
from api.access.request import Change, Changing, TokenHash
from api.access.rows import Asker
from api.changes import outcome_of, perform
from api.edge.answers import json_answer
from api.edge.documented import ALWAYS, BEARERS, CHANGES, READS, refusals
from api.edge.problems import EdgeCode, Problem, not_found
from api.edge.requests import StrictRoute
from api.models.identity.api_keys import (
    ApiKeysView,
    ApiKeyView,
    NewApiKey,
    NewApiKeyView,
    is_ahead,
)
from api.models.requests import NoFields
from api.models.types import ID_PATTERN
from api.routes.paths import PersonPath
from api.services import Parts, Services
from domain.errors import RefusalCode
from domain.identity.roles import PersonRole
from domain.identity.scopes import LIVE_KEYS_MAX, is_grantable_for_others
from domain.ids import PersonId
from infra.identity.api_keys import NewKey, NoSuchOwner, TooManyKeys

router = APIRouter(prefix="/v1/me/api-keys", tags=["api keys"], route_class=StrictRoute)
of_person = APIRouter(
    prefix="/v1/people/{person_id}/api-keys", tags=["api keys"], route_class=StrictRoute
)

KeyPath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of the key.")]
_CLAIMS = {
    action: claim_by(action)
    for action in (
        Action.CREATE_API_KEY,
        Action.CREATE_API_KEY_FOR,
        Action.REVOKE_API_KEY,
        Action.REVOKE_API_KEY_OF,
    )
}
_PRIVATE = {"Cache-Control": "no-store"}


@router.post(
    "",
    dependencies=[requires(Action.CREATE_API_KEY)],
    status_code=HTTPStatus.CREATED,
    response_model=NewApiKeyView,
    responses=refusals(*CHANGES, EdgeCode.API_KEYS_REACHED),
    summary="Make a key for a program",
)
async def create_api_key(new: NewApiKey, change: Changing, parts: Parts) -> Response:
    """Make a key that may do what its scopes and you may; two of yours may live at once.

    The key is shown in this answer only.
    """
    return await _created(parts, change, new)


@of_person.post(
    "",
    dependencies=[requires(Action.CREATE_API_KEY_FOR)],
    status_code=HTTPStatus.CREATED,
    response_model=NewApiKeyView,
    responses=refusals(*CHANGES, EdgeCode.API_KEYS_REACHED),
    summary="Make a key for a person's program",
)
async def create_api_key_for(
    person_id: PersonPath, new: NewApiKey, change: Changing, parts: Parts
) -> Response:
    """Admins make a key for somebody who builds on the API; it may do what that person may."""
    return await _created(parts, change, new, PersonId(person_id))


@router.get(
    "",
    dependencies=[requires(Action.LIST_API_KEYS)],
    response_model=ApiKeysView,
    responses=refusals(*ALWAYS, *BEARERS, RefusalCode.NOT_YOUR_ROLE),
    summary="List your keys",
)
async def list_api_keys(token: TokenHash, parts: Parts) -> Response:
    """Return your keys, the newest first, also those that ended."""
    return await _listed(parts, (await caller(parts.database, token)).person_id)


@of_person.get(
    "",
    dependencies=[requires(Action.LIST_API_KEYS_OF)],
    response_model=ApiKeysView,
    responses=refusals(*READS, RefusalCode.NOT_YOUR_ROLE),
    summary="List a person's keys",
)
async def list_api_keys_of(person_id: PersonPath, token: TokenHash, parts: Parts) -> Response:
    """Admins read which keys a person has; nobody can read a key itself."""
    await caller(parts.database, token)
    return await _listed(parts, PersonId(person_id))


@router.post(
    "/{key_id}/revoke",
    dependencies=[requires(Action.REVOKE_API_KEY)],
    response_model=ApiKeyView,
    responses=refusals(*CHANGES),
    summary="Revoke a key",
)
async def revoke_api_key(
    key_id: KeyPath, change: Changing, parts: Parts, _: NoFields | None = None
) -> Response:
    """Make a key useless at once."""
    return await _revoked(parts, change, key_id)


@of_person.post(
    "/{key_id}/revoke",
    dependencies=[requires(Action.REVOKE_API_KEY_OF)],
    response_model=ApiKeyView,
    responses=refusals(*CHANGES),
    summary="Revoke a person's key",
)
async def revoke_api_key_of(
    person_id: PersonPath,
    key_id: KeyPath,
    change: Changing,
    parts: Parts,
    _: NoFields | None = None,
) -> Response:
    """Admins make somebody's key useless at once."""
    return await _revoked(parts, change, key_id, PersonId(person_id))


async def _created(
    parts: Services, change: Change, new: NewApiKey, owner: PersonId | None = None
) -> Response:
    """Make a key and answer with it; what is kept with the request does not hold the key."""
    statement = _CLAIMS[declared_action()]
    claimed = await claim(parts.database, statement, change, {}, _refused, held_s=HELD_S_MAX)
    if isinstance(claimed, Replay):
        answer = claimed.outcome.answer()
        answer.headers[REPLAYED_HEADER] = "true"
        return answer
    async with held(parts.database, claimed):
        row, key = await _kept(parts, claimed, new, owner or claimed.asker.person_id)
    shown = _view(row)
    answered = NewApiKeyView(**dict(shown), key=key)
    kept = NewApiKeyView(**dict(shown), key=None)
    await keep(parts.database, claimed, outcome_of(kept, HTTPStatus.CREATED))
    return json_answer(answered, HTTPStatus.CREATED, _PRIVATE)


async def _kept(
    parts: Services, claimed: Claim, new: NewApiKey, owner: PersonId
) -> tuple[dict[str, Any], str | None]:
    if not is_ahead(new.expires_at, datetime.now(UTC)):
        problem = {"at": "body/expires_at", "problem": "This has to lie ahead."}
        raise Problem(EdgeCode.FIELDS_INVALID, "Mend the named field.", errors=[problem])
    scopes = tuple(sorted(set(new.scopes)))
    if owner != claimed.asker.person_id and not is_grantable_for_others(scopes):
        what = "Its owner alone may name what moves money or takes powers of staff."
        problem = {"at": "body/scopes", "problem": what}
        raise Problem(EdgeCode.FIELDS_INVALID, "Mend the named field.", errors=[problem])
    role = _role_of(claimed.asker, owner)
    asked = NewKey(
        claimed.resource_id, owner, new.name, scopes, new.expires_at, claimed.asker.person_id, role
    )
    try:
        return await parts.api_keys.create(asked)
    except NoSuchOwner:
        raise not_found() from None
    except TooManyKeys:
        detail = f"{LIVE_KEYS_MAX} keys live already: revoke one of them first."
        raise Problem(EdgeCode.API_KEYS_REACHED, detail) from None


async def _listed(parts: Services, owner: PersonId) -> Response:
    items = [_view(row) for row in await parts.api_keys.of(owner)]
    return json_answer(ApiKeysView(items=items), headers=_PRIVATE)


async def _revoked(
    parts: Services, change: Change, key_id: str, owner: PersonId | None = None
) -> Response:
    async def act(claimed: Claim) -> Any:
        of, by = owner or claimed.asker.person_id, claimed.asker
        row = await parts.api_keys.revoke(of, key_id, by.person_id, _role_of(by, of))
        if row is None:
            raise not_found()
        return outcome_of(_view(row))

    return await perform(parts, change, _CLAIMS[declared_action()], {}, act, unclaimed=_refused)


def _refused(_: Mapping[str, Any]) -> Problem:
    return role_missing(declared_action())


def _role_of(asker: Asker, owner: PersonId) -> str:
    return PersonRole.INTEGRATOR if asker.person_id == owner else PersonRole.ADMIN


def _view(row: dict[str, Any]) -> ApiKeyView:
    return ApiKeyView(**{name: row[name] for name in ApiKeyView.model_fields})
