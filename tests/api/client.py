"""People at the API, and a guard that checks every answer against the API's own description."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI

PROBLEM_KEYS = {
    "type", "code", "title", "status", "detail", "trace_id", "current_status", "errors"
}  # fmt: skip
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
"""The trace of every request of a test, so that equal refusals are equal to the letter."""


class UndocumentedAnswer(AssertionError):
    """The API answered in a way that its description does not hold."""


class RefuseUndocumented(httpx.AsyncBaseTransport):
    """Fails a test when an answer's status, media type or shape is not described."""

    def __init__(self, inner: httpx.ASGITransport, app: FastAPI) -> None:
        self._inner = inner
        self._operations = [
            (method.upper(), _pattern(path), operation)
            for path, methods in app.openapi()["paths"].items()
            for method, operation in methods.items()
        ]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.headers.setdefault("traceparent", TRACE)
        answer = await self._inner.handle_async_request(request)
        await answer.aread()
        self._check(request, answer)
        return answer

    def _check(self, request: httpx.Request, answer: httpx.Response) -> None:
        media_type = answer.headers.get("content-type", "").split(";")[0]
        if answer.content and media_type == "application/problem+json":
            _check_problem(answer)
        found = [
            operation
            for method, pattern, operation in self._operations
            if method == request.method and pattern.fullmatch(request.url.path)
        ]
        if not found:
            return
        described = found[0]["responses"].get(str(answer.status_code))
        if described is not None and not (answer.content or described.get("content")):
            return
        if described is None or media_type not in described["content"]:
            raise UndocumentedAnswer(
                f"{request.method} {request.url.path}: {answer.status_code} {media_type} "
                f"{answer.text[:300]}"
            )
        if media_type == "application/problem+json":
            code = answer.json()["code"]
            if code not in described["content"][media_type]["examples"]:
                raise UndocumentedAnswer(f"{request.method} {request.url.path}: {code}")


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{\w+\}", r"[^/]+", path))


def _check_problem(answer: httpx.Response) -> None:
    body = answer.json()
    assert set(body) <= PROBLEM_KEYS, body
    assert body["status"] == answer.status_code
    assert body["trace_id"] == answer.headers["trace-id"]
    assert body["type"] == f"/problems/{body['code']}"


@dataclass(frozen=True)
class Person:
    """Somebody with a bearer token."""

    http: httpx.AsyncClient
    person_id: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def get(
        self, path: str, accept: str = "application/json", **query: Any
    ) -> httpx.Response:
        return await self.http.get(path, params=query, headers={**self.headers, "Accept": accept})

    async def post(
        self,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        content: bytes | None = None,
        seen: str | None = None,
    ) -> httpx.Response:
        """Send a change; `content` is sent as it is, in place of a body; `seen` is an `ETag`."""
        if content is None and body is not None:
            content = json.dumps(body).encode()
        headers = {**self.headers, "Idempotency-Key": key or str(uuid4())}
        if seen is not None:
            headers["If-Match"] = seen
        if content is not None:
            headers["Content-Type"] = "application/json"
        return await self.http.post(path, content=content, headers=headers)


def changing_paths(app: FastAPI) -> list[str]:
    """Return the address of every route by which people change something."""
    return [
        path
        for path, methods in app.openapi()["paths"].items()
        if "post" in methods and methods["post"].get("security") != []
    ]


_BODILESS = re.compile(
    r"/(cancel|confirm|undo|resume|withdraw|agent|assignment|waiver)"
    r"|/api-keys/[^/]+/revoke|/corrections/[^/]+/(refuse|take-back)"
    r"|/chargebacks/[^/]+/evidence|/proposals/[^/]+/accept|/no-show/contest"
    r"|/me/(exports|erasure)|/offline-manifest|/holding(/release)?|/options|/sos"
)


def needs_body(path: str) -> bool:
    """Tell whether a changing route cannot do without a body."""
    found = _BODILESS.search(path)
    # Whoever decides about an override says why.
    return "/overrides/" in path or found is None or found.end() != len(path)


def code_of(answer: httpx.Response) -> str:
    """Return the code of a problem."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    code: str = answer.json()["code"]
    return code
