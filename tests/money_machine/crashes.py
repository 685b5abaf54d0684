"""Ends the worker's process between any two steps of a plan, by counting what passes its ports."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Passage:
    """What has passed the ports on behalf of one delivery so far."""

    crashes: frozenset[int]
    """At which crossings the process ends, counted from 0."""
    crossings: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with every crossing; whoever waits clears it."""


class Crashes:
    """All deliveries in play."""

    def __init__(self) -> None:
        self._passages: dict[str, Passage] = {}

    def plan(self, delivery_id: str, crashes: Iterable[int]) -> Passage:
        """Begin to count for a delivery."""
        passage = self._passages[delivery_id] = Passage(frozenset(crashes))
        return passage

    def forget(self, delivery_id: str) -> None:
        """Stop counting for a delivery."""
        self._passages.pop(delivery_id, None)

    def strikes(self, name: str, side: str, arguments: tuple[Any, ...]) -> bool:
        """Count one crossing and tell whether the process ends at it."""
        del name, side
        passage = self._passages.get(_delivery_of(arguments))
        if passage is None:
            return False
        number, passage.crossings = passage.crossings, passage.crossings + 1
        passage.changed.set()
        return number in passage.crashes


def _delivery_of(arguments: tuple[Any, ...]) -> str:
    for argument in arguments:
        if found := getattr(argument, "delivery_id", ""):
            return str(found)
        if found := getattr(argument, "operation_id", ""):
            return str(found).partition(":")[0]
    return ""
