"""Drives a step of a correction until it is done, or until a person has resolved it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import ActivityError

from workflows.core import RecordRefused
from workflows.correction_steps import LateStep
from workflows.late_steps import LateSteps
from workflows.money import StepSkipped, failure_code

with workflow.unsafe.imports_passed_through():
    from domain.attention import AttentionItem, AttentionKind
    from domain.contracts import Actor, AttentionAction, ResolveAttention, Role
    from domain.correcting.rules import CorrectionStanding, CorrectionStatus, check_resolve
    from domain.deadlines import DeadlineKind
    from domain.policies import Policies
    from domain.transitions import (
        EventKind,
        LateEvent,
        LateMoneyCommand,
        MoneyMoved,
        PaymentOutcome,
    )

MakeCommand = Callable[[], tuple[LateMoneyCommand, CorrectionStanding]]
"""Returns a command, dated now, with the standing that its success leads to."""


class LateParking(LateSteps):
    """A correction whose stuck steps wait for a person."""

    def __init__(self, policies: Policies) -> None:
        super().__init__(policies)
        self.resolutions: list[ResolveAttention] = []
        self.times_resumed = 0

    @workflow.update(
        description='Resolve the parked step. {} or {"action": "retry"} tries it again, which is'
        ' always safe; {"action": "skip"}; {"action": "done_by_hand", "reference": "..."}'
    )
    async def resolve_attention(self, command: ResolveAttention) -> CorrectionStanding:
        """Resolve the parked step of this correction."""
        async with self.turn:
            self.check(lambda: check_resolve(self.now_at, command))
            await self._resume(command)
        return self.now_at

    @resolve_attention.validator
    def _may_resolve_attention(self, command: ResolveAttention) -> None:
        self.check(lambda: check_resolve(self.now_at, command))

    async def drive(self, step: LateStep, make: MakeCommand) -> MoneyMoved:
        """Ask until the provider answers, however often the step is parked in between.

        Raises:
            StepSkipped: somebody skipped it, and the provider has not done it.
        """
        by_hand, only_look_up = "", False
        while True:
            command, after = make()
            command = replace(command, done_by_hand=by_hand, only_look_up=only_look_up)
            try:
                moved = await self.ask(step, command)
            except ActivityError as failure:
                resolution = await self.park(step.name, failure_code(failure))
                is_by_hand = resolution.action is AttentionAction.DONE_BY_HAND
                by_hand = resolution.reference if is_by_hand else ""
                only_look_up = resolution.action is AttentionAction.SKIP
                continue
            if moved.outcome is PaymentOutcome.SUCCEEDED:
                self.be(after)
            elif only_look_up:
                raise StepSkipped(step.name)
            return moved

    async def park(self, name: str, reason: str) -> ResolveAttention:
        """Tell staff that a step is stuck and wait until one of them resolves it."""
        resolved = len(self.resolutions)
        standing = CorrectionStanding(
            CorrectionStatus.PARKED,
            step=name,
            problem=reason,
            deadline_kind=DeadlineKind.ATTENTION,
        )
        while len(self.resolutions) == resolved:
            async with self.turn:
                if len(self.resolutions) == resolved:
                    await self.wait_with_alarm(standing, self._item(name, reason))
            await self.wait_until_due(lambda: len(self.resolutions) > resolved)
        self.publish()
        return self.resolutions[-1]

    async def record_late(
        self, late: LateEvent, standing: CorrectionStanding, given_up: str = ""
    ) -> None:
        """Write an event of a stage, however often the database refuses it."""
        while True:
            try:
                await self.note(late, standing, given_up=given_up)
            except RecordRefused as failure:
                # That is a fault of ours: a person looks, and it is then tried again.
                await self.park("record_event", failure_code(failure))
            else:
                return

    async def _resume(self, command: ResolveAttention) -> None:
        self.times_resumed += 1
        standing, actor = self.moving(), Actor(Role.OPERATOR, command.operator_id)
        late = self.event(
            EventKind.CORRECTION_RESUMED,
            standing,
            actor,
            times=self.times_resumed,
            note=command.reason,
            reference=command.reference,
        )
        try:
            await self.note(late, standing)
        except RecordRefused:
            # The record itself is what is stuck: trying the step again must still be possible.
            self.be(standing)
        words = f"{command.action}: {command.reason}" if command.reason else str(command.action)
        await self.settle(self._key, command.operator_id, words)
        self.resolutions.append(command)

    @property
    def _key(self) -> str:
        return f"correction:{self.correction.correction_id}"

    def _item(self, name: str, reason: str) -> AttentionItem:
        correction = self.correction
        return AttentionItem(
            key=self._key,
            kind=AttentionKind.CORRECTION,
            subject=f"{correction.kind} {correction.correction_id}",
            problem=f"Its step {name} is stuck: {reason}.",
            delivery_id=correction.delivery_id,
        )
