"""From a proof of who somebody is to a session, in the one place where sessions begin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fastapi import Request
from starlette.responses import Response

from api.access.second_steps import PasswordChanged, ask_second_factor
from api.access.user_agents import family_of
from api.edge.answers import json_answer
from api.models.identity.sign_in import SignedInView
from api.queries.identity.factors import holder_of
from api.queries.identity.sessions import Device, OpenedSession, open_session
from api.services import Services
from infra.identity.parts import IdentityParts

PRIVATE = {"Cache-Control": "no-store"}
PASSWORD = "pwd"  # noqa: S105 -- It is a word of RFC 8176.
"""How somebody proved who they are who showed a password."""


def device_of(request: Request, name: str | None) -> Device:
    """Return what a request signs in with, as far as it says."""
    family = family_of(request.headers.get("user-agent"))
    return Device(name or family, family)


async def admit(
    services: Services,
    person_id: str,
    device: Device,
    authenticated_by: Sequence[str],
    *,
    has_second_factor: bool = False,
    password_since: datetime | None = None,
) -> Response:
    """Open a session for somebody who has proved who they are, and answer its tokens.

    Who has a second factor is asked for it first, wherever they come from.

    Raises:
        PasswordChanged: they showed a password that was changed after `password_since`.
    """
    parts = services.identity
    if not has_second_factor:
        holder = await holder_of(services.database, person_id)
        if holder.methods:
            return await ask_second_factor(
                services, holder, device, authenticated_by, password_since
            )
    opened = await open_session(
        services.database,
        parts.policy.sessions,
        person_id=person_id,
        device=device,
        authenticated_by=authenticated_by,
        refresh_token=parts.refresh_tokens.first(),
        has_second_factor=has_second_factor,
        password_since=password_since,
    )
    if opened is None:
        raise PasswordChanged
    return answer_tokens(parts, opened)


def answer_tokens(parts: IdentityParts, opened: OpenedSession) -> Response:
    """Answer the tokens of a session, which nobody on the way may keep."""
    tokens = parts.access_tokens
    view = SignedInView(
        person_id=opened.person_id,
        session_id=opened.session_id,
        access_token=tokens.issue(opened.person_id, opened.session_id, opened.at),
        expires_in=tokens.life_s,
        refresh_token=opened.refresh_token,
        refresh_until=opened.refresh_until,
    )
    return json_answer(view, headers=PRIVATE)
