"""Between a password that was right and a session stands the second factor of whoever has one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from secrets import token_urlsafe

from starlette.responses import Response

from api.access.passkeys import ask_passkey
from api.edge.answers import json_answer
from api.models.identity.second_steps import SecondFactorRequiredView
from api.queries.identity.factors import Holder
from api.queries.identity.passkeys import Asked
from api.queries.identity.pre_auth import owe_second_factor
from api.queries.identity.sessions import Device
from api.services import Services
from domain.identity.factors import Method
from infra.database.tokens import token_hash

PRE_AUTH_PREFIX = "sap_"
"""Makes a leaked token recognisable; it opens nothing without the second factor."""
_TOKEN_BYTES = 32


class PasswordChanged(Exception):
    """The password that somebody has shown is theirs no more."""


async def ask_second_factor(
    services: Services,
    holder: Holder,
    device: Device,
    authenticated_by: Sequence[str],
    password_since: datetime | None,
) -> Response:
    """Answer what a person has to show before they are signed in, and with which token.

    Raises:
        PasswordChanged: the password was changed after `password_since`.
    """
    token = PRE_AUTH_PREFIX + token_urlsafe(_TOKEN_BYTES)
    until = await owe_second_factor(
        services.database,
        holder.person_id,
        device,
        authenticated_by,
        token_hash=token_hash(token),
        life_s=services.identity.policy.sessions.pre_auth_s,
        password_since=password_since,
    )
    if until is None:
        raise PasswordChanged
    options = None
    if Method.PASSKEY in holder.methods:
        asked = part_of_sign_in(holder.person_id, token)
        options = await ask_passkey(services.database, services.relying_party, asked)
    view = SecondFactorRequiredView(
        pre_auth_token=token, methods=list(holder.methods), passkey=options, expires_at=until
    )
    return json_answer(view, headers={"Cache-Control": "no-store"})


def part_of_sign_in(person_id: str, token: str) -> Asked:
    """Return what a passkey signs that is the second step of a sign-in."""
    return Asked("second_factor", person_id, token_hash(token))
