"""A clock that a test moves forward, and the things that fall due as it moves."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

DAY_S = 86_400
"""Seconds in a day."""


class MovableClock:
    """Seconds since the epoch: the wall clock plus what a test has added, or a fixed start."""

    def __init__(self, start: float | None = None) -> None:
        """Follow the wall clock, or stand still at `start` until it is moved."""
        self._start = start
        self._added_s = 0.0

    def now(self) -> int:
        """Return whole seconds since the epoch, as Stripe counts time."""
        base = time.time() if self._start is None else self._start
        return int(base + self._added_s)

    def move(self, seconds: float) -> None:
        """Move forward; time never runs backwards."""
        if seconds < 0:
            message = "the clock only moves forward"
            raise ValueError(message)
        self._added_s += seconds


@dataclass(order=True, slots=True)
class _Appointment:
    due_at: int
    order: int
    action: Callable[[], object] = field(compare=False)


class Agenda:
    """What happens later by itself: expiries, settlements, deadlines of banks."""

    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock
        self._appointments: list[_Appointment] = []
        self._made = 0

    def put(self, due_at: int, action: Callable[[], object]) -> None:
        """Have the action run at the first look at the clock from `due_at` on."""
        self._made += 1
        self._appointments.append(_Appointment(due_at, self._made, action))

    def move(self, seconds: float) -> None:
        """Move the clock, stopping at every appointment on the way so that each runs at its time."""
        target = self._clock.now() + int(seconds)
        while stops := [each.due_at for each in self._appointments if each.due_at <= target]:
            self._clock.move(max(0, min(stops) - self._clock.now()))
            self.run_due()
        self._clock.move(max(0, target - self._clock.now()))

    def run_due(self) -> None:
        """Run everything that has fallen due, in the order of its time."""
        while due := [each for each in self._appointments if each.due_at <= self._clock.now()]:
            appointment = min(due)
            self._appointments.remove(appointment)
            appointment.action()
