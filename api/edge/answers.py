"""Turns every failure into a problem and every value into an answer."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response
from temporalio.service import RPCError

from api.access.denials import denied
from api.edge.problems import PROBLEM_MEDIA_TYPE, EdgeCode, Problem, not_found, unavailable
from api.edge.tracing import trace_id, traced
from infra.encryption.keys import EncryptionTrouble

logger = logging.getLogger(__name__)

FIELD_ERRORS_MAX = 20
"""Most field errors in one problem: a client mends a few at a time."""

UNREADABLE_RETRY_S = 60
"""When to try again while a key is missing: somebody has to put it back."""

Json = dict[str, Any]


def json_answer(
    body: Json | BaseModel, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an answer in JSON."""
    if isinstance(body, BaseModel):
        content = body.model_dump_json().encode()
    else:
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(content, status, dict(headers or {}), "application/json")


def problem_answer(problem: Problem) -> Response:
    """Return a problem as an answer."""
    content = json.dumps(traced(problem.body()), ensure_ascii=False).encode()
    return Response(content, problem.status_code, problem.headers, PROBLEM_MEDIA_TYPE)


def internal_error(error: Exception) -> Response:
    """Log a fault of ours under the trace of its request; the answer names only the trace."""
    logger.error("request failed, trace %s", trace_id(), exc_info=error)
    problem = Problem(
        EdgeCode.INTERNAL_ERROR,
        "The fault is recorded under the trace_id. Send the same request again, with the same "
        "Idempotency-Key if it has one: it is carried out at most once.",
    )
    return problem_answer(problem)


def add_problem_handlers(app: FastAPI) -> None:
    """Make every failure of the app a problem."""
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_fields)
    for unreachable in (OperationalError, InterfaceError, DBAPIError, PoolTimeout, RPCError):
        app.add_exception_handler(unreachable, _on_unreachable)
    app.add_exception_handler(TimeoutError, _on_unreachable)
    app.add_exception_handler(EncryptionTrouble, _on_unreadable)


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error, Problem):
        return problem_answer(denied(error, request.app.state.services.denials))
    if error.status_code == HTTPStatus.NOT_FOUND:
        return problem_answer(not_found())
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        detail = "Use one of the methods named in the header Allow."
        return problem_answer(
            Problem(EdgeCode.METHOD_NOT_ALLOWED, detail, headers={"Allow": _allowed(request)})
        )
    return problem_answer(Problem(EdgeCode.REQUEST_REFUSED, "The request cannot be read."))


def _allowed(request: Request) -> str:
    """Return every method of an address; the framework names those of its first route only."""
    routes = request.app.state.methods_by_path
    return ", ".join(
        sorted(method for pattern, method in routes if pattern.fullmatch(request.url.path))
    )


async def _on_fields(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(item["loc"][:1] == ("path",) for item in found):
        # An address that no object can have is answered like one that no object has.
        return problem_answer(not_found())
    problem = Problem(
        EdgeCode.FIELDS_INVALID,
        "Mend the fields named in errors and send the request again.",
        errors=[_field_error(item) for item in found[:FIELD_ERRORS_MAX]],
    )
    return problem_answer(problem)


async def _on_unreachable(_: Request, error: Exception) -> Response:
    # A statement that a person's input can break is a fault of ours, not an outage.
    outage = (OperationalError, InterfaceError, PoolTimeout, RPCError, TimeoutError)
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if not lost and not isinstance(error, outage):
        return internal_error(error)
    logger.warning("a part the request needs did not respond: %s", type(error).__name__)
    return problem_answer(unavailable())


async def _on_unreadable(_: Request, error: Exception) -> Response:
    # A key that is put back makes it readable again; the answer never says whose data it was.
    logger.error("something encrypted cannot be read, trace %s: %s", trace_id(), error)
    return problem_answer(
        Problem(
            EdgeCode.UNAVAILABLE,
            "Something that the request needs is encrypted and cannot be read at the moment. "
            "Send the same request again later.",
            headers={"Retry-After": str(UNREADABLE_RETRY_S)},
        )
    )


_NEVER_ECHOES = (
    "missing",
    "string_type",
    "string_too_short",
    "string_too_long",
    "int_type",
    "float_type",
    "bool_type",
    "list_type",
    "model_type",
    "model_attributes_type",
    "dict_type",
    "greater_than",
    "greater_than_equal",
    "less_than",
    "less_than_equal",
    "too_long",
    "too_short",
    "enum",
    "int_parsing",
    "none_required",
    "value_error",
)
"""Kinds of errors whose message holds no input; `value_error` carries sentences of ours."""


def _field_error(item: Mapping[str, Any]) -> dict[str, str]:
    kind, location = item["type"], tuple(item["loc"])
    if kind == "extra_forbidden":
        # The name of an unknown field is the client's text; its parent's address is ours.
        message = "This object has a field that is not known here."
        return {"at": _address(location[:-1]), "problem": message}
    message = str(item["msg"]) if kind in _NEVER_ECHOES else "This is not valid here."
    return {"at": _address(location), "problem": message.removeprefix("Value error, ")}


def _address(location: Sequence[str | int]) -> str:
    """Return for example `body/pickup/latitude` or `query/limit`."""
    return "/".join(str(part) for part in location)
