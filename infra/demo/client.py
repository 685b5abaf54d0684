"""A person at the public REST API: what a client application would do, and nothing more."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

PATIENCE_S = 60
"""Longest wait for something that the platform does by itself."""
LOOK_AGAIN_S = 0.1
"""Pause between two looks at a delivery."""
IN_FLIGHT = "request_in_flight"
"""Code of the answer while the same request, sent before, is under way."""


Signs = Callable[[str, str, bytes], Mapping[str, str]]
"""Returns the headers with which a device signs a change: its path, its key, its body."""


class DemoFailed(Exception):
    """The platform did not do what the demo expects of it."""


@dataclass(frozen=True)
class Caller:
    """One person with a bearer token."""

    http: httpx.AsyncClient
    name: str
    person_id: str
    token: str
    patience_s: float = PATIENCE_S
    """Longest wait for an answer of a platform that is away, in seconds."""

    async def get(self, path: str, **query: str) -> Any:
        """Read something.

        Raises:
            DemoFailed: the answer is a problem.
        """
        return body_of(await self._until_answered("GET", path, params=query))

    async def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Change something, under a fresh idempotency key.

        Raises:
            DemoFailed: the answer is a problem.
        """
        return body_of(await self.try_post(path, body))

    async def try_post(
        self,
        path: str,
        body: dict[str, Any] | None = None,
        key: str | None = None,
        signs: Signs | None = None,
    ) -> httpx.Response:
        """Try to change something and return the answer, whatever it is.

        The key is a fresh one unless it is named: who may have asked before names the same again.
        `signs` is the device that signs the request.
        """
        key, content = key or str(uuid4()), json.dumps(body or {}).encode()
        more = {"Content-Type": "application/json", "Idempotency-Key": key}
        signed = signs(path, key, content) if signs is not None else {}
        return await self._until_answered("POST", path, {**more, **signed}, content=content)

    async def try_put(self, path: str) -> httpx.Response:
        """Try to put something at an address that needs no body, and return the answer."""
        return await self._until_answered("PUT", path)

    async def try_get(self, path: str) -> httpx.Response:
        """Try to read something and return the answer, whatever it is."""
        return await self._until_answered("GET", path)

    async def _until_answered(
        self, method: str, path: str, more: Mapping[str, str] | None = None, **content: Any
    ) -> httpx.Response:
        """Send a request until the platform can answer it, as every client should.

        A command is sent again under the same key, also when the answer was lost with its
        connection: it takes effect once. While the first one is under way, it is asked for later.
        """
        own = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        headers = {**own, **(more or {})}
        async with asyncio.timeout(self.patience_s):
            while True:
                pause_s = LOOK_AGAIN_S
                with suppress(httpx.TransportError):
                    answer = await self.http.request(method, path, headers=headers, **content)
                    if not _is_for_later(answer):
                        return answer
                    pause_s = float(answer.headers.get("Retry-After", LOOK_AGAIN_S))
                await asyncio.sleep(pause_s)

    async def until(self, delivery_id: str, *statuses: str) -> Any:
        """Look at a delivery until it has one of the statuses.

        Raises:
            DemoFailed: it did not get there in time.
        """
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    delivery = await self.get(f"/v1/deliveries/{delivery_id}")
                    if delivery["status"] in statuses:
                        return delivery
                    await asyncio.sleep(LOOK_AGAIN_S)
        except TimeoutError:
            raise DemoFailed(
                f"delivery {delivery_id} did not become {' or '.join(statuses)} in {PATIENCE_S} s"
            ) from None

    async def until_first(self, path: str, name: str, is_so: Callable[[Any], Any]) -> Any:
        """Look at a list until its first item is as it should be, and return that item.

        Raises:
            DemoFailed: it did not come to be so in time.
        """
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    items = (await self.get(path))[name]
                    if items and is_so(items[0]):
                        return items[0]
                    await asyncio.sleep(LOOK_AGAIN_S)
        except TimeoutError:
            raise DemoFailed(f"{path} did not show it in {PATIENCE_S} s") from None


def body_of(answer: httpx.Response) -> Any:
    """Return the body of an answer.

    Raises:
        DemoFailed: it is a problem.
    """
    if answer.is_success:
        return answer.json()
    raise DemoFailed(f"{answer.request.method} {answer.request.url.path}: {answer.text}")


def _is_for_later(answer: httpx.Response) -> bool:
    """Tell whether the same request is to be sent again: nobody could answer it yet."""
    if answer.status_code == httpx.codes.CONFLICT:
        return bool(answer.json()["code"] == IN_FLIGHT)
    return answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
