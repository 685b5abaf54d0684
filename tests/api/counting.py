"""Counts the round trips to the database that a request takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.api.client import Person
from tests.api.identity.phones import Phone
from tests.api.story import done

ROUND_TRIPS_MAX = 2
OF_A_SCAN_MAX = ROUND_TRIPS_MAX + 2
"""A scan is scored; its score and the attempt are kept together before the delivery is asked about it."""


_SENT: ContextVar[list[str] | None] = ContextVar("statements_sent", default=None)
"""What was sent for the request under way: the app has errands of its own beside it."""


@contextmanager
def counted(asked: AsyncEngine) -> Iterator[list[str]]:
    """Collect the statements that are sent through an engine for whoever asks inside."""
    sent: list[str] = []

    def note(*arguments: Any) -> None:
        if _SENT.get() is sent:
            sent.append(arguments[2])

    engine = asked.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    asking = _SENT.set(sent)
    try:
        yield sent
    finally:
        _SENT.reset(asking)
        event.remove(engine, "before_cursor_execute", note)


class Counter:
    """Counts the round trips of each changing route."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.counts: dict[str, int] = {}

    async def post(self, person: Person | Phone, path: str, body: Any = None) -> dict[str, Any]:
        return done(await self.attempt(person, path, body))

    async def attempt(self, person: Person | Phone, path: str, body: Any = None) -> httpx.Response:
        with counted(self.app.state.engine) as sent:
            answer = await person.post(path, body)
        name = re.sub(r"[0-9a-f-]{36}", "*", path)
        self.counts[name] = max(len(sent), self.counts.get(name, 0))
        return answer
