"""The activities of an erasure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from temporalio import activity

from activities.erasing_ports import Erasures
from domain.erasing.rules import ErasureNote, ErasureOrder, ErasureOutcome


class ErasureActivities:
    """Writes down how far an erasure is, and erases.

    Idempotency: a repetition changes nothing.
    """

    def __init__(self, erasures: Erasures) -> None:
        self._erasures = erasures

    @property
    def all(self) -> list[Callable[..., Any]]:
        """Every activity, for the worker."""
        return [self.note_erasure, self.erase_person, self.alarm_of_erasure]

    @activity.defn
    async def note_erasure(self, note: ErasureNote) -> None:
        """Write down how far an erasure is."""
        await self._erasures.note(note)

    @activity.defn
    async def erase_person(self, order: ErasureOrder) -> ErasureOutcome:
        """Erase a person, or return what must be settled first."""
        return await self._erasures.erase(order)

    @activity.defn
    async def alarm_of_erasure(self, order: ErasureOrder) -> None:
        """Tell staff that an erasure still waits."""
        await self._erasures.alarm(order)
