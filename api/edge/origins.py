"""Which web pages may use the API from a browser: those of the named origins and no other.

Source: the Fetch standard, CORS protocol.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from starlette.responses import Response

from api.edge.answers import problem_answer
from api.edge.problems import EdgeCode, Problem

PREFLIGHT_KEPT_S = 600
"""How long a browser may keep the answer to a preflight: origins are seldom taken away."""
METHODS = "GET, POST, PUT, PATCH, DELETE"
ASKED_HEADERS = (
    "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Sendalong-Device, "
    "Sendalong-Signature, Step-Up, traceparent"
)
"""Headers that a page may send."""
SHOWN_HEADERS = (
    "Deprecation, ETag, Idempotency-Replayed, Location, RateLimit, RateLimit-Policy, Retry-After, "
    "Sunset, Trace-Id, WWW-Authenticate"
)
"""Headers that a page may read."""

Headers = list[tuple[bytes, bytes]]
_VARY = (b"vary", b"Origin")


@dataclass(frozen=True, slots=True)
class Origins:
    """The origins whose pages may use the API; they are compared whole, letter by letter."""

    allowed: frozenset[bytes]

    def refusal(self, origin: bytes | None) -> Response | None:
        """Return the answer to a request from a page of another origin, or none if it may ask.

        What no page sends names no origin. An origin of `null` is nobody's.
        """
        if origin is None or origin in self.allowed:
            return None
        detail = "Pages of this origin may not use the API; its operator can name the origin."
        answer = problem_answer(Problem(EdgeCode.ORIGIN_REFUSED, detail))
        answer.headers["vary"] = "Origin"
        return answer

    def headers(self, origin: bytes | None) -> Headers:
        """Return what lets the page read an answer."""
        if origin is None:
            return [_VARY] if self.allowed else []
        return [
            _VARY,
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", SHOWN_HEADERS.encode()),
        ]


def preflight_answer() -> Response:
    """Return the answer to a browser that asks before it sends what a form could not."""
    return Response(
        status_code=HTTPStatus.NO_CONTENT,
        headers={
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": ASKED_HEADERS,
            "Access-Control-Max-Age": str(PREFLIGHT_KEPT_S),
        },
    )
