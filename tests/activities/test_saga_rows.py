"""Every row of the saga table, interrupted in every way: one effect at Stripe, a balanced ledger.

What moved is read from the stand-in's own view; the activities, the write-ahead log, the ledger and
the adapter are the real ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

import pytest
from temporalio.exceptions import ApplicationError

from activities.operation_ports import PaymentOperations
from activities.payments import PaymentActivities
from domain.errors import Refusal
from domain.transitions import MoneyCommand, PaymentOutcome
from infra.database.operations import DatabaseOperations
from tests.activities.at_stripe import Activity, AtStripe, at_stripe, driven, require_sound
from tests.activities.money_path import MoneyPath
from tests.activities.saga_rows import CRASHES, FAULTS, LINES, Interruption, Line, shown
from tests.agreement import booked_of, require_every_prefix_sound, require_same_money
from tests.crashing import Crash, Mortal
from tests.stripe_stand_in import Fault
from workflows.steps import STEPS, PaymentActivity, Step

SUCCEEDED = PaymentOutcome.SUCCEEDED


@dataclass(frozen=True)
class Cell:
    """One row of the saga table, reached in one way and interrupted in one way."""

    step: Step
    line: Line
    interruption: Interruption

    def __str__(self) -> str:
        return f"{self.step.name}-{self.line.begin.__name__}-{self.interruption}"


CELLS = [
    Cell(step, line, interruption)
    for step in STEPS
    for line in LINES.get(step.name, ())
    for interruption in Interruption
]


@pytest.fixture(scope="module")
async def stage(operations: DatabaseOperations) -> AsyncIterator[AtStripe]:
    async with at_stripe(operations) as stage:
        yield stage


@dataclass
class Process:
    """The worker's process: it dies once, where the interruption says, and is started again."""

    stage: AtStripe
    operations: DatabaseOperations
    interruption: Interruption
    died: bool = False

    def activity(self, action: PaymentActivity) -> Activity:
        mortal = Mortal(self.operations, self._dies)
        payments = PaymentActivities(self.stage.provider, cast("PaymentOperations", mortal))
        return cast("Activity", getattr(payments, cast("Any", action).__name__))

    async def run(
        self, action: PaymentActivity, command: MoneyCommand, line: Line
    ) -> PaymentOutcome:
        """Run an activity to its end, interrupted on the way."""
        activity = self.activity(action)
        self.plan_fault(line)
        if self.interruption is Interruption.RUN_TWICE:
            await driven(activity, command)
        if self.interruption is Interruption.RUN_TWICE_AT_ONCE:
            await asyncio.gather(driven(activity, command), driven(activity, command))
        if self.interruption is Interruption.RUN_AGAIN_WHILE_SLOW and line.route is not None:
            await self._run_again_while_slow(activity, command, line.route)
        return (await driven(activity, command)).outcome

    def plan_fault(self, line: Line) -> None:
        if line.route is not None and self.interruption in FAULTS:
            self.stage.stand_in.faults.put(line.route, FAULTS[self.interruption])

    async def _run_again_while_slow(
        self, activity: Activity, command: MoneyCommand, route: str
    ) -> None:
        gate = asyncio.Event()
        slow = self.stage.stand_in.faults.put(route, Fault.SLOW, gate=gate)
        first = asyncio.create_task(driven(activity, command))
        await slow.reached.wait()
        with suppress(ApplicationError):
            # Where the call has no key, the second one is not refused while the first is slow.
            await activity(command)
        gate.set()
        assert (await first).outcome is SUCCEEDED

    def _dies(self, name: str, side: str, _: tuple[Any, ...]) -> bool:
        if self.died or CRASHES.get(self.interruption) != (name, side):
            return False
        self.died = True
        return True


def test_every_row_has_its_lines_and_no_line_is_without_a_row() -> None:
    assert set(LINES) == {step.name for step in STEPS}, "Give each row a line in saga_rows.py."
    actions = {step.do for step in STEPS}
    assert {step.undo for step in STEPS if step.undo is not None} <= actions
    with_way_back = {name for name, lines in LINES.items() if any(line.take_back for line in lines)}
    assert with_way_back == {step.name for step in STEPS if step.undo is not None}


@pytest.mark.parametrize("cell", CELLS, ids=str)
async def test_an_interrupted_step_has_one_effect(
    path: MoneyPath, stage: AtStripe, operations: DatabaseOperations, cell: Cell
) -> None:
    step, line, interruption = cell.step, cell.line, cell.interruption
    command = await line.begin(path, stage)
    process = Process(stage, operations, interruption)
    assert await process.run(step.do, command, line) is SUCCEEDED
    assert process.died == (interruption in CRASHES)
    assert not stage.stand_in.faults.open
    assert shown(path, stage) == line.after
    await require_agreement(path, stage)
    again = await process.activity(step.do)(command)
    assert again.outcome is SUCCEEDED
    assert shown(path, stage) == line.after


@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell.line.take_back], ids=str)
async def test_the_way_back_of_an_interrupted_step_leaves_nothing_behind(
    path: MoneyPath, stage: AtStripe, operations: DatabaseOperations, cell: Cell
) -> None:
    command = await cell.line.begin(path, stage)
    process = Process(stage, operations, cell.interruption)
    process.plan_fault(cell.line)
    try:
        await process.activity(cell.step.do)(command)
    except (Crash, ApplicationError):
        await take_back(path, process, cell, command)
    else:
        assert shown(path, stage) == cell.line.after
    stage.stand_in.faults.clear()
    await require_agreement(path, stage)


async def take_back(path: MoneyPath, process: Process, cell: Cell, command: MoneyCommand) -> None:
    """Undo a step whose outcome nobody heard; only what was booked by then stands."""
    try:
        assert cell.line.take_back is not None
        void = await cell.line.take_back(path, command)
    except Refusal:
        assert cell.interruption is Interruption.CRASH_AFTER_THE_COMMIT
        assert shown(path, process.stage) == cell.line.after
        return
    assert cell.step.undo is not None
    undone = await driven(process.activity(cell.step.undo), void)
    assert undone.outcome is SUCCEEDED
    left = shown(path, process.stage)
    assert (left.captured - left.refunded, left.authorised, left.saved) == (0, 0, 0)


async def require_agreement(path: MoneyPath, stage: AtStripe) -> None:
    """Check that our books are in order and say what Stripe's say."""
    async with path.engine.connect() as connection:
        booked = await booked_of(connection, [path.delivery_id])
    require_every_prefix_sound(booked)
    require_same_money(booked, stage.moved(path), "EUR")
    await require_sound(path)
