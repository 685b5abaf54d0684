"""Reads request bodies: bounded in size and time, of one media type, as strict JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.access.permissions import action_in
from api.access.request import lookup_of
from api.edge.cursors import cursors_for
from api.edge.limits import Limiter
from api.edge.problems import EdgeCode, Problem
from api.edge.strict_json import NotStrictJson, read_json
from domain.identity.limits import RequestKind, kind_of

BODY_BYTES_MAX = 64 * 1024
"""Largest body of an ordinary request: ten times the longest one with every field full."""
POSITIONS_BODY_BYTES_MAX = 256 * 1024
"""Largest batch of positions: the policy's thousand positions at 120 bytes fit twice."""
BODY_WAIT_S_MAX = 20
"""Longest time a body may take: a 64 KiB body needs six seconds at ten kilobytes a second."""


READING = frozenset({"GET", "HEAD"})
DRAINED_BYTES_MAX = 1024 * 1024
"""How much of a body that is too large is thrown away before the answer: a client that is still
sending when the connection closes may never see why."""


class StrictRequest(Request):
    """A request whose body is read once, within bounds, as strict JSON."""

    bytes_max: int = BODY_BYTES_MAX
    wait_s_max: int = BODY_WAIT_S_MAX

    async def body(self) -> bytes:
        """Return the body.

        Raises:
            Problem: it is too large, too slow, compressed or of another media type.
        """
        if not hasattr(self, "_body"):
            self._require_uncompressed()
            self._body = await self._read()
            if self._body:
                self.require_media_type()
        return self._body

    async def json(self) -> Any:
        """Return the value of the body.

        Raises:
            Problem: it is not strict JSON.
        """
        if not hasattr(self, "_json"):
            try:
                self._json = read_json(await self.body())
            except NotStrictJson as error:
                raise Problem(EdgeCode.BODY_MALFORMED, f"The body is refused. {error}") from error
        return self._json

    async def _read(self) -> bytes:
        body, read = bytearray(), 0
        try:
            async with asyncio.timeout(self.wait_s_max):
                async for chunk in self.stream():
                    read += len(chunk)
                    if read <= self.bytes_max:
                        body += chunk
                    elif read > self.bytes_max + DRAINED_BYTES_MAX:
                        break
        except TimeoutError as error:
            raise Problem(
                EdgeCode.BODY_TOO_SLOW, f"A body has to arrive within {self.wait_s_max} seconds."
            ) from error
        if read > self.bytes_max:
            raise self._too_large()
        return bytes(body)

    def require_media_type(self) -> None:
        """Check that the body may be read as what it is.

        Raises:
            Problem: `unsupported_media_type`.
        """
        media_type, _, parameters = self.headers.get("content-type", "").partition(";")
        charset = parameters.replace(" ", "").replace('"', "").lower()
        plain = media_type.strip().lower() == "application/json"
        if not plain or charset not in ("", "charset=utf-8", "charset=utf8"):
            raise self._unsupported()

    def _require_uncompressed(self) -> None:
        # Nothing of it is read: how large it would become is known only afterwards.
        coding = self.headers.get("content-encoding", "identity")
        if coding.strip().lower() != "identity":
            raise self._unsupported()

    def _unsupported(self) -> Problem:
        return Problem(
            EdgeCode.UNSUPPORTED_MEDIA_TYPE,
            "Send the body as application/json in UTF-8, not compressed.",
        )

    def _too_large(self) -> Problem:
        return Problem(
            EdgeCode.BODY_TOO_LARGE,
            f"The body may have at most {self.bytes_max} bytes.",
            # There may be more of the body, so the connection cannot be used again.
            headers={"Connection": "close"},
        )


class StrictRoute(APIRoute):
    """A route that reads its body through `StrictRequest`."""

    request_class: ClassVar[type[StrictRequest]] = StrictRequest

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, given a strict request instead of a plain one."""
        handler = super().get_route_handler()
        kind = self._kind()

        async def handle(request: Request) -> Response:
            state, lookup = request.app.state, await lookup_of(request)
            if kind is not None:
                limiter: Limiter = state.limiter
                await limiter.admit(request, kind, lookup)
            with cursors_for(state.cursor_key, request.url.path, lookup):
                return await handler(self.request_class(request.scope, request.receive))

        return handle

    def _kind(self) -> RequestKind | None:
        """Return with which requests those of the route are counted, by what it lets people do."""
        action = action_in(self.dependencies)
        if action is None:
            return None
        return kind_of(action, changes=bool((self.methods or set()) - READING))


class PositionsRequest(StrictRequest):
    """A request that carries a batch of positions."""

    bytes_max = POSITIONS_BODY_BYTES_MAX


class PositionsRoute(StrictRoute):
    """A route that reads a batch of positions."""

    request_class = PositionsRequest
