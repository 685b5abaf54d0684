"""Whether the process lives, whether it can work, and what each problem means."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from api.access.permissions import Action, requires
from api.edge.answers import json_answer
from api.edge.documented import refusals
from api.edge.problems import KINDS, PROBLEM_TYPE_PREFIX, Code, EdgeCode, not_found
from api.edge.requests import StrictRoute
from api.models.records import Health, ProblemKindView
from api.services import Parts
from infra.temporal import is_serving

router = APIRouter(tags=["health"], route_class=StrictRoute)

DATABASE_WAIT_S_MAX = 2
"""Longest wait for the database: a probe asks again soon."""

_OPEN: dict[str, Any] = {"security": []}


@router.get(
    "/healthz",
    response_model=Health,
    summary="Does it live?",
    openapi_extra=_OPEN,
    dependencies=[requires(Action.PUBLIC_READ_HEALTH)],
)
async def get_health() -> Response:
    """Answer as long as the process serves requests at all."""
    return json_answer(Health(status="alive"))


@router.get(
    "/readyz",
    dependencies=[requires(Action.PUBLIC_READ_HEALTH)],
    response_model=Health,
    responses={503: {"model": Health, "description": "A part does not answer."}},
    summary="Can it work?",
    openapi_extra=_OPEN,
)
async def get_readiness(parts: Parts) -> Response:
    """Answer 200 when the database and Temporal answer, else 503 with the one that does not."""
    database, temporal = await asyncio.gather(_database_answers(parts), is_serving(parts.temporal))
    found = {"database": _word(answers=database), "temporal": _word(answers=temporal)}
    if database and temporal:
        return json_answer(Health(status="ready", parts=found))
    health = Health(status="not ready", parts=found)
    return json_answer(health, HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "2"})


@router.get(
    PROBLEM_TYPE_PREFIX + "{code}",
    dependencies=[requires(Action.PUBLIC_EXPLAIN_PROBLEM)],
    response_model=ProblemKindView,
    responses=refusals(EdgeCode.NOT_FOUND),
    summary="Explain a problem",
    openapi_extra=_OPEN,
)
async def get_problem(code: Annotated[str, Path(max_length=64)]) -> Response:
    """Return what the `type` of a problem stands for."""
    known: Code | None = next((known for known in KINDS if known == code), None)
    if known is None:
        raise not_found()
    kind = KINDS[known]
    return json_answer(ProblemKindView(code=known, title=kind.title, status=int(kind.status)))


async def _database_answers(parts: Parts) -> bool:
    try:
        async with asyncio.timeout(DATABASE_WAIT_S_MAX):
            return await parts.database.answers()
    except (SQLAlchemyError, OSError, TimeoutError):
        return False


def _word(*, answers: bool) -> str:
    return "ready" if answers else "does not answer"
