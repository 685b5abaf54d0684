"""What a chargeback stands on: how it is read, what is written of it, and how a step is parked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from workflows.core import RecordRefused, SagaCore
from workflows.money import ATTENTION_REMINDER_S, failure_code

with workflow.unsafe.imports_passed_through():
    from activities.chargebacks import ChargebackActivities, DisputeActivities
    from domain.attention import AttentionItem, AttentionKind
    from domain.chargebacks import (
        RECOVERING_STEPS,
        ChargebackBooks,
        ChargebackChange,
        ChargebackNews,
        ChargebackOrder,
        ChargebackStatus,
        DisputeState,
        check_resolve,
    )
    from domain.contracts import (
        PLATFORM,
        Actor,
        ResolveAttention,
        Role,
        Standing,
    )
    from domain.deadlines import DeadlineKind
    from domain.details import chargeback_details
    from domain.ids import delivery_workflow_id
    from domain.money import Money
    from domain.transitions import EventKind, LateEvent, PaymentIntent
    from domain.visibility import Attribute, TaskQueue

T = TypeVar("T")


class Stuck(Exception):
    """A step failed for good, or its tries have run out."""

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(f"{step}: {reason}")
        self.step = step
        self.reason = reason


class ChargebackCore(SagaCore):
    """One chargeback: where it stands, and everything that it writes and asks for."""

    def __init__(self, order: ChargebackOrder) -> None:
        super().__init__()
        self.order = order
        self.delivery_id = order.delivery_id
        self.policies = order.policies
        self.standing = Standing(ChargebackStatus.ANNOUNCED, "")
        nothing = Money(0, order.currency)
        self.books = ChargebackBooks(
            ChargebackStatus.ANNOUNCED, nothing, nothing, nothing, nothing, nothing, nothing
        )
        self.dispute: DisputeState | None = None
        self.resolution: ResolveAttention | None = None
        self.has_news = False
        self.parked_because = ""
        self.times_parked = 0

    @property
    def status(self) -> ChargebackStatus:
        """Where the chargeback stands."""
        return ChargebackStatus(self.standing.status)

    def details(self) -> str:
        """Return the markdown table of the present state."""
        return chargeback_details(self.order, self.standing, self.dispute, self.parked_because)

    def attributes(self) -> dict[Attribute, str | int | bool | datetime | None]:
        """Return the search attributes of the present state."""
        amount = self.dispute.amount if self.dispute else None
        return {
            Attribute.CUSTOMER_ID: self.order.customer_id,
            Attribute.TRAVELER_ID: self.order.traveler_id,
            Attribute.CURRENCY: self.order.currency,
            Attribute.AMOUNT_MINOR: amount.amount_minor if amount else None,
            Attribute.NEEDS_ATTENTION: self.is_parked or self.is_unrecorded,
            Attribute.NEXT_DEADLINE: self.standing.deadline_at,
        }

    async def ask(
        self, step: str, activity: Callable[..., Awaitable[T]], argument: Any, summary: str
    ) -> T:
        """Have the provider asked.

        Raises:
            Stuck: it failed for good, or its tries have run out.
        """
        figures = self.policies.retries
        try:
            answer: T = await workflow.execute_activity_method(
                activity,
                argument,
                task_queue=TaskQueue.PAYMENTS,
                start_to_close_timeout=timedelta(seconds=figures.call_s_max),
                schedule_to_close_timeout=timedelta(seconds=self.policies.windows.provider_s),
                retry_policy=RetryPolicy(
                    initial_interval=timedelta(seconds=figures.first_wait_s),
                    maximum_interval=timedelta(seconds=figures.longest_wait_s),
                    maximum_attempts=figures.tries_max,
                ),
                summary=summary,
            )
        except ActivityError as failure:
            raise Stuck(step, failure_code(failure)) from failure
        return answer

    async def read_dispute(self) -> DisputeState:
        """Read the dispute at the provider.

        Raises:
            Stuck: it cannot be read.
        """
        self.dispute = await self.ask(
            "read_dispute", DisputeActivities.read_dispute, self.order, "Read the dispute"
        )
        return self.dispute

    def event(
        self,
        kind: EventKind,
        facts: dict[str, str] | None = None,
        *,
        times: str = "",
        actor: Actor = PLATFORM,
        intent: PaymentIntent | None = None,
    ) -> LateEvent:
        """Return an event of this chargeback, dated now; `times` tells several of one kind apart."""
        chargeback_id = self.order.chargeback_id
        key = f"{kind}:{chargeback_id}" + (f":{times}" if times else "")
        told = {"chargeback_id": chargeback_id, **(facts or {})}
        return LateEvent(self.delivery_id, key, kind, actor, workflow.now(), told, intent)

    def item(self, about: str, problem: str, repair: str = "") -> AttentionItem:
        """Return something that staff must look at."""
        return AttentionItem(
            key=self.item_key(about),
            kind=AttentionKind.CHARGEBACK,
            subject=f"chargeback {self.order.dispute_id}",
            problem=problem,
            delivery_id=self.delivery_id,
            suggested_repair=repair,
        )

    def item_key(self, about: str) -> str:
        """Return the key of something that staff must look at."""
        return f"chargeback:{self.order.chargeback_id}:{about}"

    async def write(self, status: ChargebackStatus | None = None, **parts: Any) -> None:
        """Write a change of the chargeback and stand there; what is not named stays as it is.

        Raises:
            RecordRefused: the database refuses it for good.
        """
        change = ChargebackChange(
            chargeback_id=self.order.chargeback_id,
            delivery_id=self.delivery_id,
            at=workflow.now(),
            status=status or self.status,
            dispute=self.dispute,
            deadline_kind=self.standing.deadline_kind,
            deadline_at=self.standing.deadline_at,
        )
        change = replace(change, **parts)
        summary = change.event.event.replace("_", " ") if change.event else "note where it stands"
        self.books = await self.in_database(
            ChargebackActivities.write_chargeback, [change], summary
        )
        self._stand_by(change)

    async def tell_delivery(self) -> None:
        """Tell the delivery that a chargeback of its payment has moved; it may be closed."""
        taken = self.books.taken_from_held if self.status is ChargebackStatus.LOST else None
        news = ChargebackNews(self.order.chargeback_id, self.status, taken)
        delivery = workflow.get_external_workflow_handle(delivery_workflow_id(self.delivery_id))
        try:
            await delivery.signal("chargeback_moved", news)
        except ApplicationError:
            workflow.logger.info("the delivery is closed and needs not be told")

    async def park(self, stuck: Stuck) -> ResolveAttention:
        """Tell staff that a step is stuck and wait until one of them resolves it.

        What moves no money is tried again by itself, with news and once its reminder is due.
        """
        self.resolution, self.is_parked, self.parked_because = None, True, stuck.reason
        recovers = stuck.step in RECOVERING_STEPS
        resolution = None
        while resolution is None:
            async with self.turn:
                await self._raise_alarm(stuck, recovers=recovers)
            is_due = await self._wait_parked(recovers=recovers)
            resolution = self._given(by_itself=recovers and (is_due or self.has_news))
        self.is_parked, self.parked_because = False, ""
        await self._resume(stuck, resolution)
        return resolution

    @workflow.update(
        description='Resolve the parked step. {} or {"action": "retry"} tries it again, which is'
        ' always safe; {"action": "skip"}; {"action": "done_by_hand", "reference": "..."}'
    )
    async def resolve_attention(self, command: ResolveAttention) -> Standing:
        """Resolve the parked step of this chargeback."""
        async with self.turn:
            self.check(lambda: check_resolve(self.order, self.standing.attention, command))
            self.resolution = command
        await workflow.wait_condition(lambda: not self.is_parked)
        return self.standing

    @resolve_attention.validator
    def _may_resolve_attention(self, command: ResolveAttention) -> None:
        self.check(lambda: check_resolve(self.order, self.standing.attention, command))

    def errand_due_at(self) -> datetime | None:
        """Return when something else has to be done although a step is parked."""
        return None

    async def run_errand(self) -> None:
        """Do it, as well as it goes."""

    async def _wait_parked(self, *, recovers: bool) -> bool:
        """Wait until somebody resolves the parked step; return whether its reminder is due."""
        while True:
            errand_due_at = self.errand_due_at()
            is_due = await self.wait_until_due(
                lambda: self.resolution is not None or (recovers and self.has_news), errand_due_at
            )
            if is_due or self.resolution is not None or (recovers and self.has_news):
                return is_due
            await self.run_errand()

    def _given(self, *, by_itself: bool) -> ResolveAttention | None:
        return self.resolution or (ResolveAttention() if by_itself else None)

    async def _raise_alarm(self, stuck: Stuck, *, recovers: bool) -> None:
        self.times_parked += 1
        wait_s = self.policies.chargebacks.read_again_s if recovers else ATTENTION_REMINDER_S
        facts = {"step": stuck.step, "reason": stuck.reason}
        repair = f"Open chargeback:{self.order.chargeback_id} and resolve its step {stuck.step}."
        parts: dict[str, Any] = {
            "event": self.event(
                EventKind.CHARGEBACK_PARKED, facts, times=f"{self._started}:{self.times_parked}"
            ),
            "deadline_kind": DeadlineKind.ATTENTION,
            "deadline_at": self.due_in(wait_s),
            "attention": stuck.step,
            "raises": (
                self.item(stuck.step, f"Its step {stuck.step} is stuck: {stuck.reason}.", repair),
            ),
        }
        try:
            await self.write(**parts)
        except RecordRefused:
            # The record itself is what is stuck: the Web UI must still show it.
            clock = {name: parts[name] for name in ("deadline_kind", "deadline_at", "attention")}
            self.stand(replace(self.standing, **clock))

    async def _resume(self, stuck: Stuck, resolution: ResolveAttention) -> None:
        facts = {
            "step": stuck.step,
            "action": resolution.action,
            "reference": resolution.reference,
            "reason": resolution.reason,
        }
        is_person = self.resolution is not None
        actor = Actor(Role.OPERATOR, resolution.operator_id) if is_person else PLATFORM
        event = self.event(
            EventKind.CHARGEBACK_RESUMED,
            facts,
            times=f"{self._started}:{self.times_parked}",
            actor=actor,
        )
        clock: dict[str, Any] = {"deadline_kind": None, "deadline_at": None, "attention": None}
        try:
            await self.write(event=event, settles=(self.item_key(stuck.step),), **clock)
        except RecordRefused:
            self.stand(replace(self.standing, **clock))

    @property
    def _started(self) -> str:
        """What tells the runs of one chargeback apart in the keys of its events."""
        return f"{int(workflow.info().start_time.timestamp())}"

    def _stand_by(self, change: ChargebackChange) -> None:
        standing = Standing(
            change.status,
            "",
            deadline_kind=change.deadline_kind,
            deadline_at=change.deadline_at,
            attention=change.attention,
        )
        self.stand(standing)
