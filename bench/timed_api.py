"""The API with a clock in it: each answer says how long the server took, up to the question to the workflow.

`bench/scanning.py` runs it with `uvicorn --factory bench.timed_api:TimedApi` beside a whole stack. It asks no workflow: in
place of that it answers that the platform is unavailable, so that the same code can be scanned again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from api.commands import Commands
from api.composition import create_lasting_app
from api.edge.problems import unavailable
from domain.contracts import Standing
from domain.ids import DeliveryId
from infra.settings import load_settings

ASKED, ANSWERED = "asked", "answered"
"""What had happened when the clock was stopped."""
WORKFLOW_S = 0.1
"""About how long a workflow takes to answer, which costs this process nothing."""

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


@dataclass
class Clock:
    """The clock of one request."""

    arrived: float
    asked: float | None = None

    def header(self) -> tuple[bytes, bytes]:
        """Return the time taken, as HTTP writes it down."""
        name, until = (ANSWERED, time.perf_counter()) if self.asked is None else (ASKED, self.asked)
        return b"server-timing", f"{name};dur={(until - self.arrived) * 1_000:.3f}".encode()


_CLOCK: ContextVar[Clock] = ContextVar("clock_of_request")


class UnaskedCommands(Commands):
    """Notes when a workflow would be asked, and asks none."""

    async def change_delivery(
        self, _delivery_id: DeliveryId, _name: str, _command: object, _update_id: str
    ) -> Standing:
        """Stop the clock of the request.

        Raises:
            Problem: always.
        """
        _CLOCK.get().asked = time.perf_counter()
        await asyncio.sleep(WORKFLOW_S)
        raise unavailable()


class TimedApi:
    """The API, with a clock for each request."""

    def __init__(self) -> None:
        self._api = create_lasting_app(load_settings())

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve a request and say how long it took."""
        if scope["type"] != "http":
            await self._api(scope, receive, send)
            return
        clock = Clock(time.perf_counter())
        _CLOCK.set(clock)
        state = self._api.state
        if not isinstance(state.services.commands, UnaskedCommands):
            state.services = replace(
                state.services, commands=UnaskedCommands(state.services.temporal)
            )

        async def send_timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], clock.header()]
            await send(message)

        await self._api(scope, receive, send_timed)
