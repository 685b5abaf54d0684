"""Plays one cell of the harness: an exit with one fault at one of its steps."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from temporalio.service import RPCError

from domain.policies import Policies
from tests.faults.faults import Plan
from tests.faults.hands import Hands
from tests.faults.installation import Installation
from tests.faults.rows import EXITS, Cell
from tests.faults.slate import left_behind
from tests.histories.other_exits import OTHER_EXITS
from tests.workflows.play import Play

CELL_S_MAX = 90
"""Longest time for one play: three times what the slowest takes on a busy machine."""


@dataclass
class Outcome:
    """What a cell came to."""

    problems: list[str]
    """What was left behind; nothing is the answer to hope for."""
    was_struck: bool
    """The fault had its effect: an exit may ask for a step that is then not carried out."""


async def outcome_of(installation: Installation, cell: Cell) -> Outcome:
    """Play a cell and return what is wrong in the end, each with the cell's name."""
    plan = Plan(cell.fault, cell.row.do, cell.row.undo)
    exit_ = EXITS.get(cell.exit)
    play = await installation.play(exit_.policies if exit_ else Policies(), plan)
    if exit_ is not None:
        play = exit_.staged(play)
    hands = Hands(play, plan)
    looking = asyncio.create_task(hands.look_after())
    try:
        async with asyncio.timeout(CELL_S_MAX):
            found = await _played(installation, cell, play, plan, hands)
            found += await left_behind(play, installation.provider)
    except Exception as failure:  # noqa: BLE001 -- The cell must be named, whatever it is.
        standing = await play.standing()
        found = [f"{type(failure).__name__} {failure} while it is {standing['status']}"]
    finally:
        looking.cancel()
    if cell.exit == cell.row.exit and not plan.struck.is_set():
        found.append("the fault had no effect: the step was not carried out")
    return Outcome([f"{cell}: {problem}" for problem in found], plan.struck.is_set())


async def _played(
    installation: Installation, cell: Cell, play: Play, plan: Plan, hands: Hands
) -> list[str]:
    other = OTHER_EXITS.get(cell.exit)
    if other is not None:
        await other(play)
        return []
    exit_ = EXITS[cell.exit]
    playing = asyncio.ensure_future(exit_.play(play, installation.provider))
    if cell.leads_astray:
        await _until_struck(playing, plan)
        await hands.close()
        await _left(playing)
        return []
    # A command whose answer is lost is no fault: what counts is where the delivery ends.
    with suppress(RPCError):
        await playing
    closed = await play.closed()
    return [] if closed is exit_.closes else [f"it closed as {closed}, not as {exit_.closes}"]


async def _until_struck(playing: asyncio.Future[None], plan: Plan) -> None:
    """Play until the fault has had its effect: what follows is no more what people had in mind."""
    striking = asyncio.create_task(plan.struck.wait())
    either: set[asyncio.Future[Any]] = {playing, striking}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    striking.cancel()


async def _left(playing: asyncio.Future[None]) -> None:
    """Stop playing an exit: what it waits for may not come any more."""
    playing.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await playing
