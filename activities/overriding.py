"""The activities of an emergency override."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from temporalio import activity

from activities.overriding_ports import OverriddenDeliveries, OverridePeople, Overrides
from activities.records import refusals_are_final
from domain.contracts import Actor
from domain.overriding.rules import (
    OverrideNote,
    OverrideOrder,
    OverrideStatus,
    OverrideStep,
)
from domain.transitions import ScanOutcome, Transition


class OverrideActivities:
    """Looks at the people of an override, writes down how far it is, and sends it to its delivery."""

    def __init__(self, overrides: Overrides, deliveries: OverriddenDeliveries) -> None:
        self._overrides, self._deliveries = overrides, deliveries

    @property
    def all(self) -> list[Callable[..., Any]]:
        """Every activity, for the worker."""
        return [
            self.look_at_people,
            self.note_override,
            self.send_override,
            self.report_overrides,
        ]

    @activity.defn
    async def look_at_people(self, order: OverrideOrder, actor: Actor) -> OverridePeople:
        """Return who has a part in an override, and whose accounts belong together."""
        return await self._overrides.people(order, actor)

    @activity.defn
    async def note_override(self, note: OverrideNote) -> OverrideStatus:
        """Write down how far an override is, and return where it stands then."""
        with refusals_are_final():
            return await self._overrides.note(note)

    @activity.defn
    async def send_override(self, step: OverrideStep) -> str:
        """Have the delivery take it; return the code of its refusal, empty when it was taken."""
        return await self._deliveries.override(step)

    @activity.defn
    async def report_overrides(self) -> int:
        """Report the overrides of the last week; return how many there were."""
        return await self._overrides.report()


class OverrideRecords:
    """What the delivery's own workflow writes of an override, as a local activity."""

    def __init__(self, overrides: Overrides) -> None:
        self._overrides = overrides

    @activity.defn
    async def apply_override(self, step: OverrideStep, transition: Transition) -> ScanOutcome:
        """Use the step's code up and write its transition, or say why it is refused."""
        with refusals_are_final():
            return await self._overrides.apply(step, transition)
