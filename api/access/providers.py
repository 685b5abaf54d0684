"""To another provider and back: the steps that signing in and linking have in common."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_urlsafe

from api.edge.problems import EdgeCode, Problem, not_found, unavailable
from api.models.identity.providers import ProviderLink, ProviderSignInView
from api.queries.identity.providers import begin_at_provider, take_from_provider
from api.services import Services
from infra.identity.providers import KnownBy, ProviderAway, ProviderRefused

logger = logging.getLogger(__name__)

_SECRET_BYTES = 32


async def to_provider(
    parts: Services, provider: str, redirect_uri: str, person_id: str | None = None
) -> ProviderSignInView:
    """Return where the provider asks somebody; `person_id` is who links the account there to theirs.

    Raises:
        Problem: `not_found`, `redirect_refused` or `unavailable`.
    """
    chosen = parts.providers.providers.get(provider)
    if chosen is None:
        raise not_found()
    if redirect_uri not in chosen.redirect_uris:
        raise Problem(EdgeCode.REDIRECT_REFUSED, "Come back to a page that is registered for this.")
    state, browser_secret = token_urlsafe(_SECRET_BYTES), token_urlsafe(_SECRET_BYTES)
    with _provider_asked(provider):
        address = await parts.providers.address(provider, redirect_uri, parts.providers.turn(state))
    until = await begin_at_provider(
        parts.database,
        provider,
        redirect_uri,
        secrets=(state, browser_secret),
        person_id=person_id,
    )
    return ProviderSignInView(
        authorization_url=address, browser_secret=browser_secret, expires_at=until
    )


async def back_from_provider(
    parts: Services, provider: str, back: ProviderLink, person_id: str | None = None
) -> KnownBy:
    """Return whom the provider knows the person as who came back.

    The sign-in is spent before the provider is asked: a state works once, whatever comes of it.

    Raises:
        Problem: `not_found`, `provider_refused` or `unavailable`.
    """
    if provider not in parts.providers.providers:
        raise not_found()
    state = back.state.get_secret_value()
    secrets = (state, back.browser_secret.get_secret_value())
    redirect_uri = await take_from_provider(parts.database, provider, secrets, person_id)
    if redirect_uri is None:
        raise _refused()
    turn = parts.providers.turn(state)
    with _provider_asked(provider):
        return await parts.providers.who(
            provider, redirect_uri, back.code.get_secret_value(), back.iss, turn
        )


@contextmanager
def _provider_asked(provider: str) -> Iterator[None]:
    try:
        yield
    except ProviderRefused as refusal:
        # The reason is for operators: whoever tries tokens out learns nothing from it.
        logger.info("what %s said about a person was refused: %s", provider, refusal)
        raise _refused() from refusal
    except ProviderAway as trouble:
        logger.warning("the sign-in provider %s cannot be asked: %s", provider, trouble)
        raise unavailable() from trouble


def _refused() -> Problem:
    return Problem(
        EdgeCode.PROVIDER_REFUSED,
        "This does not show who you are: it took too long, was used before, or is not from there. "
        "Begin again.",
    )
