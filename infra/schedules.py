"""Workflows that Temporal starts by itself, again and again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from domain.visibility import TaskQueue

OFFSET = timedelta(minutes=17)
"""Runs begin a while after the full hour, when everybody else's do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A workflow without input that is to run again and again."""

    workflow: str
    """Its type."""
    round_id: str
    """Id of the schedule and start of the ids of its runs."""
    summary: str
    """What it does, for the Web UI."""
    every_s: int
    """From one start to the next."""
    catch_up_s: int
    """How late a start may be made up for."""
    run_s_max: int
    """Longest that one run may take."""


async def keep_schedule(client: Client, kept: Round) -> None:
    """Have a workflow started at an interval; one that is due while another runs is left out.

    Idempotency: a schedule that is there is brought up to date, and stays paused if it was.
    """
    every = timedelta(seconds=kept.every_s)
    action = ScheduleActionStartWorkflow(
        kept.workflow,
        id=kept.round_id,
        task_queue=TaskQueue.SAGAS,
        execution_timeout=timedelta(seconds=kept.run_s_max),
        static_summary=kept.summary,
    )
    spec = ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every, offset=OFFSET % every)])
    policy = SchedulePolicy(
        overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(seconds=kept.catch_up_s)
    )
    schedule = Schedule(action=action, spec=spec, policy=policy)

    def renewed(known: ScheduleUpdateInput) -> ScheduleUpdate:
        schedule.state = known.description.schedule.state
        return ScheduleUpdate(schedule)

    try:
        await client.create_schedule(kept.round_id, schedule)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(kept.round_id).update(renewed)
