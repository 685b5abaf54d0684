"""Claims a request's key and keeps its answer, so that a repeated request is answered the same."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
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
from api.edge.problems import PROBLEM_MEDIA_TYPE, EdgeCode, Problem, unauthenticated
from api.edge.tracing import traced
from domain.ids import PersonId
from infra.database.schema import idempotent_request

logger = logging.getLogger(__name__)

REPLAYED_HEADER = "Idempotency-Replayed"

_kept = idempotent_request.c
_KEEP = (
    update(idempotent_request)
    .where(
        _kept.person_id == bindparam("asker_id", type_=_kept.person_id.type),
        _kept.key == bindparam("claimed_key", type_=_kept.key.type),
        _kept.status_code.is_(None),
    )
    .values(
        status_code=bindparam("answer_status", type_=_kept.status_code.type),
        response=bindparam("answer", type_=JSONB),
    )
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

    @property
    def update_id(self) -> str:
        """Return the id under which the workflow sees this request, the same on every try."""
        return sha256(f"{self.asker.person_id}:{self.key}".encode()).hexdigest()


async def claim(
    database: Database,
    statement: Executable,
    change: Change,
    values: Mapping[str, Any],
    unclaimed: Callable[[Mapping[str, Any]], Problem],
) -> Claim | Replay:
    """Claim the key of a request, or return the answer that is kept for it.

    Raises:
        Problem: the token is no good, the object is not for this person, or the key belongs to
            another request.
    """
    row = await database.first(statement, {**change.values(), **values})
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
        kept = row["claim_response"]
        return Replay(Outcome(row["claim_status_code"], kept["body"], kept["location"]), row)
    return Claim(
        asker=asker_of(row),
        key=change.key,
        resource_id=row["claim_resource_id"],
        created_at=row["claim_created_at"],
        row=row,
    )


def asker_of(row: Mapping[str, Any]) -> Asker:
    """Return the person who asks."""
    note_asker(row)
    return Asker(
        PersonId(row["asker_id"]), frozenset(row["asker_roles"]), row["asker_payout_account"]
    )


async def keep(database: Database, claim: Claim, outcome: Outcome) -> None:
    """Keep the answer; a failure to keep it is logged, for the change itself has happened.

    The same request then finds the same Update and learns the same answer from it.
    """
    values = {
        "asker_id": claim.asker.person_id,
        "claimed_key": claim.key,
        "answer_status": outcome.status,
        "answer": {"body": outcome.body, "location": outcome.location},
    }
    try:
        await database.run(_KEEP, values)
    except (SQLAlchemyError, TimeoutError):
        logger.warning("the answer to a change could not be kept", exc_info=True)
