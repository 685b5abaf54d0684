"""Asks for a second factor that is signed over the request under way.

It is asked of people who are signed in: a session may have been left open or stolen. The grant goes
with the request in the header `Step-Up`, is for that request word for word, and is spent by it.
"""

from __future__ import annotations

import re
from hashlib import sha256
from secrets import token_urlsafe

from fastapi import Request

from api.access.asking import Asking
from api.access.database import Database
from api.access.request import KEY_HEADER, bearer_of
from api.edge.problems import EdgeCode, Problem
from api.queries.identity.factors import Holder, asking_holder
from api.queries.identity.step_ups import use_approval
from api.services import Services
from domain.identity.approvals import (
    APPROVED_BY_ALL,
    APPROVED_BY_HOLDERS,
    body_hash,
    fingerprint_of,
)
from domain.identity.credentials import Credential
from domain.identity.factors import FACTORS, Method, approving_methods

HEADER = "Step-Up"
ASKED_AT = "/v1/me/step-ups"
SESSION = "session"
"""Kind of the credentials that people are signed in with."""
_GRANT_PREFIX = "su_"
_GRANT = re.compile(r"su_[A-Za-z0-9_-]{43}")
_GRANT_BYTES = 32


def new_grant() -> str:
    """Return a new random grant: the only time it is seen."""
    return _GRANT_PREFIX + token_urlsafe(_GRANT_BYTES)


def grant_hash(grant: str) -> bytes:
    """Return the hash under which a grant is kept."""
    return sha256(grant.encode()).digest()


async def require_approval(request: Request, asking: Asking) -> None:
    """Check that a signed-in person has approved what the request asks for, where that needs it.

    Raises:
        Problem: what `require_step_up` refuses with.
    """
    by_all = asking.action in APPROVED_BY_ALL
    if asking.credential is not Credential.SESSION:
        return
    if by_all or asking.action in APPROVED_BY_HOLDERS:
        services: Services = request.app.state.services
        lookup = (await bearer_of(request)).lookup
        database = services.database
        asking.step_up_id = await require_step_up(request, database, lookup, needs_factor=by_all)


async def require_step_up(
    request: Request, database: Database, token_hash: bytes, *, needs_factor: bool = True
) -> str | None:
    """Check that the person has approved this very request, if they are signed in; return how.

    Shape: the id of the approval; none where there was nothing to approve.

    A credential that is no good passes: what the request asks for turns it away. Unless
    `needs_factor`, so does whoever has no factor to approve it with.

    Raises:
        Problem: `step_up_required`, or `second_factor_enrolment_required` for whoever has no factor
            to approve it with.
    """
    given = request.headers.get(HEADER, "")
    mark = fingerprint_of(request.method, _address_of(request), body_hash(await request.body()))
    hashed = grant_hash(given) if _GRANT.fullmatch(given) else None
    key = request.headers.get(KEY_HEADER)
    found = await use_approval(database, token_hash, hashed, mark, key)
    if found is None or found["kind"] != SESSION:
        return None
    if found["step_up_id"] is not None:
        return str(found["step_up_id"])
    holder = await asking_holder(database, token_hash)
    if holder.factors or needs_factor:
        raise _how_to_approve(holder, request.url.path)
    return None


async def is_approved(request: Request, database: Database, token_hash: bytes) -> bool:
    """Tell whether a signed-in person has approved this request, or any one to its address.

    What is approved by its address alone, with the hash of an empty body, may have another body by
    then: codes change faster than people answer.
    """
    given = request.headers.get(HEADER, "")
    if not _GRANT.fullmatch(given):
        return False
    key = request.headers.get(KEY_HEADER)
    for body in (await request.body(), b""):
        mark = fingerprint_of(request.method, _address_of(request), body_hash(body))
        found = await use_approval(database, token_hash, grant_hash(given), mark, key)
        if found is not None and found["kind"] == SESSION and found["step_up_id"] is not None:
            return True
    return False


async def ways_to_approve(
    request: Request, database: Database, token_hash: bytes
) -> tuple[Method, ...]:
    """Return with what the asking person can approve a request; nothing without a session."""
    found = await use_approval(database, token_hash, None, b"", None)
    if found is None or found["kind"] != SESSION:
        return ()
    holder = await asking_holder(database, token_hash)
    return approving_methods(holder.methods, request.url.path)


def challenge_of(methods: tuple[Method, ...]) -> dict[str, str]:
    """Return the header that says how a request is approved."""
    return {"WWW-Authenticate": f'{HEADER} at="{ASKED_AT}", methods="{" ".join(methods)}"'}


async def require_change_of_factors(
    request: Request, database: Database, holder: Holder, token_hash: bytes
) -> None:
    """Check that it is the person who changes how they prove who they are.

    The first factor needs a session that has just begun: nobody sets one up in a session that they
    found open, and approves with it. Every other change is approved with a factor that is there.

    Raises:
        Problem: `sign_in_again`, or what `require_step_up` refuses with.
    """
    if holder.factors:
        await require_step_up(request, database, token_hash)
    elif not holder.has_just_signed_in:
        raise Problem(
            EdgeCode.SIGN_IN_AGAIN,
            f"Sign in again: it has to be less than {FACTORS.fresh_s // 60} minutes ago.",
        )


def _address_of(request: Request) -> str:
    """Return the address with its query: what is only previewed is not approved."""
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def _how_to_approve(holder: Holder, path: str) -> Problem:
    methods = approving_methods(holder.methods, path)
    if not methods:
        return enrolment_required()
    named = " ".join(methods)
    return Problem(
        EdgeCode.STEP_UP_REQUIRED,
        f"Approve this request at {ASKED_AT} with one of: {named}. Then send it again, unchanged, "
        f"with the grant in the header {HEADER}.",
        headers=challenge_of(methods),
    )


def enrolment_required() -> Problem:
    """Return the answer for whoever needs a second factor and has none."""
    return Problem(
        EdgeCode.SECOND_FACTOR_ENROLMENT_REQUIRED,
        "Set up a second factor first, at /v1/me/second-factors or /v1/me/passkeys.",
    )
