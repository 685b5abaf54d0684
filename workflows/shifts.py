"""What the workflows that never end have in common: one shift after the other, whatever happens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

HEARTBEAT_S_MAX = 15
"""A worker that is silent for this long is lost; another one takes the shift over."""
SHIFT_S_MORE = 120
"""What a shift may take beyond its length: what is under way is brought to its end."""
PAUSE_S = 30
"""Pause after a shift that failed for good."""

RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))
"""A shift is tried for ever: what it could not settle waits in the database."""

Report = TypeVar("Report")


class Shift(Protocol):
    """Input of an activity that works for a while."""

    @property
    def length_s(self) -> int:
        """How long it works, in seconds."""
        ...


async def work_shift(
    activity: Callable[[Any, Any], Awaitable[Report]], shift: Shift, queue: str, summary: str
) -> Report | None:
    """Work one shift and return its report, or none when it failed for good, after a pause.

    Raises:
        ActivityError: the workflow was cancelled.
    """
    try:
        report: Report = await workflow.execute_activity_method(
            activity,
            shift,
            task_queue=queue,
            start_to_close_timeout=timedelta(seconds=shift.length_s + SHIFT_S_MORE),
            heartbeat_timeout=timedelta(seconds=HEARTBEAT_S_MAX),
            retry_policy=RETRY,
            summary=f"{summary} for {shift.length_s // 60} minutes",
        )
    except ActivityError as failure:
        if is_cancelled_exception(failure):
            raise
        await workflow.sleep(PAUSE_S, summary="pause after a shift that failed")
        return None
    return report


def show_totals(intro: str, heading: str, rows: Sequence[tuple[str, int]]) -> None:
    """Show the counts up to the last shift as the current details."""
    lines = [f"| {name} | {value} |" for name, value in rows]
    table = "\n".join([f"| {heading}, up to the last shift | |", "|---|---|", *lines])
    workflow.set_current_details(f"{intro}\n\n{table}")
