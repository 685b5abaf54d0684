"""Compares how every delivery ended with what it should have come to; names each violation."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from temporalio.client import Client, WorkflowExecutionStatus

from domain.ids import DeliveryId, delivery_workflow_id
from infra.database.invariants import check_invariants
from tests.chaos import movements as moved
from tests.chaos.codes import Codes, look_at_codes
from tests.chaos.movements import Movements, MovementsOf
from tests.chaos.people import Ending
from tests.chaos.platform import Platform, look_at_platform
from tests.chaos.stories import EXITS, LATE_EXITS, OVERDUE_EXIT
from tests.chaos.world import World

CLOSES_WITHIN_S = 30
"""A workflow ends a moment after its delivery is closed; its worker may have just come back."""


@dataclass(frozen=True)
class Books:
    """The movements of all deliveries, as four sides tell them."""

    expected: Movements
    provider: Movements
    operations: Movements
    ledger: Movements


@dataclass(frozen=True)
class Findings:
    """What the checks found."""

    books: Books
    platform: Platform
    codes: Codes
    invariants: str
    """How many deliveries the invariants were checked for, and which of them are broken."""
    violations: list[str] = field(default_factory=list)


async def check_everything(world: World, temporal: Client, endings: Sequence[Ending]) -> Findings:
    """Compare everything; the stack must be up and every delivery over."""
    violations = [named(ending, problem) for ending in endings for problem in problems_of(ending)]
    books, differing = await _compare_books(world, endings)
    known = {ending.delivery_id for ending in endings}
    platform, codes = await look_at_platform(world, known), await look_at_codes(world)
    unfinished = [await _workflow_problems(temporal, ending) for ending in endings]
    report = await check_invariants(world.engine)
    violations += [*differing, *platform.problems, *(p for each in unfinished for p in each)]
    violations += [*codes.problems, *map(str, report.violations)]
    broken = sorted({violation.invariant for violation in report.violations})
    held = f"broken: {', '.join(broken)}" if broken else "I1 to I8 hold"
    return Findings(books, platform, codes, f"{report.deliveries} deliveries, {held}", violations)


def problems_of(ending: Ending) -> list[str]:
    """Return what people met with, and an exit that the story does not allow."""
    story = ending.play.story
    allowed = EXITS[story]
    if ending.is_overtaken:
        allowed |= LATE_EXITS.get(story, frozenset())
    if ending.is_overdue:
        allowed = frozenset({OVERDUE_EXIT})
    if ending.status in allowed:
        return ending.faults
    return [*ending.faults, f"it ended {ending.status}, not {' or '.join(sorted(allowed))}"]


def differences(should: Movements, seen: Movements, where: str) -> list[str]:
    """Return what some books lack, and what they hold twice or for no reason."""
    return [
        *(f"{where} lacks {each}" for each in _each(should - seen)),
        *(f"{where} has {each} too many" for each in _each(seen - should)),
    ]


def _each(movements: Movements) -> Iterable[str]:
    return (f"{count} x {kind} of {amount}" for (kind, amount), count in movements.items())


async def _compare_books(world: World, endings: Sequence[Ending]) -> tuple[Books, list[str]]:
    async with world.engine.connect() as connection:
        ledger = await moved.in_ledger(connection)
        operations = await moved.in_operations(connection)
    provider = await moved.at_provider(world.provider)
    problems: list[str] = []
    total: Movements = Counter()
    for ending in endings:
        should, nothing = moved.expected(ending), Movements()
        asked, key = moved.without_fees(should), ending.delivery_id
        found = [
            *differences(asked, provider.get(key, nothing), "the provider"),
            *differences(asked, operations.get(key, nothing), "the list of operations"),
            *differences(should, ledger.get(key, nothing), "the ledger"),
        ]
        problems += [named(ending, problem) for problem in found]
        total += should
    strangers = {*provider, *ledger, *operations} - {ending.delivery_id for ending in endings}
    problems += [f"{key}: money moved for a delivery that nobody opened" for key in strangers]
    return Books(total, _sum(provider), _sum(operations), _sum(ledger)), problems


async def _workflow_problems(temporal: Client, ending: Ending) -> list[str]:
    """Return what is wrong with the workflow of a delivery: it must have completed by itself."""
    if not ending.is_closed or not ending.delivery_id:
        return []
    handle = temporal.get_workflow_handle(delivery_workflow_id(DeliveryId(ending.delivery_id)))
    status = None
    try:
        async with asyncio.timeout(CLOSES_WITHIN_S):
            while status is not WorkflowExecutionStatus.COMPLETED:
                status = (await handle.describe()).status
                await asyncio.sleep(0.05)
    except TimeoutError:
        return [named(ending, f"its workflow is {status.name if status else 'gone'}")]
    return []


def named(ending: Ending, problem: str) -> str:
    """Return a violation with the delivery that it concerns."""
    return f"{ending.delivery_id} ({ending.play.number}: {ending.play.story}): {problem}"


def _sum(movements: MovementsOf) -> Movements:
    return sum(movements.values(), Movements())
