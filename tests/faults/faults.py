"""What goes wrong at one step of one delivery, exactly where the step's activity passes its ports."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)

from activities.payment_ports import OutcomeUnknown, ProviderRefused
from tests.activities.saga_rows import CRASHES, Interruption

MOVES = frozenset(
    {"charge", "authorise", "save_method", "capture", "void", "refund"}
    | {"transfer", "reverse", "pay_out"}
)
"""Calls of the provider that change something there; all others only read."""


class Fault(StrEnum):
    """What goes wrong."""

    FAILS = "fails"
    """The provider refuses it until somebody looks."""
    REPEATED = "is repeated"
    """It is carried out once more although it has succeeded."""
    TIMES_OUT = "times out after success"
    """The provider does it, and its answer is lost."""
    UNDO_FAILS = "its undo fails and is repeated"
    """Nobody learns what became of it, and the way back is refused first, then carried out twice."""
    CANCELLED = "cancelled there"
    """Somebody requests the cancellation of the workflow while it is under way."""
    KILLED_BEFORE = "killed before the call"
    KILLED_AFTER = "killed after the call"
    KILLED_BOOKED = "killed after the booking"


_DIES_AT = {
    Fault.KILLED_BEFORE: CRASHES[Interruption.CRASH_BEFORE_THE_CALL],
    Fault.KILLED_AFTER: CRASHES[Interruption.CRASH_AFTER_THE_CALL],
    Fault.KILLED_BOOKED: CRASHES[Interruption.CRASH_AFTER_THE_COMMIT],
}
LEADS_ASTRAY = frozenset({Fault.CANCELLED, Fault.UNDO_FAILS})
"""After these a delivery need not end as it would have ended."""


@dataclass
class Plan:
    """One fault at one step of one delivery."""

    fault: Fault
    do: str
    """Name of the step's activity."""
    undo: str = ""
    """Name of the activity that takes it back, for a fault of that one."""
    is_mended: bool = False
    """Somebody has looked: the provider does from now on what it is asked for."""
    struck: asyncio.Event = field(default_factory=asyncio.Event)
    """Set as soon as the fault has had its effect."""
    _undo_refused: bool = False

    def meet(self, name: str, side: str) -> bool:
        """Meet one crossing of a port; return whether the process ends there.

        Raises:
            ProviderRefused: the provider refuses.
            OutcomeUnknown: its answer is lost.
        """
        running = activity.info().activity_type
        if running == self.undo and self.fault is Fault.UNDO_FAILS:
            self._meet_undo(name, side)
        return running == self.do and self._meet_do(name, side)

    def _meet_do(self, name: str, side: str) -> bool:
        if self.fault in _DIES_AT:
            return (name, side) == _DIES_AT[self.fault] and self._strike()
        if name not in MOVES or self.is_mended:
            return False
        if self.fault is Fault.FAILS and side == "before":
            self.struck.set()
            raise ProviderRefused("It refuses until somebody looks.")
        if self.fault is Fault.UNDO_FAILS and side == "after":
            self.struck.set()
            raise OutcomeUnknown("Its answer never comes.")
        if self.fault is Fault.TIMES_OUT and side == "after" and self._strike():
            raise OutcomeUnknown("Its answer is lost.")
        return False

    def _meet_undo(self, name: str, side: str) -> None:
        if name in MOVES and side == "before" and not self._undo_refused:
            self._undo_refused = True
            raise ProviderRefused("It refuses to take it back at first.")

    def _strike(self) -> bool:
        """Have the effect, unless it was had before."""
        was_struck = self.struck.is_set()
        self.struck.set()
        return not was_struck


class Faults(Interceptor):
    """Every plan in play, by its delivery."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.plans: dict[str, Plan] = {}

    def strikes(self, name: str, side: str, arguments: tuple[Any, ...]) -> bool:
        """Tell whether the worker's process ends at this crossing of a port."""
        plan = self.plans.get(delivery_of(arguments))
        return plan is not None and activity.in_activity() and plan.meet(name, side)

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 -- The name is the library's.
        """Stand between Temporal and every activity."""
        return _Between(next, self)


class _Between(ActivityInboundInterceptor):
    """Cancels workflows while an activity is under way, and repeats activities."""

    def __init__(self, following: ActivityInboundInterceptor, faults: Faults) -> None:
        super().__init__(following)
        self._faults = faults

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        """Carry an activity out, with what its plan has in mind."""
        plan, info = self._faults.plans.get(delivery_of(input.args)), activity.info()
        if plan is None or info.activity_type not in (plan.do, plan.undo):
            return await super().execute_activity(input)
        if plan.fault is Fault.CANCELLED and not plan.struck.is_set():
            assert info.workflow_id is not None
            await self._faults.client.get_workflow_handle(info.workflow_id).cancel()
            plan.struck.set()
        answer = await super().execute_activity(input)
        if _is_repeated(plan, info.activity_type):
            plan.struck.set()
            return await super().execute_activity(input)
        return answer


def _is_repeated(plan: Plan, running: str) -> bool:
    is_undo = plan.fault is Fault.UNDO_FAILS and running == plan.undo
    return is_undo or (plan.fault is Fault.REPEATED and running == plan.do)


def delivery_of(arguments: Any) -> str:
    """Return the delivery that a call concerns; nothing where it concerns none."""
    for argument in arguments:
        if found := getattr(argument, "delivery_id", ""):
            return str(found)
        if found := getattr(argument, "operation_id", ""):
            return str(found).partition(":")[0]
    return ""
