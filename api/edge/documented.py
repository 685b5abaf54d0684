"""Describes to OpenAPI how a route can refuse: one example per code."""

from __future__ import annotations

from typing import Any

from api.edge.problems import KINDS, PROBLEM_MEDIA_TYPE, Code, EdgeCode, Problem
from domain.errors import RefusalCode
from domain.identity.claims import TokenFlaw

PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "Why a request was refused. Source: RFC 9457.",
    "type": "object",
    "required": ["type", "code", "title", "status", "detail", "trace_id"],
    "additionalProperties": False,
    "properties": {
        "type": {"type": "string", "description": "Address that explains the code."},
        "code": {
            "type": "string",
            "description": "Stable name of the reason; decide by this.",
            "enum": sorted(str(code) for code in KINDS),
        },
        "title": {"type": "string", "description": "The reason in one line."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What is wrong here, for people."},
        "trace_id": {
            "type": "string",
            "description": "Names this request in our logs, as the header `Trace-Id` does.",
        },
        "current_status": {
            "type": "string",
            "description": "Where the delivery stands, when that is the reason.",
        },
        "errors": {
            "type": "array",
            "description": "The fields that are not valid.",
            "items": {
                "type": "object",
                "required": ["at", "problem"],
                "additionalProperties": False,
                "properties": {"at": {"type": "string"}, "problem": {"type": "string"}},
            },
        },
    },
}

_TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"

ALWAYS = (
    EdgeCode.REQUEST_REFUSED,
    EdgeCode.INTERNAL_ERROR,
    EdgeCode.ORIGIN_REFUSED,
    EdgeCode.TOO_MANY_REQUESTS,
    EdgeCode.UNAVAILABLE,
)
BEARERS: tuple[Code, ...] = (
    EdgeCode.UNAUTHENTICATED,
    *(EdgeCode(flaw) for flaw in TokenFlaw),
    EdgeCode.SCOPE_MISSING,
    EdgeCode.STAFF_POWERS_WITHHELD,
    EdgeCode.SECOND_FACTOR_ENROLMENT_REQUIRED,
)
"""How a credential can be refused."""
READS = (*ALWAYS, *BEARERS, EdgeCode.NOT_FOUND, EdgeCode.FIELDS_INVALID)
"""How every reading route can refuse."""
LISTS = (*READS, EdgeCode.CURSOR_INVALID)
CHANGES = (
    *READS,
    RefusalCode.NOT_YOUR_ROLE,
    EdgeCode.BODY_MALFORMED,
    EdgeCode.BODY_TOO_LARGE,
    EdgeCode.BODY_TOO_SLOW,
    EdgeCode.IDEMPOTENCY_KEY_INVALID,
    EdgeCode.IDEMPOTENCY_KEY_MISSING,
    EdgeCode.IDEMPOTENCY_KEY_REUSED,
    EdgeCode.REQUEST_IN_FLIGHT,
    EdgeCode.UNSUPPORTED_MEDIA_TYPE,
)
"""How every changing route can refuse."""
OPEN_CHANGES = (
    *ALWAYS,
    EdgeCode.BODY_MALFORMED,
    EdgeCode.BODY_TOO_LARGE,
    EdgeCode.BODY_TOO_SLOW,
    EdgeCode.FIELDS_INVALID,
    EdgeCode.UNSUPPORTED_MEDIA_TYPE,
)
"""How every changing route that needs no token can refuse."""
CODES = (
    RefusalCode.CODE_ALREADY_USED,
    RefusalCode.CODE_EXPIRED,
    RefusalCode.CODE_LOCKED,
    RefusalCode.CODE_WRONG,
)
"""How a code that proves an address can be refused."""
COMMANDS = (
    *CHANGES,
    RefusalCode.DELIVERY_CLOSED,
    RefusalCode.NEEDS_ATTENTION,
    RefusalCode.ON_HOLD,
    RefusalCode.TOO_MANY_COMMANDS,
    RefusalCode.WRONG_STATE,
)
"""How every command to a delivery can be refused."""

Responses = dict[int | str, dict[str, Any]]


def refusals(*codes: Code) -> Responses:
    """Return the description of these refusals, grouped by status."""
    responses: Responses = {}
    for code in dict.fromkeys(codes):
        kind = KINDS[code]
        response = responses.setdefault(
            int(kind.status),
            {
                "description": kind.status.phrase,
                "content": {
                    PROBLEM_MEDIA_TYPE: {
                        "schema": {"$ref": "#/components/schemas/Problem"},
                        "examples": {},
                    }
                },
            },
        )
        problem = Problem(code, kind.title + ".")
        examples = response["content"][PROBLEM_MEDIA_TYPE]["examples"]
        examples[str(code)] = {
            "summary": kind.title,
            "value": {**problem.body(), "trace_id": _TRACE_ID},
        }
    return responses
