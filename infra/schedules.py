"""Workflows that Temporal starts by itself, again and again."""

from __future__ import annotations

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

OFFSET = timedelta(minutes=17)
"""Runs begin a while after the full hour, when everybody else's do."""


async def keep_schedule(
    client: Client,
    schedule_id: str,
    action: ScheduleActionStartWorkflow,
    *,
    every: timedelta,
    catch_up: timedelta,
) -> None:
    """Have a workflow started at an interval; one that is due while another runs is left out.

    Idempotency: a schedule that is there is brought up to date, and stays paused if it was.
    """
    spec = ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every, offset=OFFSET % every)])
    policy = SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=catch_up)
    schedule = Schedule(action=action, spec=spec, policy=policy)

    def renewed(known: ScheduleUpdateInput) -> ScheduleUpdate:
        schedule.state = known.description.schedule.state
        return ScheduleUpdate(schedule)

    try:
        await client.create_schedule(schedule_id, schedule)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(schedule_id).update(renewed)
