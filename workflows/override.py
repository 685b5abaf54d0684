"""The workflow of an emergency override: asked by one, approved by another, applied or over in minutes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributeKey
from temporalio.exceptions import ActivityError, ApplicationError

from workflows.core import refused

with workflow.unsafe.imports_passed_through():
    from activities.overriding import OverrideActivities
    from activities.overriding_ports import OverridePeople
    from domain.contracts import PLATFORM, Actor
    from domain.errors import Refusal, RefusalCode
    from domain.overriding.details import override_details
    from domain.overriding.policy import OverridePolicy  # noqa: F401 -- The sandbox reads its fields.
    from domain.overriding.rules import (
        DecideOverride,
        OverrideNote,
        OverrideOrder,
        OverrideStanding,
        OverrideStatus,
        OverrideStep,
        check_approver,
        check_ask,
        check_decision,
        check_refuser,
        check_ties,
        check_withdrawal,
    )
    from domain.page_links import linked
    from domain.visibility import Attribute, TaskQueue

STEP_S_MAX = 30
"""One try of a step: a few rows, or the answer of one delivery."""
NO_ANSWER = "no_answer"
"""Why an override failed whose delivery could not be reached in time."""

_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=15))
_NEEDS_ATTENTION = SearchAttributeKey.for_bool(Attribute.NEEDS_ATTENTION)

Result = TypeVar("Result")


@workflow.defn(name="override")
class OverrideWorkflow:
    """One step of one delivery that two people of staff take without a code."""

    @workflow.init
    def __init__(self, order: OverrideOrder) -> None:
        """Begin before anything is written down."""
        self._order, self._turn = order, asyncio.Lock()
        self._now_at = OverrideStanding(OverrideStatus.ASKED)
        self._is_open = False
        self._refusal: Refusal | None = None

    @workflow.run
    async def run(self, order: OverrideOrder) -> OverrideStatus:
        """Return what became of it: applied, refused, withdrawn, expired or failed."""
        await self._ask(order)
        if self._refusal is None:
            await self._wait_for_decision()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._now_at.status

    @workflow.update(description="Ask for the override; answers once it is on record.")
    async def open(self) -> OverrideStanding:
        """Wait until the request is recorded, or learn why it is refused."""
        await workflow.wait_condition(lambda: self._is_open)
        if self._refusal is not None:
            raise refused(self._refusal, self._now_at.status)
        return self._now_at

    @workflow.update(description="A second person approves: custody moves as soon as it can.")
    async def approve(self, command: DecideOverride) -> OverrideStanding:
        """Approve the override and have its delivery take it."""
        async with self._turn:
            people = await self._people(command.actor)
            self._check(lambda: self._check_approval(command, people.parties))
            self._check(lambda: check_ties(people.ties))
            await self._decided(OverrideStatus.APPROVED, command)
            await self._apply(command.actor)
        return self._now_at

    @approve.validator
    def _may_approve(self, command: DecideOverride) -> None:
        self._check(lambda: self._check_approval(command, ()))

    @workflow.update(description="A second person refuses: custody stays as it is.")
    async def refuse(self, command: DecideOverride) -> OverrideStanding:
        """Refuse the override."""
        async with self._turn:
            people = await self._people(command.actor)
            self._check(lambda: self._check_refusal(command, people.parties))
            await self._decided(OverrideStatus.REFUSED, command)
        return self._now_at

    @refuse.validator
    def _may_refuse(self, command: DecideOverride) -> None:
        self._check(lambda: self._check_refusal(command, ()))

    @workflow.update(description="Whoever asked takes it back: custody stays as it is.")
    async def withdraw(self, command: DecideOverride) -> OverrideStanding:
        """Take the request back."""
        async with self._turn:
            self._check(lambda: self._check_withdrawal(command))
            await self._decided(OverrideStatus.WITHDRAWN, command)
        return self._now_at

    @withdraw.validator
    def _may_withdraw(self, command: DecideOverride) -> None:
        self._check(lambda: self._check_withdrawal(command))

    def _check_approval(self, command: DecideOverride, parties: Sequence[Any]) -> None:
        self._check_open()
        check_approver(self._order, command.actor, parties)

    def _check_refusal(self, command: DecideOverride, parties: Sequence[Any]) -> None:
        self._check_open()
        check_refuser(self._order, command.actor, parties)

    def _check_withdrawal(self, command: DecideOverride) -> None:
        self._check_open()
        check_withdrawal(self._order, command.actor)

    def _check_open(self) -> None:
        check_decision(self._now_at.status, self._order.due_at, workflow.now())

    def _check(self, rule: Callable[[], None]) -> None:
        try:
            rule()
        except Refusal as refusal:
            raise refused(refusal, self._now_at.status) from refusal

    async def _ask(self, order: OverrideOrder) -> None:
        """Write the request down, and end it at once where the rules refuse it."""
        people = await self._people(order.asked_by)
        async with self._turn:
            await self._note(OverrideStatus.ASKED, order.asked_by)
            try:
                check_ask(order, people.parties)
                check_ties(people.ties)
            except Refusal as refusal:
                self._refusal = refusal
                await self._note(OverrideStatus.REFUSED, PLATFORM, because=refusal.code)
        self._is_open = True

    async def _wait_for_decision(self) -> None:
        workflow.upsert_search_attributes([_NEEDS_ATTENTION.value_set(True)])
        left = max(self._order.due_at - workflow.now(), timedelta(0))
        try:
            await workflow.wait_condition(
                self._is_decided, timeout=left, timeout_summary="a second person may approve it"
            )
        except TimeoutError:
            async with self._turn:
                # A decision that came at the last moment is being written: it counts.
                if not self._is_decided():
                    await self._note(OverrideStatus.EXPIRED, PLATFORM)
        workflow.upsert_search_attributes([_NEEDS_ATTENTION.value_set(False)])

    def _is_decided(self) -> bool:
        return self._now_at.status is not OverrideStatus.ASKED

    async def _apply(self, approved_by: Actor) -> None:
        """Have the delivery take it; what it refuses, or does not answer in time, is over."""
        apply_s = timedelta(seconds=self._order.policy.apply_s)
        step = OverrideStep(self._order, approved_by)
        try:
            because = await self._do(
                OverrideActivities.send_override, [step], "move custody", apply_s
            )
        except ActivityError:
            because = NO_ANSWER
        if because:
            await self._note(OverrideStatus.FAILED, PLATFORM, because=because)
        else:
            self._be(OverrideStanding(OverrideStatus.APPLIED))

    async def _people(self, actor: Actor) -> OverridePeople:
        return await self._do(
            OverrideActivities.look_at_people, [self._order, actor], "look at the people"
        )

    async def _decided(self, status: OverrideStatus, command: DecideOverride) -> None:
        """Write a decision down; of an approval the database says whether its person has given it."""
        now, said = workflow.now(), (command.note, command.approval_id)
        try:
            await self._write(OverrideNote(self._order, status, command.actor, now, "", *said))
        except ActivityError as error:
            raise self._refused_by(error) from error

    async def _note(self, status: OverrideStatus, actor: Actor, *, because: str = "") -> None:
        await self._write(OverrideNote(self._order, status, actor, workflow.now(), because))

    async def _write(self, note: OverrideNote) -> None:
        do, summary = OverrideActivities.note_override, f"write down: {note.status}"
        stands = await self._do(do, [note], summary)
        self._be(OverrideStanding(stands, note.because if stands is note.status else ""))

    def _refused_by(self, error: ActivityError) -> Exception:
        """Return the refusal that an activity ended with, as whoever sent the command learns of it."""
        cause = error.cause
        if not isinstance(cause, ApplicationError) or cause.type not in set(RefusalCode):
            return error
        return refused(Refusal(RefusalCode(cause.type), cause.message), self._now_at.status)

    def _be(self, standing: OverrideStanding) -> None:
        self._now_at = standing
        details = override_details(self._order, standing)
        workflow.set_current_details(linked(details, workflow.info().namespace))

    async def _do(
        self,
        do: Callable[..., Awaitable[Result]],
        arguments: Sequence[Any],
        summary: str,
        for_s_max: timedelta | None = None,
    ) -> Result:
        return await workflow.execute_activity_method(
            do,
            args=arguments,
            task_queue=TaskQueue.WEBHOOKS,
            start_to_close_timeout=timedelta(seconds=STEP_S_MAX),
            schedule_to_close_timeout=for_s_max,
            retry_policy=_RETRY,
            summary=summary,
        )
