"""Every step of every saga, and the exits by which it is reached: one row per step."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from domain.policies import VerdictOutcome
from domain.status import DeliveryStatus
from infra.payments.sandbox import SandboxProvider
from tests.evolution.orders import kept_order, names
from tests.faults.faults import LEADS_ASTRAY, Fault
from tests.histories.exits import Exit
from tests.histories.other_exits import OTHER_EXITS
from tests.histories.record import KEPT
from tests.workflows.play import Play
from workflows.chargebacks.money import STEPS as CHARGEBACK_STEPS
from workflows.chargebacks.money import LateStep as ChargebackStep
from workflows.correction_steps import LATE_STEPS, LateStep
from workflows.steps import STEPS, OnFailure, Step

PLAYS_ALL = os.environ.get("FAULTS") == "all"
BY_HAND = "by-hand"
PARKING = "timer attention"
"""What tells of an exit with a parked step: it brings its own hands for it."""


@dataclass(frozen=True)
class Row:
    """One step with the exit at which every fault is tried at it."""

    step: Step | LateStep | ChargebackStep
    saga: str
    """Type of the workflow that takes it."""
    exit: str

    def __str__(self) -> str:
        return f"{self.saga}-{self.step.name}"

    @property
    def do(self) -> str:
        """Name of its activity."""
        return self.step.do.__name__

    @property
    def undo(self) -> str:
        """Name of the activity that takes it back; nothing where there is none."""
        back = self.step.undo if isinstance(self.step, Step) else None
        return back.__name__ if back is not None else ""

    @property
    def compensates(self) -> bool:
        """Whether its failure leads to another exit instead of a person."""
        return isinstance(self.step, Step) and self.step.on_failure is OnFailure.COMPENSATE


@dataclass(frozen=True)
class Cell:
    """One fault at one step of one exit."""

    row: Row
    exit: str
    """Name of the exit's history."""
    fault: Fault

    def __str__(self) -> str:
        return f"{self.exit}: {self.row.step.name} {self.fault}"

    @property
    def leads_astray(self) -> bool:
        """Whether the delivery need not end as it would have ended."""
        fails = self.fault is Fault.FAILS and self.row.compensates
        return fails or self.fault in LEADS_ASTRAY


async def completed(play: Play, provider: SandboxProvider) -> None:
    await play.delivered()
    await play.confirm()


async def cancelled(play: Play, provider: SandboxProvider) -> None:
    await play.held()
    await play.cancel()


async def settled(play: Play, provider: SandboxProvider) -> None:
    await play.delivered()
    await play.dispute()
    await play.decide(VerdictOutcome.SPLIT, 1_200)


EXITS: Mapping[str, Exit] = {
    "delivery-completed": Exit(completed, DeliveryStatus.COMPLETED),
    "delivery-cancelled": Exit(cancelled, DeliveryStatus.CANCELLED),
    "delivery-settled": Exit(settled, DeliveryStatus.SETTLED),
    **{f"delivery-{name}": each for name, each in KEPT.items()},
}
"""Every exit of a delivery, by the name of its history."""

_MAIN: Mapping[str, str] = {
    "hold_funds": "delivery-completed",
    "authorise_funds": "delivery-reserved",
    "save_method": "delivery-saved",
    "void_hold": "delivery-reserved-and-cancelled",
    "capture_funds": "delivery-reserved",
    "refund_funds": "delivery-settled",
    "release_funds": "delivery-completed",
    "release_compensation": "delivery-cancelled-late",
    "net_dues": "delivery-netted",
    "return_surplus": "delivery-surplus-returned",
    "pay_out": "delivery-settled",
    "release_giver_share": "delivery-relayed",
    "pay_out_giver": "delivery-relayed",
    "refund_goodwill": "correction-goodwill-of-traveler",
    "reverse_transfer": "correction-goodwill-of-traveler",
    "compensate_traveler": "correction-compensation",
    "charge_tip": "correction-tip",
    "void_tip": "correction-tip-unsettled",
    "send_tip": "correction-tip",
    "pay_out_extra": "correction-compensation",
    "refund_again": "undone-refunded-again",
    "pay_out_again": "undone-paid-out-again",
}
"""The row of each step: the exit at which every fault is tried at it."""

_OF_CHARGEBACKS: Mapping[str, str] = {
    "recall_transfer": "chargeback-won",
    "release_again": "chargeback-won",
    "pay_out_again": "chargeback-won-and-paid-out",
}
"""The same for the steps of a chargeback, of which one is named like a step of a correction."""
_REFUSED_AT: Mapping[str, str] = {"recall_transfer": "chargeback-lost"}
"""Where a refusal is an answer and leads elsewhere, the exit at which it is tried."""


def rows() -> Sequence[Row]:
    """Return one row per step; a step without one is missing here."""
    found = [Row(step, "delivery", _MAIN[step.name]) for step in STEPS if step.name in _MAIN]
    for late in LATE_STEPS:
        if late.name in _MAIN:
            exit_ = _MAIN[late.name]
            found.append(Row(late, exit_.partition("-")[0], exit_))
    found += [
        Row(step, "chargeback", _OF_CHARGEBACKS[step.name])
        for step in CHARGEBACK_STEPS
        if step.name in _OF_CHARGEBACKS
    ]
    return found


def uncovered() -> set[str]:
    """Return the steps that no row or no exit covers."""
    steps: set[Step | LateStep | ChargebackStep] = {*STEPS, *LATE_STEPS, *CHARGEBACK_STEPS}
    covered = {row.step for row in rows() if row.exit in exits_of(row)}
    return {step.name for step in steps - covered}


@cache
def exits_of(row: Row) -> Sequence[str]:
    """Return the exits of a saga that take a step, by the orders of commands that are kept."""
    return [
        name
        for name in names()
        if name.startswith(f"{row.saga}-")
        and f"activity {row.do}" in kept_order(name)
        and (name in EXITS or name in OTHER_EXITS)
    ]


def cells_of(row: Row) -> Iterator[Cell]:
    """Return every fault at the row's own exit, and what other exits add to that.

    Each other exit adds one fault at one of its steps, both in turn: enough to find an exit that minds
    faults at all. With `FAULTS=all` in the environment it adds every fault at each of its steps.
    """
    faults = [fault for fault in Fault if fault is not Fault.UNDO_FAILS or row.undo]
    for fault in faults:
        is_answer = fault is Fault.FAILS and row.step.name in _REFUSED_AT
        yield Cell(row, _REFUSED_AT[row.step.name] if is_answer else row.exit, fault)
    for turn, name in enumerate(names()):
        has_hands = BY_HAND in name or PARKING in kept_order(name)
        if name == row.exit or has_hands or name not in exits_of(row):
            continue
        if PLAYS_ALL:
            yield from (Cell(row, name, fault) for fault in faults)
        elif _row_in_turn(name, turn) == row:
            yield Cell(row, name, faults[turn % len(faults)])


@cache
def _row_in_turn(name: str, turn: int) -> Row:
    taken = [row for row in rows() if name in exits_of(row)]
    return taken[turn % len(taken)]
