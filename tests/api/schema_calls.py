"""Lets Schemathesis call the whole API by its description alone, with a real database behind it.

What is bounded: three examples for each operation and each way to make them, always the same ones.
"""

from __future__ import annotations

import asyncio
import pkgutil
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from uuid import uuid4

import schemathesis
import uvicorn
from fastapi import FastAPI
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.api.client import Person

SEED = 7
EXAMPLES = 3
ACCEPTED = ["2xx", "304", "401", "403", "404", "409", "410", "412", "422", "423", "429"]
"""How what fits the description may be answered: the rules of the platform know more than types."""
FAILURE_CHARS_MAX = 1_500
KEY = re.compile(r"[!-~]{1,255}")

Operation = tuple[str, str]


@dataclass
class Called:
    """The app, noting which of its operations are called and how each answers."""

    app: FastAPI
    statuses: dict[Operation, set[int]] = field(default_factory=lambda: defaultdict(set))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def note(message: Message) -> None:
            if message["type"] == "http.response.start" and "route" in scope:
                operation = (scope["method"], scope["route"].path)
                self.statuses[operation].add(int(message["status"]))
            await send(message)

        await self.app(scope, receive, note)


@asynccontextmanager
async def listening(served: ASGIApp, port: int = 0) -> AsyncIterator[str]:
    """Serve the app to clients that speak HTTP only; the block gets its address."""
    config = uvicorn.Config(served, port=port, lifespan="off", ws="none", log_config=None)
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    ticking = asyncio.create_task(server.main_loop())
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await ticking
        await server.shutdown()


def operations_of(app: FastAPI) -> set[Operation]:
    """Return every operation of the description."""
    return {
        (method.upper(), path)
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    }


def settings_of(
    app: FastAPI, base_url: str, person: Person, known: dict[str, str], *, every_bound: bool
) -> SchemathesisConfig:
    """Return how one person calls the API; `known` are ids of objects that there are.

    With `every_bound` each bound of each field is tried from both sides.
    """
    return SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "base-url": base_url,
            "continue-on-failure": True,
            "request-timeout": 30,
            "headers": {"Authorization": f"Bearer {person.token}"},
            "parameters": known,
            "generation": {
                "max-examples": EXAMPLES,
                "deterministic": True,
                "no-shrink": True,
                "database": "none",
                "allow-x00": False,
                "with-security-parameters": False,
            },
            "phases": {
                "coverage": {"enabled": every_bound, "unexpected-methods": ["delete", "patch"]},
            },
            "checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}},
            "operations": [
                {
                    "include-name": name,
                    "checks": {
                        "positive_data_acceptance": {"expected-statuses": ["400", *ACCEPTED]}
                    },
                }
                for name in _signed(app)
            ]
            + [
                {"include-path": path, "checks": {"unsupported_method": {"enabled": False}}}
                for path in _shadowed(app)
            ],
        }
    )


def _signed(app: FastAPI) -> Iterator[str]:
    """Yield the operations that take something which only we or the provider can have signed."""
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            names = {parameter["name"] for parameter in operation.get("parameters", ())}
            if names & {"cursor", "Stripe-Signature"}:
                yield f"{method.upper()} {path}"


def _shadowed(app: FastAPI) -> Iterator[str]:
    """Yield the addresses that are also an address of another route, with a word for its id.

    A method that only the other route has is then answered by it: there is no such object.
    """
    paths = app.openapi()["paths"]
    patterns = {path: re.compile(re.sub(r"\{\w+\}", "[^/]+", path)) for path in paths}
    for path in paths:
        if any(other != path and pattern.fullmatch(path) for other, pattern in patterns.items()):
            yield path


@schemathesis.hook("before_call")
def give_each_request_a_key_of_its_own(context: Any, case: Any, kwargs: Any) -> None:
    """Replace a valid key by a new one: else most changes were refused as repeated with a change."""
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and KEY.fullmatch(key):
        case.headers["Idempotency-Key"] = str(uuid4())


def load_all() -> None:
    """Load what Schemathesis would load while it calls, in a thread beside that of the app.

    pytest rewrites its modules by way of their syntax trees, and Python 3.11 counts the depth of
    trees for all threads at once: two that make one at the same time fail.
    Source: https://github.com/python/cpython/issues/106905
    """
    for part in ("core", "engine", "generation", "specs", "transport"):
        package = import_module(f"schemathesis.{part}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)


def failures(app: FastAPI, config: SchemathesisConfig) -> dict[str, str]:
    """Call every operation and return what failed: each kind of failure once, with a request.

    It blocks until all is done: the app has to be served by another thread. What calls has to be
    loaded before, by `load_all`.
    """
    found: dict[str, str] = {}
    for event in from_schema(
        schemathesis.openapi.from_dict(app.openapi(), config=config)
    ).execute():
        if isinstance(event, events.NonFatalError):
            found[f"{event.label}: error"] = repr(event.value)[:FAILURE_CHARS_MAX]
        elif isinstance(event, events.FatalError):
            found["engine"] = repr(event.exception)
        elif isinstance(event, events.PhaseFinished) and event.status is Status.INTERRUPTED:
            found[event.phase.name] = "interrupted"
        elif isinstance(event, events.ScenarioFinished):
            found.update(_failed(event))
    return found


def _failed(event: events.ScenarioFinished) -> Iterator[tuple[str, str]]:
    for checks in event.recorder.checks.values():
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info.failure
                said = f"{failure.title}: {failure.message}\n{check.failure_info.code_sample}"
                yield f"{event.phase.value} {event.label}: {check.name}", said[:FAILURE_CHARS_MAX]
