"""Claims a request's key and keeps its answer, so that a repeated request is answered the same."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Executable, bindparam, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from api.access.asking import note_asker
from api.access.database import Database, Row
from api.access.request import Change
from api.access.rows import Asker
from api.edge.answers import json_answer
from api.edge.problems import (
    PROBLEM_MEDIA_TYPE,
    EdgeCode,
    Problem,
    in_flight,
    unauthenticated,
)
from api.edge.tracing import traced
from domain.ids import PersonId
from domain.preconditions import Seen, conditional_id
from infra.database.schema import idempotent_request
from infra.encryption.answers import ANSWER_KEY, opened_answer, sealed_answer
from infra.encryption.keys import EncryptionTrouble
from infra.encryption.owned import KeyOwner, read_key_text

logger = logging.getLogger(__name__)

REPLAYED_HEADER = "Idempotency-Replayed"
HELD_S_MAX = 12
"""How long a request holds its key at most: longer than a workflow is waited for. Whoever dies with a
key leaves it to the next one after that."""

_kept = idempotent_request.c
_UNANSWERED = update(idempotent_request).where(
    _kept.person_id == bindparam("asker_id", type_=_kept.person_id.type),
    _kept.key == bindparam("claimed_key", type_=_kept.key.type),
    _kept.status_code.is_(None),
)
_LET_GO = _UNANSWERED.where(
    _kept.held_by == bindparam("holder_id", type_=_kept.held_by.type)
).values(held_until=None)
_KEEP = _UNANSWERED.values(
    held_until=None,
    status_code=bindparam("answer_status", type_=_kept.status_code.type),
    response=bindparam("answer", type_=JSONB),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The final answer to a change: kept, and given again to the same request."""

    status: int
    body: dict[str, Any]
    location: str | None = None
    """Address of what the request made."""

    def answer(self) -> Response:
        """Return the answer itself."""
        headers = {"Location": self.location} if self.location else {}
        if self.status < 400:  # noqa: PLR2004 -- HTTP's own border between success and refusal.
            return json_answer(self.body, self.status, headers)
        # The trace is that of the request that is answered, also when an earlier one was refused.
        answer = json_answer(traced(self.body), self.status, headers)
        answer.headers["content-type"] = PROBLEM_MEDIA_TYPE
        return answer


@dataclass(frozen=True, slots=True)
class Replay:
    """A request that was answered before."""

    outcome: Outcome
    """The kept answer."""
    row: Row
    """What else the statement found."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claimed key."""

    asker: Asker
    key: str
    resource_id: str
    """Id of what the request makes, the same on every try."""
    created_at: datetime
    """When the key was first seen."""
    row: Row
    """What else the statement found."""
    holder_id: str
    """Id of this try: the claim is held by it until the request is answered."""
    seen: Seen | None = None
    """What must still be so when the change is made."""

    @property
    def is_first_try(self) -> bool:
        """Tell whether no request came under this key before."""
        return self.holder_id == self.resource_id

    @property
    def update_id(self) -> str:
        """Return the id under which the workflow sees this request, the same on every try."""
        request = sha256(f"{self.asker.person_id}:{self.key}".encode()).hexdigest()
        return conditional_id(request, self.seen)


async def claim(
    database: Database,
    statement: Executable,
    change: Change,
    values: Mapping[str, Any],
    unclaimed: Callable[[Mapping[str, Any]], Problem],
    *,
    held_s: int = 0,
) -> Claim | Replay:
    """Claim the key of a request, or return the answer that is kept for it.

    A claim that is held for some seconds is kept or let go of by the caller, as `held` does.

    Raises:
        Problem: the token is no good, the object is not for this person, the key belongs to
            another request, or the same request is under way.
    """
    row = await database.first(statement, {**change.values(), **values, "held_s": held_s})
    if row is None:
        raise unauthenticated()
    note_asker(row)
    if row["claim_hash"] is None:
        raise unclaimed(row)
    if row["claim_hash"] != change.request_hash:
        raise Problem(
            EdgeCode.IDEMPOTENCY_KEY_REUSED,
            "This key came with another request before. Send a new key with each new request.",
        )
    if row["claim_status_code"] is not None:
        kept = await opened_answer(database.keys, row["asker_id"], change.key, row)
        return Replay(Outcome(row["claim_status_code"], kept["body"], kept["location"]), row)
    if held_s and not row["claim_is_held"]:
        raise in_flight()
    return Claim(
        asker=asker_of(row),
        key=change.key,
        resource_id=row["claim_resource_id"],
        created_at=row["claim_created_at"],
        row=row,
        holder_id=change.resource_id,
    )


def asker_of(row: Mapping[str, Any]) -> Asker:
    """Return the person who asks."""
    note_asker(row)
    return Asker(
        PersonId(row["asker_id"]), frozenset(row["asker_roles"]), row["asker_payout_account"]
    )


@asynccontextmanager
async def held(database: Database, claimed: Claim) -> AsyncIterator[None]:
    """Let go of a claim when nothing is kept, so that the same request may come again at once."""
    try:
        yield
    except Exception:
        values = {**_place_of(claimed), "holder_id": claimed.holder_id}
        try:
            await database.run(_LET_GO, values)
        except (SQLAlchemyError, TimeoutError):
            logger.warning("a claim could not be let go of; its time ends soon", exc_info=True)
        raise


async def keep(database: Database, claim: Claim, outcome: Outcome) -> None:
    """Keep the answer; a failure to keep it is logged, for the change itself has happened.

    The same request then finds the same Update and learns the same answer from it.
    """
    kept = {"body": outcome.body, "location": outcome.location}
    try:
        values = {
            **_place_of(claim),
            "answer_status": outcome.status,
            "answer": await _sealed(database, claim, kept),
        }
        await database.run(_KEEP, values)
    except (SQLAlchemyError, TimeoutError, EncryptionTrouble):
        logger.warning("the answer to a change could not be kept", exc_info=True)


async def _sealed(database: Database, claim: Claim, kept: dict[str, Any]) -> dict[str, str]:
    person_id = claim.asker.person_id
    if claim.row[ANSWER_KEY] is None:
        key = await database.key_of_person(person_id, None)
    else:
        row = read_key_text(claim.row[ANSWER_KEY], KeyOwner.person(person_id))
        key = await database.keys.opened(row)
    return sealed_answer(key, claim.key, kept)


def _place_of(claimed: Claim) -> dict[str, str]:
    return {"asker_id": claimed.asker.person_id, "claimed_key": claimed.key}
