"""What a request says about itself: whose token it carries and under which key it is repeated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, Request

from api.edge.problems import EdgeCode, Problem, token_refused, unauthenticated
from api.edge.strict_json import canonical_bytes
from domain.identity.claims import TokenRefused
from domain.identity.credentials import Credential, credential_in
from infra.database.tokens import session_lookup, token_hash
from infra.identifiers import new_id
from infra.identity.access_tokens import AccessTokens

_BEARER = re.compile(r"[Bb]earer +([A-Za-z0-9._~+/=-]{16,1024})")
_KEY = re.compile(r"[!-~]{1,255}")
KEY_HEADER = "Idempotency-Key"
SEEN_HEADER = "If-Match"


@dataclass(frozen=True, slots=True)
class Change:
    """A request that changes something, before anything about it is known."""

    token_hash: bytes
    """Hash of the bearer token."""
    key: str
    """The client's key: the same key is the same request, carried out once."""
    route: str
    """Method and address pattern, kept for people who look into a claim."""
    request_hash: bytes
    """Fingerprint of method, address, body and condition."""
    resource_id: str
    """Id of what the request makes, unless an earlier try has made it."""
    if_match: str | None = None
    """The tag of the object as the client has seen it."""

    def values(self) -> dict[str, object]:
        """Return the values that every claiming statement takes."""
        return {
            "token_hash": self.token_hash,
            "key": self.key,
            "route": self.route,
            "request_hash": self.request_hash,
            "resource_id": self.resource_id,
            "held_s": 0,
        }


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose request it is, as far as the request itself can say."""

    kind: Credential
    lookup: bytes
    """Key of the row of `access_token` that says whether it still holds and for whom."""
    session_id: str | None = None
    """The session of a signed access token; none for a token that was made for somebody."""


async def bearer_of(request: Request) -> Bearer:
    """Return what the request's bearer token leads to.

    A signed token is checked here and now; whether its session still lives, the database says with
    the statement of the request itself, as for every other token.

    Raises:
        Problem: `unauthenticated` when it carries none, or one of `TokenFlaw`.
    """
    known: Bearer | None = getattr(request.state, "bearer", None)
    if known is None:
        known = request.state.bearer = _read_bearer(request)
    return known


def _read_bearer(request: Request) -> Bearer:
    match = _BEARER.fullmatch(request.headers.get("authorization", ""))
    if match is None:
        raise unauthenticated()
    token = match[1]
    kind = credential_in(token)
    if kind is not Credential.SESSION:
        return Bearer(kind, token_hash(token))
    tokens: AccessTokens = request.app.state.access_tokens
    try:
        claims = tokens.verify(token)
    except TokenRefused as refused:
        raise token_refused(EdgeCode(refused.flaw)) from refused
    return Bearer(kind, session_lookup(claims.session_id), claims.session_id)


async def lookup_of(request: Request) -> bytes | None:
    """Return the key of a request's bearer token, or none when it carries no good one."""
    try:
        return await token_of(request)
    except Problem:
        return None


async def token_of(request: Request) -> bytes:
    """Return the key under which the request's bearer token is looked up.

    Raises:
        Problem: as for `bearer_of`.
    """
    return (await bearer_of(request)).lookup


def key_of(request: Request) -> str:
    """Return the key under which a request is repeated.

    Raises:
        Problem: `idempotency_key_missing` or `idempotency_key_invalid`.
    """
    key = request.headers.get(KEY_HEADER)
    if key is None:
        raise Problem(
            EdgeCode.IDEMPOTENCY_KEY_MISSING,
            "Send a new random Idempotency-Key with each change, and the same one when you repeat "
            "a request.",
        )
    if _KEY.fullmatch(key) is None:
        raise Problem(
            EdgeCode.IDEMPOTENCY_KEY_INVALID,
            "An Idempotency-Key has 1 to 255 visible ASCII characters, for example a UUID.",
        )
    return key


async def change_of(request: Request) -> Change:
    """Return what identifies a request that changes something.

    Raises:
        Problem: there is no bearer token, or no valid Idempotency-Key.
    """
    token = await token_of(request)
    key = key_of(request)
    body = await request.json() if await request.body() else None
    if_match = request.headers.get(SEEN_HEADER)
    # What is meant for one state of an object is another request than what is meant for any.
    condition = [] if if_match is None else [if_match]
    fingerprint = canonical_bytes([request.method, request.url.path, body or None, *condition])
    return Change(
        token_hash=token,
        key=key,
        route=f"{request.method} {request.scope['route'].path}",
        request_hash=sha256(fingerprint).digest(),
        resource_id=new_id(),
        if_match=None if if_match is None else if_match.strip(),
    )


TokenHash = Annotated[bytes, Depends(token_of)]
"""The key under which the bearer token is looked up."""
Bearing = Annotated[Bearer, Depends(bearer_of)]
"""The same, with the session that it belongs to."""
Changing = Annotated[Change, Depends(change_of)]
"""The identity of a change."""
