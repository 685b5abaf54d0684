"""The workflow that erases a person: it cools off, waits for what is open, erases, and is proved."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributeKey
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.erasing import ErasureActivities
    from domain.erasing.rules import (
        ErasureNote,
        ErasureOrder,
        ErasureOutcome,
        ErasureStatus,
        check_withdrawal,
        next_look_s,
    )
    from domain.errors import Refusal
    from domain.visibility import Attribute, TaskQueue

STEP_S_MAX = 60
"""One try of a step: it touches the rows of one person."""

_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5))
_NEEDS_ATTENTION = SearchAttributeKey.for_bool(Attribute.NEEDS_ATTENTION)

Result = TypeVar("Result")


@workflow.defn(name="erasure")
class ErasureWorkflow:
    """One request of a person to be erased; its history holds ids only."""

    @workflow.init
    def __init__(self, order: ErasureOrder) -> None:
        """Begin before anything is written down."""
        self._order = order
        self._status = ErasureStatus.COOLING_OFF
        self._is_noted = False
        self._is_withdrawn = False

    @workflow.run
    async def run(self, order: ErasureOrder) -> ErasureStatus:
        """Return what became of the request: erased, or withdrawn."""
        await self._note(ErasureStatus.COOLING_OFF)
        self._is_noted = True
        self._show(f"It can be taken back until {order.due_at:%Y-%m-%d %H:%M} UTC.")
        await self._wait_until_due()
        if self._is_withdrawn:
            await self._note(ErasureStatus.WITHDRAWN)
            self._status = ErasureStatus.WITHDRAWN
        else:
            self._status = ErasureStatus.WAITING
            await self._erase_when_settled()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._status

    @workflow.update
    async def request(self) -> None:
        """Answer once the request is written down, for whoever has asked for it."""
        await workflow.wait_condition(lambda: self._is_noted)

    @workflow.update
    async def withdraw(self) -> None:
        """Take the request back."""
        self._is_withdrawn = True
        await workflow.wait_condition(lambda: self._status is ErasureStatus.WITHDRAWN)

    @withdraw.validator
    def _check_withdrawal(self) -> None:
        try:
            check_withdrawal(self._status, workflow.now(), self._order.due_at)
        except Refusal as refusal:
            raise ApplicationError(
                refusal.message, type=refusal.code, non_retryable=True
            ) from refusal

    async def _wait_until_due(self) -> None:
        left = self._order.due_at - workflow.now()
        with suppress(asyncio.TimeoutError):
            await workflow.wait_condition(
                lambda: self._is_withdrawn,
                timeout=max(left, timedelta(0)),
                timeout_summary="it can be taken back",
            )

    async def _erase_when_settled(self) -> None:
        looks, is_alarmed = 0, False
        while not (outcome := await self._do(ErasureActivities.erase_person, "erase")).is_done:
            self._show(_waiting_for(outcome))
            if not is_alarmed and workflow.now() >= self._order.alarm_at:
                await self._do(ErasureActivities.alarm_of_erasure, "tell staff that it waits")
                workflow.upsert_search_attributes([_NEEDS_ATTENTION.value_set(True)])
                is_alarmed = True
            wait = timedelta(seconds=next_look_s(looks, self._order.policy))
            await workflow.sleep(wait, summary="deliveries or money are open")
            looks += 1
        self._status = ErasureStatus.ERASED
        self._show("Nothing is left of the person but ids.")
        if is_alarmed:
            workflow.upsert_search_attributes([_NEEDS_ATTENTION.value_set(False)])

    async def _note(self, status: ErasureStatus) -> None:
        await workflow.execute_activity_method(
            ErasureActivities.note_erasure,
            ErasureNote(self._order, status),
            **_OPTIONS,
            summary=f"write down that it is {status}",
        )

    async def _do(
        self, do: Callable[[Any, ErasureOrder], Awaitable[Result]], summary: str
    ) -> Result:
        return await workflow.execute_activity_method(do, self._order, **_OPTIONS, summary=summary)

    def _show(self, text: str) -> None:
        workflow.set_current_details(text)


def _waiting_for(outcome: ErasureOutcome) -> str:
    lines = [f"- {blocker.kind}: `{blocker.subject_id}`" for blocker in outcome.blockers]
    return "\n".join(["It waits until these are settled:", "", *lines])


_OPTIONS: dict[str, Any] = {
    "task_queue": TaskQueue.RECONCILIATION,
    "start_to_close_timeout": timedelta(seconds=STEP_S_MAX),
    "retry_policy": _RETRY,
}
