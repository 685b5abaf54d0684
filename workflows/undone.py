"""A payment operation that came undone: booked back once, and given again as an agent says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

from workflows.correction_steps import PAY_OUT_AGAIN, REFUND_AGAIN
from workflows.late_steps import LateSteps
from workflows.money import failure_code

with workflow.unsafe.imports_passed_through():
    from activities.corrections import CorrectionActivities
    from activities.undoing import UndoingActivities
    from domain.contracts import Actor
    from domain.correcting.again import (
        AgainCommand,
        DoneByHand,
        check_again,
        check_done_by_hand,
        require_waiting,
    )
    from domain.correcting.rules import OVER, CorrectionKind, CorrectionStanding, CorrectionStatus
    from domain.correcting.undoing import (
        AGAIN_EVENTS,
        CLOCKS,
        REMINDER_S,
        Undone,
        UndoneOrder,
        item_key,
        item_of_undone,
        item_of_unread,
        smaller_refund,
    )
    from domain.errors import RefusalCode
    from domain.money import Money
    from domain.transitions import EventKind, LateMoneyCommand, PaymentIntent
    from domain.visibility import TaskQueue

Decision = AgainCommand | DoneByHand
READ_S_MAX = 30
"""One reading of an operation at the provider, with what is booked for it, in seconds."""
READ_WAIT_S_LONGEST = 600
"""Longest wait between two readings while the provider is away, in seconds."""
ONLY_A_PART = "only_a_part_is_left"
"""Why what was given by hand waits again: a lost chargeback has taken the rest of it."""
_DONE = CorrectionStanding(CorrectionStatus.DONE)
_STEPS = {CorrectionKind.REFUND_AGAIN: REFUND_AGAIN, CorrectionKind.PAYOUT_AGAIN: PAY_OUT_AGAIN}


@workflow.defn(name="undone")
class UndoneWorkflow(LateSteps):
    """What happens after a refund failed, or a payout or a charge came back."""

    again: PaymentIntent

    @workflow.init
    def __init__(self, order: UndoneOrder) -> None:
        super().__init__(order.policies)
        self.order = order
        self.kind: CorrectionKind | None = None
        self.decision: Decision | None = None
        self.times_decided = 0
        # Whoever reads in the database that it came undone may be here before its activity's answer.
        self.is_moving = True

    @workflow.run
    async def run(self, order: UndoneOrder) -> bool:
        """Book it back if the provider says so; return whether it came undone and is mended."""
        return await self.shielded(self._mend(order))

    @workflow.signal(description="The provider has news of this operation.")
    def look_again(self, object_id: str) -> None:
        """Do nothing more: the operation is read when this workflow starts, and comes undone once."""

    @workflow.update(description="Refund the customer again, by the same method: {}")
    async def refund_again(self, command: AgainCommand) -> CorrectionStanding:
        """Give the refund again under a new operation."""
        expected = CorrectionKind.REFUND_AGAIN
        return await self._decide(command, lambda: self._check_again(expected))

    @refund_again.validator
    def _may_refund_again(self, command: AgainCommand) -> None:  # noqa: ARG002
        self.admit(lambda: self._check_again(CorrectionKind.REFUND_AGAIN))

    @workflow.update(description="Pay the traveler out again, to the account there is now: {}")
    async def pay_out_again(self, command: AgainCommand) -> CorrectionStanding:
        """Send the payout again under a new operation."""
        expected = CorrectionKind.PAYOUT_AGAIN
        return await self._decide(command, lambda: self._check_again(expected))

    @pay_out_again.validator
    def _may_pay_out_again(self, command: AgainCommand) -> None:  # noqa: ARG002
        self.admit(lambda: self._check_again(CorrectionKind.PAYOUT_AGAIN))

    @workflow.update(
        description='The money was given in another way: {"reference": "bank transfer 17"}'
    )
    async def done_by_hand(self, command: DoneByHand) -> CorrectionStanding:
        """Book that the money went out by hand."""
        return await self._decide(command, lambda: check_done_by_hand(self.now_at, command))

    @done_by_hand.validator
    def _may_do_by_hand(self, command: DoneByHand) -> None:
        self.admit(lambda: check_done_by_hand(self.now_at, command))

    @workflow.update(description="Give it up, only when its money has gone another way already: {}")
    async def give_up(self, command: AgainCommand) -> CorrectionStanding:
        """Give nothing again, for example because a lost chargeback took the money."""
        async with self.command(lambda: require_waiting(self.now_at)):
            given_up = self.over(CorrectionStatus.GIVEN_UP)
            late = self.event(
                EventKind.CORRECTION_GIVEN_UP, given_up, command.actor, note=command.reason
            )
            await self.in_database(
                CorrectionActivities.give_up_again, [late, self.correction], "give it up"
            )
            self.be(given_up)
            await self._settle(command.actor, "given up")
        return self.now_at

    @give_up.validator
    def _may_give_up(self, command: AgainCommand) -> None:  # noqa: ARG002
        self.admit(lambda: require_waiting(self.now_at))

    async def _mend(self, order: UndoneOrder) -> bool:
        undone = await self._booked(order)
        if undone.correction is None or undone.again is None or undone.is_over:
            self.now_at, self.is_open, self.is_moving = _DONE, True, False
            return False
        self.correction, self.again = undone.correction, undone.again
        self.kind = self.correction.kind
        self.delivery_id = self.correction.delivery_id
        # What has been booked waits already: people were told in the same transaction.
        self.be(replace(self._waiting(""), deadline_at=self.due_in(REMINDER_S)))
        self.is_open, self.is_moving = True, False
        while self.now_at.status not in OVER:
            decision = await self._decided()
            if decision is not None:
                await self._give_again(decision)
        self.publish()
        return True

    async def _booked(self, order: UndoneOrder) -> Undone:
        try:
            return await workflow.execute_activity_method(
                UndoingActivities.book_undone,
                args=[order.operation_id, workflow.now()],
                task_queue=TaskQueue.PAYMENTS,
                start_to_close_timeout=timedelta(seconds=READ_S_MAX),
                retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=READ_WAIT_S_LONGEST)),
                summary="read the operation again",
            )
        except ActivityError as failure:
            item = item_of_unread(order.operation_id, failure_code(failure))
            await self.in_database(CorrectionActivities.raise_item, [item], "tell people of it")
            return Undone()

    async def _decided(self) -> Decision | None:
        """Wait for an agent, and remind every day; none once it was given up."""
        while not self._is_answered():
            is_due = await self.wait_until_due(self._is_answered)
            async with self.turn:
                if is_due and not self._is_answered():
                    await self._raise_alarm(self.now_at.problem)
        return self.decision

    def _is_answered(self) -> bool:
        return self.decision is not None or self.now_at.status in OVER

    async def _give_again(self, decision: Decision) -> None:
        self.decision = None
        try:
            await self._ask_again(decision)
        except ActivityError as failure:
            reason = failure_code(failure)
            if reason == RefusalCode.ESCROW_CONFLICT and await self._is_smaller(decision):
                # Whoever did it by hand must say it for this amount.
                reason = ONLY_A_PART
                if isinstance(decision, AgainCommand):
                    await self._give_again(decision)
                    return
            async with self.turn:
                await self._raise_alarm(reason)
            return
        self.be(_DONE)
        is_by_hand = isinstance(decision, DoneByHand)
        await self._settle(decision.actor, "by hand" if is_by_hand else "given again")

    async def _ask_again(self, decision: Decision) -> None:
        kind = self.correction.kind
        command = LateMoneyCommand(
            self.delivery_id,
            self.again,
            self.event(AGAIN_EVENTS[kind], _DONE),
            traveler_id=self.correction.traveler_id,
            bearer=self.correction.bearer,
            done_by_hand=decision.reference if isinstance(decision, DoneByHand) else "",
        )
        await self.ask(_STEPS[kind], command)

    async def _is_smaller(self, decision: Decision) -> bool:
        """Replace a refund of which a lost chargeback has taken a part by one of what is left.

        Return whether there is a part left.
        """
        is_refund = self.kind is CorrectionKind.REFUND_AGAIN
        if not is_refund or not workflow.patched("smaller-refund"):
            return False
        whole = self.again
        left: Money = await self.in_database(
            CorrectionActivities.left_to_refund, [whole], "see what is left of it"
        )
        if not 0 < left.amount_minor < whole.amount.amount_minor:
            return False
        async with self.turn:
            self.times_decided += 1
            self.correction = replace(self.correction, amount=left)
            self.again = smaller_refund(whole, left)
            moving = self.moving()
            late = self.event(
                EventKind.CORRECTION_RESUMED,
                moving,
                decision.actor,
                times=self.times_decided,
                note=decision.reason,
                intent=self.again,
            )
            await self.note(late, moving, given_up=whole.operation_id)
        return True

    async def _decide(self, command: Decision, rule: Callable[[], None]) -> CorrectionStanding:
        async with self.command(rule):
            self.times_decided += 1
            moving = self.moving()
            late = self.event(
                EventKind.CORRECTION_RESUMED,
                moving,
                command.actor,
                times=self.times_decided,
                note=command.reason,
                reference=command.reference if isinstance(command, DoneByHand) else "",
                intent=self.again,
            )
            await self.note(late, moving)
            self.decision = command
        return self.now_at

    async def _settle(self, by: Actor, words: str) -> None:
        await self.settle(item_key(self.order.operation_id), by.person_id, words)

    def _check_again(self, expected: CorrectionKind) -> None:
        check_again(self.kind, expected, self.now_at)

    async def _raise_alarm(self, problem: str) -> None:
        item = item_of_undone(
            self.order.operation_id,
            self.again.kind,
            self.correction.amount,
            self.delivery_id,
            problem,
        )
        await self.wait_with_alarm(self._waiting(problem), item)

    def _waiting(self, problem: str) -> CorrectionStanding:
        clock = CLOCKS[self.correction.kind]
        return CorrectionStanding(CorrectionStatus.WAITING, problem=problem, deadline_kind=clock)
