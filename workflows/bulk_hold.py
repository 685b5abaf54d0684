"""One bulk order: freezes or resumes every open delivery that a filter finds, at a bounded rate."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

from workflows.money import failure_code

with workflow.unsafe.imports_passed_through():
    from activities.bulk_holding import BulkHoldActivities
    from domain.holds.bulk import (
        PAGES_PER_RUN,
        BulkOrder,
        BulkPage,
        BulkStep,
        BulkTotals,
        bulk_details,
    )
    from domain.page_links import linked
    from domain.visibility import TaskQueue

HEARTBEAT_S_MAX = 30
"""A worker that is silent for this long is lost; another one takes the step over."""
STEP_S_MAX = 600
"""One try of a step: each delivery answers within seconds."""

_RETRY = RetryPolicy(maximum_interval=timedelta(minutes=1))
"""A step is tried for ever: deliveries that cannot answer are counted, not waited for."""

Result = TypeVar("Result")


@workflow.defn(name="bulk-hold")
class BulkHoldWorkflow:
    """Freezes or resumes many deliveries; *Request Cancellation* ends it after the present step."""

    @workflow.init
    def __init__(self, order: BulkOrder) -> None:
        self.order = order
        self.totals = order.totals

    @workflow.run
    async def run(self, order: BulkOrder) -> BulkTotals:
        """Return what became of the deliveries."""
        try:
            if not order.cursor:
                await self._count()
            for _ in range(PAGES_PER_RUN):
                if not await self._page():
                    return self._ended("done")
        except asyncio.CancelledError:
            return self._ended("stopped")
        except ActivityError as failure:
            is_stopped = is_cancelled_exception(failure)
            return self._ended("stopped" if is_stopped else f"ended: {failure_code(failure)}")
        return workflow.continue_as_new(replace(self.order, totals=self.totals))

    async def _count(self) -> None:
        found = await self._do(BulkHoldActivities.count_deliveries, self.order, "count them")
        self.order = replace(self.order, found=found)

    async def _page(self) -> bool:
        """Work the next part off and pause as the rate asks; return whether there is more."""
        page: BulkPage = await self._do(
            BulkHoldActivities.list_deliveries, self.order, "list the next ones"
        )
        if page.deliveries:
            count = len(page.deliveries)
            step = BulkStep(self.order, page.deliveries)
            self.totals += await self._do(
                BulkHoldActivities.change_deliveries, step, f"{self.order.action} {count}"
            )
        self.order = replace(self.order, cursor=page.cursor)
        self._show("under way")
        if page.cursor:
            pause_s = 60 * len(page.deliveries) / self.order.per_minute
            await workflow.sleep(pause_s, summary="keep the rate")
        return bool(page.cursor)

    async def _do(
        self, do: Callable[[Any, Any], Awaitable[Result]], argument: Any, summary: str
    ) -> Result:
        return await workflow.execute_activity_method(
            do,
            argument,
            task_queue=TaskQueue.WEBHOOKS,
            start_to_close_timeout=timedelta(seconds=STEP_S_MAX),
            heartbeat_timeout=timedelta(seconds=HEARTBEAT_S_MAX),
            retry_policy=_RETRY,
            summary=summary,
        )

    def _ended(self, state: str) -> BulkTotals:
        self._show(state)
        return self.totals

    def _show(self, state: str) -> None:
        details = bulk_details(self.order, self.totals, state)
        workflow.set_current_details(linked(details, workflow.info().namespace))
        workflow.upsert_memo(
            {
                "state": state,
                "found": self.order.found,
                "done": self.totals.done,
                "unchanged": self.totals.unchanged,
                "refused": self.totals.refused,
            }
        )
