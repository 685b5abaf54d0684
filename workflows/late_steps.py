"""What corrections share: their clock, their events and the steps that move money after the fact."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from workflows.core import RecordRefused, SagaCore
from workflows.correction_steps import LateStep
from workflows.money import ATTENTION_REMINDER_S

with workflow.unsafe.imports_passed_through():
    from activities.corrections import CorrectionActivities
    from domain.attention import AttentionItem
    from domain.contracts import PLATFORM, Actor, Standing
    from domain.correcting.events import Correction, correction_event
    from domain.correcting.extra_costs import CALLED
    from domain.correcting.rules import CorrectionStanding, CorrectionStatus
    from domain.deadlines import DeadlineKind
    from domain.details import correction_details
    from domain.ids import PersonId
    from domain.policies import Policies
    from domain.transitions import (
        EventKind,
        LateEvent,
        LateMoneyCommand,
        MoneyMoved,
        PaymentIntent,
    )
    from domain.visibility import Attribute, TaskQueue


class LateSteps(SagaCore):
    """One correction: where it stands, and how its money is moved."""

    correction: Correction

    def __init__(self, policies: Policies) -> None:
        super().__init__()
        self.policies = policies
        self.now_at = CorrectionStanding(CorrectionStatus.MOVING)
        self.standing = Standing(self.now_at.status, "")
        self.times_waited = 0

    def details(self) -> str:
        """Return the markdown table of the present state."""
        return correction_details(self.correction, self.now_at)

    def attributes(self) -> dict[Attribute, str | int | bool | datetime | None]:
        """Return the search attributes of the present state."""
        return {
            Attribute.TRAVELER_ID: self.correction.traveler_id,
            Attribute.CURRENCY: self.correction.amount.currency,
            Attribute.AMOUNT_MINOR: self.correction.amount.amount_minor,
            Attribute.NEEDS_ATTENTION: self.now_at.status
            in (CorrectionStatus.PARKED, CorrectionStatus.WAITING),
            Attribute.NEXT_DEADLINE: self.now_at.deadline_at,
        }

    def be(self, standing: CorrectionStanding) -> None:
        """Remember where the correction stands and show it."""
        self.now_at = standing
        # The clock of a saga is its standing's: the delivery's own does not matter here.
        clock = Standing(
            standing.status,
            "",
            deadline_kind=standing.deadline_kind,
            deadline_at=standing.deadline_at,
        )
        self.stand(clock)

    def moving(self) -> CorrectionStanding:
        """Return the standing while the provider moves money."""
        due_at = self.due_in(self.policies.windows.provider_s)
        return CorrectionStanding(
            CorrectionStatus.MOVING, deadline_kind=DeadlineKind.PROVIDER, deadline_at=due_at
        )

    def over(self, status: CorrectionStatus, problem: str = "") -> CorrectionStanding:
        """Return the standing at the end."""
        return CorrectionStanding(status, problem=problem)

    def event(
        self,
        event: EventKind,
        standing: CorrectionStanding,
        actor: Actor = PLATFORM,
        *,
        times: int = 0,
        note: str = "",
        reference: str = "",
        intent: PaymentIntent | None = None,
    ) -> LateEvent:
        """Return an event of this correction, dated now."""
        return correction_event(
            self.correction,
            event,
            actor,
            workflow.now(),
            standing,
            times=times,
            note=note,
            reference=reference,
            intent=intent,
        )

    async def note(
        self,
        late: LateEvent,
        standing: CorrectionStanding,
        item: AttentionItem | None = None,
        given_up: str = "",
    ) -> None:
        """Write an event and stand where it leads.

        Raises:
            RecordRefused: the database refuses it for good.
        """
        await self.in_database(
            CorrectionActivities.note_correction,
            [late, item, given_up],
            late.event.replace("_", " "),
        )
        self.be(standing)

    async def settle(self, key: str, by: PersonId | None, text: str) -> None:
        """Take what people had to look at off their list."""
        await self.in_database(
            CorrectionActivities.settle_item, [key, by, text], "take it off the list"
        )

    async def ask(self, step: LateStep, command: LateMoneyCommand) -> MoneyMoved:
        """Have the provider asked; its answer is booked with the event of the command.

        Raises:
            ActivityError: it failed for good, or its tries have run out.
        """
        self.is_moving = True
        try:
            return await self._ask(step, command)
        finally:
            self.is_moving = False

    async def _ask(self, step: LateStep, command: LateMoneyCommand) -> MoneyMoved:
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
            summary=step.summary.format(
                amount=command.intent.amount, what=CALLED.get(self.correction.kind, "a tip")
            ),
        )

    async def wait_with_alarm(self, standing: CorrectionStanding, item: AttentionItem) -> None:
        """Say that staff must act, and say it again whenever the clock runs out."""
        due_at = self.due_in(ATTENTION_REMINDER_S)
        self.times_waited += 1
        waiting = replace(standing, deadline_at=due_at)
        late = self.event(EventKind.CORRECTION_WAITS, waiting, times=self.times_waited)
        try:
            await self.note(late, waiting, item)
        except RecordRefused:
            # The record itself is what is stuck: the Web UI must still show it.
            self.be(waiting)
