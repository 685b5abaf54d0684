"""What the stages of a dispute share: its ladder, its clock with reminders, and its steps."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from workflows.holding import HeldWithItsDelivery

with workflow.unsafe.imports_passed_through():
    from activities.records import RecordActivities
    from domain.business_hours import clock_due
    from domain.contracts import PLATFORM, Actor, DisputeOrder, Verdict
    from domain.deadlines import DeadlineKind
    from domain.details import dispute_details
    from domain.disputing.commands import DisputeStanding
    from domain.disputing.ladder import Decision, DisputeStage, Ladder
    from domain.disputing.page import ladder_rows
    from domain.disputing.rules import DisputeCase, next_reminder, owners_of
    from domain.holds.details import hold_details
    from domain.ids import PersonId, delivery_workflow_id
    from domain.messages import CONCERNS
    from domain.status import DisputeStatus
    from domain.transitions import EventKind
    from domain.visibility import Attribute, attribute_values

Clock = tuple[DeadlineKind, datetime]
"""Which clock is armed, and when it runs out."""


class DisputeCore(HeldWithItsDelivery):
    """One dispute: where it stands, and everything that it writes."""

    def __init__(self, order: DisputeOrder) -> None:
        super().__init__()
        self.order = order
        self.delivery_id = order.delivery_id
        self.policies = order.order.policies
        self.standing = order.standing
        self.ladder = order.ladder or Ladder(DisputeStage.AGENT)
        self.verdict: Verdict | None = None
        self.moves = 0
        self.reminders = 0
        self.armed_at: datetime | None = None

    @property
    def case(self) -> DisputeCase:
        """The dispute as its rules see it."""
        return DisputeCase(self.order, self.ladder)

    @property
    def clock(self) -> Clock | None:
        """The armed clock."""
        kind, due_at = self.standing.deadline_kind, self.standing.deadline_at
        return (DeadlineKind(kind), due_at) if kind and due_at else None

    def details(self) -> str:
        """Return the markdown table of the present state."""
        rows = ladder_rows(self.ladder) if self.order.ladder is not None else []
        table = dispute_details(self.order, self.standing, rows)
        return table + hold_details(self.hold_placed, self.stopped)

    @property
    def hold_scope(self) -> str:
        """What sets the keys of this saga's events apart from those of its delivery."""
        return f"{self.order.dispute_id}:"

    def attributes(self) -> dict[Attribute, str | int | bool | datetime | None]:
        """Return the search attributes of the disputed delivery."""
        return attribute_values(self.order.order, self.standing)

    def answer(self) -> DisputeStanding:
        """Return where the dispute stands, for whoever took a step."""
        return DisputeStanding(
            self.standing.dispute,
            self.ladder.stage,
            self.ladder.version,
            self.standing.deadline_kind,
            self.standing.deadline_at,
        )

    async def step(
        self,
        event: EventKind,
        actor: Actor,
        ladder: Ladder,
        facts: dict[str, str] | None = None,
        *,
        clock: Clock | None = None,
        **changes: Any,
    ) -> None:
        """Write one step of the ladder and stand there; a clock replaces the armed one."""
        ladder = replace(ladder, version=self.ladder.version + 1)
        if clock is not None:
            changes |= {"deadline_kind": clock[0], "deadline_at": clock[1]}
        transition = self.transition(
            event,
            f"{event}:{ladder.version}",
            actor,
            replace(self.standing, **changes),
            facts=facts,
        )
        await self.record(replace(transition, dispute=ladder))
        self.ladder = ladder
        self.stand(self.standing)
        if "deadline_kind" in changes:
            self.moves, self.reminders, self.armed_at = self.moves + 1, 0, workflow.now()

    def in_clock(self, kind: DeadlineKind, seconds: int) -> Clock:
        """Return a clock that runs out so many seconds from now, of business hours if it keeps them."""
        return kind, clock_due(self.policies.hours, kind, workflow.now(), seconds)

    async def finish(
        self,
        event: EventKind,
        actor: Actor,
        verdict: Verdict,
        facts: dict[str, str],
        ladder: Ladder,
    ) -> Verdict:
        """Write how the dispute ended; the delivery then settles the money by it."""
        closed = replace(
            ladder,
            stage=DisputeStage.CLOSED,
            waiting_for=None,
            decision=ladder.decision or self.decision_of(verdict, facts.get("note", "")),
        )
        await self.step(
            event,
            actor,
            closed,
            facts,
            dispute=DisputeStatus.DECIDED,
            attention=None,
            deadline_kind=None,
            deadline_at=None,
        )
        self.verdict = replace(verdict, standing=self.standing)
        return self.verdict

    def decision_of(self, verdict: Verdict, note: str) -> Decision:
        """Return a verdict as the ladder keeps it, dated now."""
        return Decision(
            outcome=verdict.outcome,
            refund_minor=verdict.refund.amount_minor,
            release_minor=verdict.release.amount_minor,
            decided_by=verdict.decided_by.person_id,
            decided_at=workflow.now(),
            note=note,
        )

    async def call_agent(
        self, event: EventKind, actor: Actor, ladder: Ladder, facts: dict[str, str] | None = None
    ) -> None:
        """Hand the dispute to an agent: the one with the least to do who knows such disputes."""
        agent_id = await self.choose_agent(str(self.order.reason), ladder)
        called = replace(ladder, stage=DisputeStage.AGENT, agent_id=agent_id)
        clock = self.in_clock(DeadlineKind.VERDICT, self.policies.windows.verdict_s)
        await self.step(event, actor, called, facts, clock=clock)

    async def choose_agent(self, skill: str, ladder: Ladder) -> PersonId | None:
        """Return who is to decide, or none while there is nobody: any agent may then take over."""
        chosen: PersonId | None = await self.in_database(
            RecordActivities.choose_agent,
            [self.delivery_id, skill, ladder.first_agent_id],
            "choose an agent",
        )
        return chosen

    async def wait_for_move(self, default: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Wait until the clock is replaced, reminding its owner; at its end do the default."""
        moves = self.moves

        def has_moved() -> bool:
            return self.moves != moves or self.verdict is not None

        while not has_moved():
            wake_at = self._next_reminder()
            is_due = await self.wait_until_due(has_moved, wake_at)
            if has_moved():
                break
            async with self.turn:
                if not has_moved() and not self.is_on_hold:
                    await (default() if is_due else self._remind())

    async def tell_delivery(self) -> None:
        """Have the delivery's page show the new clock."""
        delivery = workflow.get_external_workflow_handle(delivery_workflow_id(self.delivery_id))
        try:
            await delivery.signal("dispute_moved", self.standing)
        except ApplicationError:
            # The step is in the database and on this page; the delivery's page is only one more.
            workflow.logger.warning("the delivery was not told of a step of its dispute")

    def _next_reminder(self) -> datetime | None:
        if self.clock is None or self.armed_at is None:
            return None
        left_s = self.policies.disputes.reminders_s
        return next_reminder(left_s, self.armed_at, self.clock[1], self.reminders)

    async def _remind(self) -> None:
        assert self.clock is not None, "only an armed clock has reminders"
        owners = owners_of(self.case, self.clock[0])
        key = f"dispute_reminded:{self.ladder.version}.{self.moves}.{self.reminders}"
        facts = {CONCERNS: " ".join(owners), "clock": str(self.clock[0])}
        event = EventKind.DISPUTE_REMINDED
        reminder = self.transition(event, key, PLATFORM, self.standing, facts=facts)
        # A reminder changes nothing that anybody has to look at again: the version stays.
        await self.record(replace(reminder, dispute=self.ladder))
        self.reminders += 1
