"""Undo: a step that was confirmed by mistake is taken back before any money depends on it."""

from __future__ import annotations

from typing import Any

from temporalio import workflow

from workflows.stages.transit import TransitStage

with workflow.unsafe.imports_passed_through():
    from domain.contracts import Actor, CodePurpose, DeliveryOrder, Standing
    from domain.journey.undoing import (
        HAPPENS_AGAIN,
        NEW_CODE,
        UNDO_UNTIL,
        UNDONE_BY,
        Undoable,
        UndoStep,
        check_undo,
        standing_again,
        undoable_step,
    )
    from domain.transitions import EventKind, Transition


class UndoStage(TransitStage):
    """The moment after a pickup or a handover in which it can be taken back."""

    def __init__(self, order: DeliveryOrder) -> None:
        super().__init__(order)
        self.undoable: Undoable | None = None
        self.undone = 0

    @workflow.update(description="Whoever loses by it: the last step was confirmed by mistake.")
    async def undo_step(self, command: UndoStep) -> Standing:
        """Go back to where the delivery stood before the step, with a new code for another try."""
        async with self.command(lambda: self._check_undo(command)):
            await self._undo(command)
        return self.standing

    @undo_step.validator
    def _may_undo_step(self, command: UndoStep) -> None:
        self.admit(lambda: self._check_undo(command))

    def transition(
        self, event: EventKind, key: str, actor: Actor, standing: Standing, **more: Any
    ) -> Transition:
        """Return a transition; a step that can be undone says until when, and can be taken again."""
        if self.undone and key in HAPPENS_AGAIN:
            key = f"{key}:{self.undone + 1}"
        policy, no_show = self.policies.undo, self.state.no_show
        before = self.without_hold(self.standing)
        step = undoable_step(policy, event, before, no_show, workflow.now())
        if step is not None:
            self.undoable = step
            more["facts"] = {**(more.get("facts") or {}), UNDO_UNTIL: step.until.isoformat()}
        return super().transition(event, key, actor, standing, **more)

    def _check_undo(self, command: UndoStep) -> None:
        check_undo(self.state, self.undoable, self.undone, command, workflow.now())

    async def _undo(self, command: UndoStep) -> None:
        step = self.undoable
        assert step is not None, "the check found a step"
        policy, now = self.policies.undo, workflow.now()
        overdue_at = self.overdue_at if self.handover_due else None
        standing = standing_again(policy, step, self.standing, overdue_at, now)
        code = NEW_CODE.get(step.event)
        event, number = UNDONE_BY[step.event], self.undone + 1
        await self.record(
            self.transition(
                event,
                f"{event}:{number}",
                command.actor,
                standing,
                facts={"undone": str(step.event)},
                codes=() if code is None else (code,),
            )
        )
        self._forget_step(step.event, code)

    def _forget_step(self, event: EventKind, code: CodePurpose | None) -> None:
        self.undoable, self.undone, self.is_left = None, self.undone + 1, False
        if code is not None:
            self.state.locked_pins.discard(code)
        if event is EventKind.PICKED_UP:
            self.left_at = self.heard_last = self.handover_due = None
            self.is_warned = False
