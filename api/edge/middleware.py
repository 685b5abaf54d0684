"""The outermost layer: headers on every answer, and an answer to every fault."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.edge.answers import internal_error

_ALWAYS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"geolocation=(), camera=(), microphone=()"),
)
_UNLESS_SET: tuple[tuple[bytes, bytes], ...] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
_OVER_TLS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


class Edge:
    """Pure ASGI middleware: adds security headers and turns a fault into a problem.

    A class of Starlette's `BaseHTTPMiddleware` would cost most of the throughput.
    """

    def __init__(self, app: ASGIApp, *, over_tls: bool) -> None:
        self.app = app
        self.always = (*_ALWAYS, _OVER_TLS) if over_tls else _ALWAYS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._add_headers(message)
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except Exception as error:
            if started:
                raise
            await internal_error(error)(scope, receive, send_with_headers)

    def _add_headers(self, message: Message) -> None:
        headers: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
        present = {name.lower() for name, _ in headers}
        headers += [header for header in _UNLESS_SET if header[0] not in present]
        message["headers"] = [*headers, *self.always]
