"""Signing in with an account at another provider, and linking one to the account here."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api.access.claims import claim
from api.access.permissions import Action, requires
from api.access.providers import back_from_provider, to_provider
from api.access.request import Changing, TokenHash
from api.access.step_ups import require_change_of_factors
from api.edge.answers import json_answer
from api.edge.documented import ALWAYS, CHANGES, OPEN_CHANGES, refusals
from api.edge.problems import EdgeCode, Problem, not_found
from api.edge.requests import StrictRoute
from api.models.identity.providers import (
    IdentitiesView,
    IdentityView,
    NewProviderSignIn,
    ProviderLink,
    ProviderSignIn,
    ProviderSignInView,
    ProvidersView,
    ProviderView,
)
from api.models.identity.second_steps import SecondFactorRequiredView
from api.models.identity.sign_in import SignedInView
from api.models.types import ID_PATTERN, LINE_CHARS_MAX
from api.queries.identity.factors import asking_holder
from api.queries.identity.providers import (
    Newcomer,
    identities_of,
    link_identity,
    open_account_by,
    person_known_by,
    unlink_identity,
)
from api.queries.robots import CLAIM_BY_ANYBODY
from api.routes.identity.second_factors import CHANGES_OF_FACTORS, OWN, PRIVATE
from api.services import Parts, Services
from api.signing_in import admit, device_of
from domain.identity.visible import has_hidden
from infra.identity.providers import KnownBy

router = APIRouter(prefix="/v1/auth/providers", tags=["sign-in"], route_class=StrictRoute)
own_router = APIRouter(prefix="/v1/me/identities", tags=["security"], route_class=StrictRoute)

ProviderPath = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{0,30}$", description="The provider.")]
IdentityPath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of the link.")]
FEDERATED = "fed"
"""How a session says that another provider has signed its person in."""
_AT_PROVIDER = (EdgeCode.NOT_FOUND, EdgeCode.PROVIDER_REFUSED)


@router.get(
    "",
    dependencies=[requires(Action.PUBLIC_SIGN_IN_BY_PROVIDER)],
    response_model=ProvidersView,
    responses=refusals(*ALWAYS),
    summary="List the providers that can sign you in",
    openapi_extra={"security": []},
)
async def list_providers(parts: Parts) -> Response:
    """Return the providers, for the buttons of a page."""
    items = [
        ProviderView(provider=name, title=provider.title)
        for name, provider in parts.providers.providers.items()
    ]
    return json_answer(ProvidersView(items=items))


@router.post(
    "/{provider}/begin",
    dependencies=[requires(Action.PUBLIC_SIGN_IN_BY_PROVIDER)],
    response_model=ProviderSignInView,
    responses=refusals(*OPEN_CHANGES, EdgeCode.NOT_FOUND, EdgeCode.REDIRECT_REFUSED),
    summary="Begin to sign in with a provider",
    openapi_extra={"security": []},
)
async def begin_provider_sign_in(
    provider: ProviderPath, body: NewProviderSignIn, parts: Parts
) -> Response:
    """Return where the provider asks you who you are."""
    return json_answer(await to_provider(parts, provider, body.redirect_uri), headers=PRIVATE)


@router.post(
    "/{provider}/sign-in",
    dependencies=[requires(Action.PUBLIC_SIGN_IN_BY_PROVIDER)],
    response_model=SignedInView | SecondFactorRequiredView,
    responses=refusals(
        *OPEN_CHANGES, *_AT_PROVIDER, EdgeCode.EMAIL_NOT_VERIFIED, EdgeCode.ACCOUNT_EXISTS
    ),
    summary="Sign in with a provider",
    openapi_extra={"security": []},
)
async def sign_in_by_provider(
    provider: ProviderPath, body: ProviderSignIn, request: Request, parts: Parts
) -> Response:
    """Open a session for whoever the provider says you are; the first time, an account is opened.

    An account that is there already is not taken over by its address: sign in, and link the provider.
    """
    known = await back_from_provider(parts, provider, body)
    person_id = await person_known_by(parts.database, known)
    if person_id is None:
        person_id = await _opened(parts, provider, known, tuple(body.roles))
    return await admit(parts, person_id, device_of(request, body.device_name), [FEDERATED])


@own_router.get(
    "",
    response_model=IdentitiesView,
    responses=refusals(*OWN),
    dependencies=[requires(Action.READ_OWN_FACTORS)],
    summary="List the providers that sign you in",
)
async def list_identities(token: TokenHash, parts: Parts) -> Response:
    """Return your accounts at other providers that are linked to the one here."""
    holder = await asking_holder(parts.database, token)
    rows = await identities_of(parts.database, holder.person_id)
    return json_answer(IdentitiesView(items=[IdentityView(**row) for row in rows]), headers=PRIVATE)


@own_router.put(
    "/{provider}/begin",
    response_model=ProviderSignInView,
    responses=refusals(
        *CHANGES_OF_FACTORS, *OPEN_CHANGES, EdgeCode.NOT_FOUND, EdgeCode.REDIRECT_REFUSED
    ),
    dependencies=[requires(Action.CHANGE_OWN_FACTORS)],
    summary="Begin to link a provider",
)
async def begin_link(
    provider: ProviderPath,
    body: NewProviderSignIn,
    request: Request,
    token: TokenHash,
    parts: Parts,
) -> Response:
    """Return where the provider asks you who you are there."""
    holder = await asking_holder(parts.database, token)
    await require_change_of_factors(request, parts.database, holder, token)
    view = await to_provider(parts, provider, body.redirect_uri, holder.person_id)
    return json_answer(view, headers=PRIVATE)


@own_router.post(
    "/{provider}",
    status_code=HTTPStatus.CREATED,
    response_model=IdentitiesView,
    responses=refusals(*CHANGES, *_AT_PROVIDER, EdgeCode.ACCOUNT_EXISTS),
    dependencies=[requires(Action.CHANGE_OWN_FACTORS)],
    summary="Link a provider",
)
async def link_provider(
    provider: ProviderPath, body: ProviderLink, change: Changing, parts: Parts
) -> Response:
    """Let your account there sign you in here."""
    await claim(parts.database, CLAIM_BY_ANYBODY, change, {}, unclaimed=lambda _: not_found())
    holder = await asking_holder(parts.database, change.token_hash)
    known = await back_from_provider(parts, provider, body, holder.person_id)
    linked = await link_identity(parts.engine, provider, known, holder.person_id)
    if linked is None and await person_known_by(parts.database, known) != holder.person_id:
        raise Problem(EdgeCode.ACCOUNT_EXISTS, "That account signs somebody else in here.")
    rows = await identities_of(parts.database, holder.person_id)
    view = IdentitiesView(items=[IdentityView(**row) for row in rows])
    return json_answer(view, HTTPStatus.CREATED, {**PRIVATE, "Location": own_router.prefix})


@own_router.delete(
    "/{identity_id}",
    response_model=IdentitiesView,
    responses=refusals(*CHANGES_OF_FACTORS, EdgeCode.NOT_FOUND),
    dependencies=[requires(Action.CHANGE_OWN_FACTORS)],
    summary="Unlink a provider",
)
async def unlink_provider(
    identity_id: IdentityPath, request: Request, token: TokenHash, parts: Parts
) -> Response:
    """Let an account there sign you in no more; without a password, have one reset by mail."""
    holder = await asking_holder(parts.database, token)
    await require_change_of_factors(request, parts.database, holder, token)
    if not await unlink_identity(parts.engine, holder.person_id, identity_id):
        raise not_found()
    rows = await identities_of(parts.database, holder.person_id)
    return json_answer(IdentitiesView(items=[IdentityView(**row) for row in rows]), headers=PRIVATE)


async def _opened(parts: Services, provider: str, known: KnownBy, roles: tuple[str, ...]) -> str:
    """Open an account for somebody whose address the provider has verified.

    Raises:
        Problem: `email_not_verified` or `account_exists`.
    """
    if known.email is None or not known.is_verified:
        raise Problem(
            EdgeCode.EMAIL_NOT_VERIFIED,
            "The provider has not verified your e-mail address. Do that there, or register here.",
        )
    newcomer = Newcomer(
        email=known.email,
        email_lookup=parts.identity.email_lookup(known.email),
        display_name=_name_of(known, known.email),
        roles=roles,
    )
    person_id = await open_account_by(parts.database, provider, known, newcomer)
    if person_id is None:
        raise Problem(
            EdgeCode.ACCOUNT_EXISTS,
            "Your address has an account here. Sign in to it, and link the provider there.",
        )
    return person_id


def _name_of(known: KnownBy, email: str) -> str:
    """Return what the provider calls somebody, as a name may be here."""
    for name in (known.name or "", email.partition("@")[0]):
        seen = "".join(letter for letter in name if not has_hidden(letter)).strip()
        if seen:
            return seen[:LINE_CHARS_MAX]
    return FEDERATED
