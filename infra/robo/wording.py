"""Fills what earlier steps kept into the texts of a step."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from string import Formatter
from typing import Any

from pydantic import TypeAdapter

_DURATION = TypeAdapter(timedelta)
_MOMENT = re.compile(r"(?P<everybodys>now)?(?P<span>[+-]P[0-9DTHMS]+)")


class NothingKept(LookupError):
    """A step names what no step before it has kept."""


class _Filling(Formatter):
    def __init__(self, memory: Mapping[str, str], now: datetime) -> None:
        self._memory, self._now = memory, now

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> tuple[str, str]:  # noqa: ARG002
        """Return a moment, or what was kept under the name."""
        if moment := _MOMENT.fullmatch(field_name):
            base = datetime.now(UTC) if moment["everybodys"] else self._now
            span = _DURATION.validate_python(moment["span"].removeprefix("+"))
            return (base + span).isoformat(), field_name
        if field_name not in self._memory:
            raise NothingKept(field_name)
        return self._memory[field_name], field_name


def filled(content: Any, memory: Mapping[str, str], ahead: timedelta) -> Any:
    """Return the content of a step with everything filled in, at whatever depth.

    Raises:
        NothingKept: a name stands for nothing.
    """
    filling = _Filling(memory, datetime.now(UTC) + ahead)

    def fill(part: Any) -> Any:
        if isinstance(part, str):
            return filling.vformat(part, (), {})
        if isinstance(part, Mapping):
            return {name: fill(member) for name, member in part.items()}
        if isinstance(part, list | tuple):
            return [fill(member) for member in part]
        return part

    return fill(content)


def member_of(answer: Any, path: str) -> Any:
    """Return a member of an answer, as in `items.0.offer_id`; nothing where there is none."""
    for name in path.split("."):
        if isinstance(answer, list):
            index = int(name)
            answer = answer[index] if index < len(answer) else None
        else:
            answer = answer.get(name) if isinstance(answer, Mapping) else None
    return answer
