"""The engine of the saga: asks for one movement of money, waits, compensates or parks it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, ChildWorkflowError
from temporalio.exceptions import TimeoutError as TemporalTimeoutError

from workflows.core import RecordRefused
from workflows.holding import HoldableSaga
from workflows.steps import STEPS, OnFailure, Step

with workflow.unsafe.imports_passed_through():
    from domain.contracts import (
        PLATFORM,
        Actor,
        AttentionAction,
        ResolveAttention,
        Role,
        Standing,
    )
    from domain.deadlines import DeadlineKind
    from domain.holds.rules import dated
    from domain.lifecycle import DeliveryState, check_resolve_attention
    from domain.transitions import EventKind, MoneyCommand, MoneyMoved, PaymentOutcome
    from domain.visibility import TaskQueue

ATTENTION_REMINDER_S = 24 * 3_600
"""A parked step raises its alarm again after a day."""


ASKED_ON_NEWS_MAX = 3
"""How often news has a parked step looked up: each time costs history, and staff are told anyway."""


class StepFailed(Exception):
    """A step failed for good and its stage compensates."""

    def __init__(self, step: Step, reason: str) -> None:
        super().__init__(f"{step.name}: {reason}")
        self.step = step
        self.reason = reason


class StepHeldBack(Exception):
    """A step cannot be done before somebody else has mended something, and its stage waits for it."""

    def __init__(self, step: Step, reason: str) -> None:
        super().__init__(f"{step.name}: {reason}")
        self.reason = reason


class StepSkipped(Exception):
    """An operator chose to go on without a step."""


class MoneySteps(HoldableSaga):
    """Runs the steps of `workflows/steps.py`."""

    state: DeliveryState

    def __init__(self) -> None:
        super().__init__()
        self.resolutions: list[ResolveAttention] = []
        self.times_parked = 0
        self.parked_from: Standing | None = None
        self.parked_because = ""
        self.asked_unseen: set[str] = set()
        self.is_looking = False
        """Whether the step under way is only looked up, because news may have been of it."""
        self.news_heard = 0
        self.asked_on_news: Counter[str] = Counter()

    async def move(self, step: Step, command: MoneyCommand) -> MoneyMoved:
        """Move money by one step and stand where its success leads.

        Raises:
            StepFailed: the step failed and compensates.
            StepHeldBack: the stage must wait for something before the step can be done.
            StepSkipped: the step was parked and an operator skipped it.
        """
        while True:
            if self.is_on_hold:
                await self.until_resumed()
                command = replace(command, on_success=dated(command.on_success, workflow.now()))
            try:
                moved = await self._call(step, command)
            except ActivityError as failure:
                reason = failure_code(failure)
                if step.on_failure is OnFailure.COMPENSATE:
                    raise StepFailed(step, reason) from failure
                if self.is_waited_for(step, reason) and not _is_of_operator(command):
                    raise StepHeldBack(step, reason) from failure
                command = await self._resolved(step, command, reason)
                continue
            if moved.outcome is PaymentOutcome.SUCCEEDED:
                self.stand(command.on_success.standing)
            elif command.only_look_up and self.is_looking:
                command = await self._resolved(step, command, self.parked_because)
                continue
            elif command.only_look_up:
                raise StepSkipped(step.name)
            return moved

    def is_waited_for(self, step: Step, reason: str) -> bool:
        """Tell whether the stage waits for what a step failed for, instead of parking it."""
        # Deliveries that were parked before anything was waited for stay parked.
        return reason in step.waits_for and workflow.patched("held-back")

    async def park(
        self, name: str, reason: str, *, hears_news: bool = False
    ) -> ResolveAttention | None:
        """Tell operations staff that a step is stuck and wait until one of them resolves it.

        Meanwhile every other command is refused: it could not know where the delivery goes on. None
        where news came first: the step may be done by now, which is to be looked up.
        """
        self.parked_from = self.without_hold(self.standing)
        self.is_parked, self.parked_because = True, reason
        resolutions = len(self.resolutions)
        hears_news = hears_news and workflow.patched("asked-on-news")
        while len(self.resolutions) == resolutions:
            async with self.turn:
                is_recorded = await self._raise_alarm(name, reason)
                if not is_recorded and self._may_be_booked(name):
                    self.is_parked = False
                    self.stand(self.parked_from)
                    return ResolveAttention()
            if await self._is_told_first(name, resolutions, hears_news=hears_news):
                self.stand(self.parked_from)
                return None
        self.publish()
        return self.resolutions[-1]

    async def _is_told_first(self, name: str, resolutions: int, *, hears_news: bool) -> bool:
        """Wait for a person, the next reminder or news; return whether it was news.

        A try that was given up may still be answered and booked, which takes the alarm away: the
        provider's news of it is then the one thing that the saga hears. News of anything else makes
        nothing move: what follows is a look.
        """
        heard = self.news_heard

        def is_told() -> bool:
            asked = self.asked_on_news[name]
            return hears_news and self.news_heard > heard and asked < ASKED_ON_NEWS_MAX

        await self.wait_or_default(
            lambda: len(self.resolutions) > resolutions or is_told(), _remind_again
        )
        if not is_told():
            return False
        # A person's resolution that is being written comes first.
        async with self.turn:
            is_first = len(self.resolutions) == resolutions
            self.asked_on_news[name] += is_first
            self.is_parked = self.is_parked and not is_first
        return is_first

    def _may_be_booked(self, name: str) -> bool:
        """Tell whether to ask again instead of waiting for a person who is not told.

        The last try may have failed while the answer to an earlier, slow one was booked: then the
        database stands where the step leads, refuses the alarm, and asking again finds it done.
        """
        is_step = any(name == step.name for step in STEPS)
        if not is_step or name in self.asked_unseen or not workflow.patched("booked-unseen"):
            return False
        self.asked_unseen.add(name)
        return True

    @workflow.update(
        description='Resolve the parked step. {} or {"action": "retry"} tries it again, which is'
        ' always safe; {"action": "skip"}; {"action": "done_by_hand", "reference": "..."}'
    )
    async def resolve_attention(self, command: ResolveAttention) -> Standing:
        """Resolve the parked step of this delivery."""
        async with self.turn:
            await self.require_seen()
            self.check(lambda: check_resolve_attention(self.state, command))
            await self._record_resolution(command)
            self.resolutions.append(command)
            self.is_parked = False
        return self.standing

    @resolve_attention.validator
    def _may_resolve_attention(self, command: ResolveAttention) -> None:
        self.check(lambda: check_resolve_attention(self.state, command))

    async def _call(self, step: Step, command: MoneyCommand) -> MoneyMoved:
        self.is_moving = True
        try:
            return await self._ask_activity(step, command)
        finally:
            self.is_moving = False

    async def _ask_activity(self, step: Step, command: MoneyCommand) -> MoneyMoved:
        figures = self.policies.retries
        return await workflow.execute_activity_method(
            step.do,
            command,
            task_queue=TaskQueue.PAYMENTS,
            start_to_close_timeout=timedelta(seconds=figures.call_s_max),
            schedule_to_close_timeout=timedelta(seconds=self.policies.windows.provider_s),
            retry_policy=RetryPolicy(
                initial_interval=timedelta(seconds=figures.first_wait_s),
                maximum_interval=timedelta(seconds=figures.longest_wait_s),
                maximum_attempts=figures.tries_max,
            ),
            summary=step.summary.format(amount=command.intent.amount),
        )

    async def _resolved(self, step: Step, command: MoneyCommand, reason: str) -> MoneyCommand:
        resolution = await self.park(step.name, reason, hears_news=True)
        self.is_looking = resolution is None
        # As for a skip, the provider is asked for nothing but whether it is done.
        resolution = resolution or ResolveAttention(AttentionAction.SKIP)
        by_hand = resolution.action is AttentionAction.DONE_BY_HAND
        standing = self._with_fresh_clock(command.on_success.standing)
        success = replace(command.on_success, at=workflow.now(), standing=standing)
        return replace(
            command,
            done_by_hand=resolution.reference if by_hand else "",
            only_look_up=resolution.action is AttentionAction.SKIP,
            on_success=success,
        )

    def _with_fresh_clock(self, standing: Standing) -> Standing:
        """Start a provider's clock anew: it may have run out while the step was parked."""
        if standing.deadline_kind != DeadlineKind.PROVIDER:
            return standing
        return replace(standing, deadline_at=self.due_in(self.policies.windows.provider_s))

    async def _record_resolution(self, command: ResolveAttention) -> None:
        facts = {
            "step": self.standing.attention or "",
            "action": command.action,
            "reference": command.reference,
            "reason": command.reason,
        }
        standing = self._with_fresh_clock(self.parked_from or self.standing)
        key = f"attention_resolved:{self.times_parked}"
        actor = Actor(Role.OPERATOR, command.operator_id)
        try:
            await self.record(
                self.transition(EventKind.ATTENTION_RESOLVED, key, actor, standing, facts=facts)
            )
        except RecordRefused:
            # The record itself is what is stuck: trying the stage again must still be possible.
            self.stand(standing)

    async def _raise_alarm(self, name: str, reason: str) -> bool:
        """Say that staff must act; return whether the database takes the alarm."""
        self.times_parked += 1
        standing = replace(
            self.standing,
            attention=name,
            deadline_kind=DeadlineKind.ATTENTION,
            deadline_at=self.due_in(ATTENTION_REMINDER_S),
        )
        key = f"attention_raised:{self.times_parked}"
        facts = {"step": name, "reason": reason}
        try:
            await self.record(
                self.transition(EventKind.ATTENTION_RAISED, key, PLATFORM, standing, facts=facts)
            )
        except RecordRefused:
            # The record itself is what is stuck: the Web UI must still show it.
            self.stand(standing)
            return False
        return True


def _is_of_operator(command: MoneyCommand) -> bool:
    """Tell whether a person has decided how to go on: that decision must not be lost by waiting."""
    return bool(command.done_by_hand) or command.only_look_up


async def _remind_again() -> None:
    """Let the alarm be raised anew."""


def failure_code(failure: ActivityError | ChildWorkflowError | ApplicationError) -> str:
    """Return the stable code of why an activity, child workflow or record failed."""
    cause = failure if isinstance(failure, ApplicationError) else failure.cause
    if isinstance(cause, ApplicationError):
        return cause.type or "unknown"
    if isinstance(cause, TemporalTimeoutError):
        return "timed_out"
    return "stopped"
