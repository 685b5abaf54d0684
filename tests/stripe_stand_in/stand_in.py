"""The stand-in as a test uses it: start it, point the SDK at it, script it, look at its books."""

from __future__ import annotations

import secrets
from itertools import chain
from types import TracebackType
from typing import Self

from tests.stripe_stand_in.application import Application, Drift, SeenRequest
from tests.stripe_stand_in.clock import MovableClock
from tests.stripe_stand_in.faults import FaultPlan
from tests.stripe_stand_in.outside import OutsideWorld
from tests.stripe_stand_in.resources import (
    accounts,
    charges,
    customers,
    disputes,
    happenings,
    methods,
    payment_intents,
    payouts,
    refunds,
    reversals,
    setup_intents,
    transfers,
)
from tests.stripe_stand_in.routing import RouteTable
from tests.stripe_stand_in.server import HttpRequest, HttpResponse, HttpServer
from tests.stripe_stand_in.state import StripeState, Terms
from tests.stripe_stand_in.view import View
from tests.stripe_stand_in.webhooks import Webhooks

API_KEY = "sk_test_standIn"
"""A key the stand-in accepts; any other test key will do as well."""

_RESOURCES = (
    accounts,
    charges,
    customers,
    disputes,
    happenings,
    methods,
    payment_intents,
    payouts,
    refunds,
    reversals,
    setup_intents,
    transfers,
)


class StripeStandIn:
    """A Stripe account on 127.0.0.1, inside the test's own event loop.

    Use it with `async with`; leaving raises what crashed inside it, if anything did.
    """

    def __init__(
        self,
        *,
        clock: MovableClock | None = None,
        terms: Terms | None = None,
        tag: str | None = None,
    ) -> None:
        """`tag` is part of every id; a fixed one makes the ids of a run repeatable."""
        self._build(clock or MovableClock(), terms or Terms(), tag or secrets.token_hex(4))
        self._server = HttpServer(self._answer)
        self.port = 0

    async def _answer(self, request: HttpRequest) -> HttpResponse | None:
        return await self._application.answer(request)

    def _build(self, clock: MovableClock, terms: Terms, tag: str) -> None:
        state = StripeState(clock, terms, tag)
        self._state = state
        self.clock = clock
        self.routes = RouteTable(chain.from_iterable(each.ROUTES for each in _RESOURCES))
        self.faults = FaultPlan(self.routes.names)
        self.world = OutsideWorld(state)
        self.view = View(state)
        self.webhooks = Webhooks(state.events, state.agenda.run_due)
        self._application = Application(state, self.routes, self.faults)

    def reset(self, *, clock: MovableClock | None = None, terms: Terms | None = None) -> None:
        """Forget everything and go on at the same address, as many short examples want it.

        `clock`, `world`, `view`, `faults` and `webhooks` are new objects afterwards.
        """
        self._build(clock or MovableClock(), terms or self._state.terms, secrets.token_hex(4))

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0 takes a free one."""
        self.port = await self._server.start(port)

    async def stop(self) -> None:
        """Break every connection and stop."""
        await self._server.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()
        if error is None and self._application.crashes:
            raise self._application.crashes[0]

    @property
    def url(self) -> str:
        """The address to give to the SDK as its `api` base address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def api_version(self) -> str:
        """The only API version it speaks: the one the installed SDK is pinned to."""
        return self._state.api_version

    @property
    def requests(self) -> list[SeenRequest]:
        """Every request so far, with its answer."""
        return self._application.requests

    @property
    def drift(self) -> list[Drift]:
        """Requests that the SDK's types do not allow; a test of an adapter asserts there are none."""
        return self._application.drift

    @property
    def events(self) -> list[dict[str, object]]:
        """Every event so far, oldest first."""
        self._state.agenda.run_due()
        return self._state.events.all

    def move(self, *, days: float = 0, hours: float = 0, seconds: float = 0) -> None:
        """Move the clock, stopping at everything that falls due on the way."""
        self._state.agenda.move(seconds + 3_600 * hours + 86_400 * days)
