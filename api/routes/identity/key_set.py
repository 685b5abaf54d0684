"""The public keys of access tokens, for whoever verifies one."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.access.permissions import Action, requires
from api.edge.answers import json_answer
from api.edge.documented import ALWAYS, refusals
from api.edge.requests import StrictRoute
from api.models.identity.key_set import KeySetView
from infra.identity.access_tokens import AccessTokens

router = APIRouter(tags=["sign-in"], route_class=StrictRoute)

CACHED_S = 300
"""How long others may keep the keys: a new key is published that long before it signs."""


@router.get(
    "/.well-known/jwks.json",
    dependencies=[requires(Action.PUBLIC_READ_KEY_SET)],
    response_model=KeySetView,
    responses=refusals(*ALWAYS),
    summary="Read the public keys of access tokens",
    openapi_extra={"security": []},
)
async def get_key_set(request: Request) -> Response:
    """Return the keys that access tokens may be signed with. Source: RFC 7517."""
    tokens: AccessTokens = request.app.state.access_tokens
    headers = {"Cache-Control": f"public, max-age={CACHED_S}"}
    return json_answer(KeySetView.model_validate(tokens.key_set()), headers=headers)
