"""The outermost layer: a trace and headers for every answer, and an answer to every fault."""

from __future__ import annotations

from time import perf_counter

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.edge.answers import internal_error
from api.edge.limits import HEADERS
from api.edge.metrics import OTHER_ROUTE, Metrics
from api.edge.origins import Headers, Origins, preflight_answer
from api.edge.tracing import TRACE_HEADER, begin_trace

_ALWAYS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"x-permitted-cross-domain-policies", b"none"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
)
_UNLESS_SET: tuple[tuple[bytes, bytes], ...] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"permissions-policy", b"geolocation=(), camera=(), microphone=()"),
)
_OVER_TLS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
_READ = (b"origin", b"traceparent", b"access-control-request-method")
_TRACE_HEADER = TRACE_HEADER.lower().encode()


class Edge:
    """Pure ASGI middleware: what every request passes on its way in and out.

    A class of Starlette's `BaseHTTPMiddleware` would cost most of the throughput.
    """

    def __init__(self, app: ASGIApp, *, over_tls: bool, origins: Origins, metrics: Metrics) -> None:
        self.app = app
        self.always = (*_ALWAYS, _OVER_TLS) if over_tls else _ALWAYS
        self.origins = origins
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        named = {name: value for name, value in scope["headers"] if name in _READ}
        origin = named.get(b"origin")
        added: Headers = [(_TRACE_HEADER, begin_trace(named.get(b"traceparent")).encode())]
        started = False
        began = perf_counter()

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._add_headers(message, [*added, *scope.get(HEADERS, ())])
                self._note(scope, message, perf_counter() - began)
            await send(message)

        refusal = self.origins.refusal(origin)
        if refusal is None:
            added += self.origins.headers(origin)
        try:
            answer = refusal or _preflight(scope, named)
            await (answer or self.app)(scope, receive, send_with_headers)
        except Exception as error:
            if started:
                raise
            await internal_error(error)(scope, receive, send_with_headers)

    def _note(self, scope: Scope, message: Message, seconds: float) -> None:
        # A method that is no route's may be any text: only those of routes are named.
        route = getattr(scope.get("route"), "path", OTHER_ROUTE)
        method = scope["method"] if route != OTHER_ROUTE else OTHER_ROUTE
        self.metrics.note_answer(method, route, int(message["status"]), seconds)

    def _add_headers(self, message: Message, added: Headers) -> None:
        headers: Headers = list(message.get("headers", ()))
        present = {name.lower() for name, _ in headers}
        headers += [header for header in _UNLESS_SET if header[0] not in present]
        message["headers"] = [*headers, *self.always, *added]


def _preflight(scope: Scope, named: dict[bytes, bytes]) -> Response | None:
    asks = b"origin" in named and b"access-control-request-method" in named
    return preflight_answer() if asks and scope["method"] == "OPTIONS" else None
