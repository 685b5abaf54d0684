"""The one way in which a request changes something: claim its key, act, keep the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Executable
from starlette.responses import Response

from api.access.claims import (
    HELD_S_MAX,
    REPLAYED_HEADER,
    Claim,
    Outcome,
    Replay,
    claim,
    held,
    keep,
)
from api.access.database import Row
from api.access.denials import ABOUT_STAFF, denied
from api.access.permissions import actor_as
from api.access.preconditions import seen_by
from api.access.request import Change
from api.access.rows import Sight
from api.access.sights import sight_in
from api.access.statements import (
    claim_on,
    known_delivery,
    known_dispute,
    known_offer,
    seen,
    who_asks,
)
from api.edge.problems import Problem, not_found
from api.services import Services
from api.views import delivery_view
from domain.errors import RefusalCode
from domain.status import CLOSED

__all__ = [
    "CLAIM_ON_DELIVERY",
    "CLAIM_ON_DISPUTE",
    "CLAIM_ON_OFFER",
    "actor_as",
    "outcome_of",
    "perform",
    "sight_of_claim",
]

_who = who_asks()
_delivery = known_delivery(_who).cte("target")
_offer = known_offer(_who).cte("target")
_dispute = known_dispute(_who).cte("target")

CLAIM_ON_DELIVERY = seen(_who, _delivery, claim_on(_who, _delivery))
CLAIM_ON_OFFER = seen(_who, _offer, claim_on(_who, _offer))
CLAIM_ON_DISPUTE = seen(_who, _dispute, claim_on(_who, _dispute))

_PERSONAL = frozenset({"pickup", "destination", "recipient", "description"})
"""Members of a delivery that are not kept with an answer: they are read anew, as they are
when the request is repeated and as far as the person may see them then."""

Act = Callable[[Claim], Awaitable[Outcome]]
Complete = Callable[[Row, Outcome], Awaitable[Outcome]]
"""Adds to an answer what is not kept with it, as whoever asks may read it now."""


async def perform(
    services: Services,
    change: Change,
    statement: Executable,
    values: Mapping[str, Any],
    act: Act,
    *,
    unclaimed: Callable[[Mapping[str, Any]], Problem] = lambda _: not_found(),
    sight_now: Callable[[Row], Sight] = sight_in,
    complete: Complete | None = None,
) -> Response:
    """Carry a change out at most once and answer the same request the same every time.

    Two round trips to the database: one claims the key and says who asks for what, one keeps the
    answer. A refusal is an answer too; an outage and a demand to wait are none, so that the request
    can be repeated. While it is under way, the same request is refused and not made to wait.

    Raises:
        Problem: the request was not carried out.
    """
    claimed = await claim(
        services.database, statement, change, values, unclaimed, held_s=HELD_S_MAX
    )
    if isinstance(claimed, Replay):
        outcome = _with_personal_details(claimed, sight_now)
        answer = (await _completed(complete, claimed.row, outcome)).answer()
        answer.headers[REPLAYED_HEADER] = "true"
        return answer
    async with held(services.database, claimed):
        outcome = await _outcome_of_act(services, change, claimed, act)
    await keep(services.database, claimed, _without_personal_details(outcome))
    return (await _completed(complete, claimed.row, outcome)).answer()


async def _outcome_of_act(services: Services, change: Change, claimed: Claim, act: Act) -> Outcome:
    """Act, and return the answer to keep.

    Raises:
        Problem: it is no answer: the same request may be carried out later, or from elsewhere.
    """
    try:
        return await act(replace(claimed, seen=seen_by(change, claimed)))
    except Problem as refusal:
        problem = denied(refusal, services.denials)
        if problem.status_code >= HTTPStatus.TOO_MANY_REQUESTS or _may_pass_later(problem):
            raise problem from refusal
        if problem.current_status is None:
            problem.current_status = _status_at(claimed, problem)
        _hide_from_outsiders(claimed, problem)
        return Outcome(problem.status_code, problem.body())


async def _completed(complete: Complete | None, row: Row, outcome: Outcome) -> Outcome:
    is_refusal = outcome.status >= HTTPStatus.BAD_REQUEST
    return outcome if complete is None or is_refusal else await complete(row, outcome)


def _may_pass_later(problem: Problem) -> bool:
    """Tell whether the same person may do the same with the same key: from elsewhere, or approved."""
    return problem.code in ABOUT_STAFF or problem.code is RefusalCode.RISK_STEP_UP


def _without_personal_details(outcome: Outcome) -> Outcome:
    body = {name: value for name, value in outcome.body.items() if name not in _PERSONAL}
    return replace(outcome, body=body)


def _with_personal_details(replay: Replay, sight_now: Callable[[Row], Sight]) -> Outcome:
    """Return a kept delivery with the addresses and people that the person may see by now."""
    outcome = replay.outcome
    if "your_roles" not in outcome.body:
        return outcome
    now = delivery_view(sight_now(replay.row)).model_dump(mode="json", include=set(_PERSONAL))
    return replace(outcome, body={**outcome.body, **now})


def _hide_from_outsiders(claimed: Claim, problem: Problem) -> None:
    """Take out of a refusal where a delivery stands, when that is not for the person to know."""
    status = problem.current_status
    if status is None or "status" not in claimed.row:
        return
    problem.current_status = sight_of_claim(claimed).shown(status)
    if problem.current_status != status:
        # The sentence of the refusal may name the status too.
        problem.detail = f"{problem.title}."


def _status_at(claimed: Claim, problem: Problem) -> str | None:
    """Return where the delivery stood when the key was claimed, unless it has closed since."""
    status: str | None = claimed.row.get("status")
    has_closed_since = problem.code is RefusalCode.DELIVERY_CLOSED and status not in CLOSED
    return None if has_closed_since else status


def outcome_of(
    view: BaseModel, status: HTTPStatus = HTTPStatus.OK, location: str | None = None
) -> Outcome:
    """Return a view as the final answer."""
    return Outcome(int(status), view.model_dump(mode="json"), location)


def sight_of_claim(claimed: Claim) -> Sight:
    """Return the delivery that a claim was made on."""
    return sight_in(claimed.row)
