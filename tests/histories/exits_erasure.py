"""The ways in which a request to be erased can end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from tests.waiting import until
from tests.workflows.erasing import WEEK, Erasing
from tests.workflows.play import Play

Handle = WorkflowHandle[Any, Any]


async def erased_after_waiting(play: Play) -> Handle:
    await play.open()
    erasing = Erasing(play)
    await erasing.ask()
    await play.pass_time(WEEK, erasing.handle)
    await until(erasing.is_waiting)
    await play.cancel()
    await play.closed()
    await play.pass_time(timedelta(hours=2), erasing.handle)
    await erasing.handle.result()
    return erasing.handle


async def withdrawn(play: Play) -> Handle:
    await play.open()
    erasing = Erasing(play)
    await erasing.ask()
    await erasing.withdraw()
    await erasing.handle.result()
    return erasing.handle


ERASURE_EXITS: Mapping[str, Callable[[Play], Awaitable[Handle]]] = {
    "erasure-erased": erased_after_waiting,
    "erasure-withdrawn": withdrawn,
}
