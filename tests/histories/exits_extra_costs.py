"""The ways in which a request for extra costs can end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from domain.contracts import CodePurpose
from tests.workflows.play import Play
from tests.workflows.test_extra_costs import agree, answer, asked

Handle = WorkflowHandle[Any, Any]


async def _ended(play: Play, update: str) -> Handle:
    during, order = await asked(play)
    await answer(during, order, update, "pm_sandbox_ok")
    await during.over(order)
    return during.handle(order)


async def paid(play: Play) -> Handle:
    during, order = await asked(play)
    await agree(during, order)
    await during.over(order)
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()
    await play.closed()
    return during.handle(order)


async def refused(play: Play) -> Handle:
    return await _ended(play, "refuse")


async def taken_back(play: Play) -> Handle:
    return await _ended(play, "take_back")


async def unanswered(play: Play) -> Handle:
    during, order = await asked(play)
    await play.pass_time(timedelta(days=1, minutes=1), during.handle(order))
    await during.over(order)
    return during.handle(order)


EXTRA_COST_EXITS: Mapping[str, Callable[[Play], Awaitable[Handle]]] = {
    "correction-extra-cost": paid,
    "correction-extra-cost-refused": refused,
    "correction-extra-cost-taken-back": taken_back,
    "correction-extra-cost-unanswered": unanswered,
}
"""By the name of the history that is kept of it."""
