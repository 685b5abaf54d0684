"""A real part of the platform behind which the worker's process may end, before or after a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Dies = Callable[[str, str, tuple[Any, ...]], bool]
"""Tells whether the process ends here: the call's name, `before` or `after`, and its arguments."""


class Crash(Exception):
    """The worker's process ended here; nothing after this point was done."""


class Mortal:
    """A real part that is asked as always and whose caller may die at either side of a call."""

    def __init__(self, part: object, dies: Dies) -> None:
        self._part = part
        self._dies = dies

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        if not callable(found):
            return found

        async def call(*arguments: Any, **named: Any) -> Any:
            self._pass(name, "before", arguments)
            answer = await found(*arguments, **named)
            self._pass(name, "after", arguments)
            return answer

        return call

    def _pass(self, name: str, side: str, arguments: tuple[Any, ...]) -> None:
        if self._dies(name, side, arguments):
            raise Crash(f"{side} {name}")
