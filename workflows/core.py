"""What every stage of a saga stands on: its turn, its clock, its records and its view.

Handlers and stages change a delivery one at a time: each takes the `turn`, checks, writes one
transition and only then changes what it remembers.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

with workflow.unsafe.imports_passed_through():
    from activities.records import RecordActivities
    from domain.business_hours import HoursPolicy  # noqa: F401 -- The sandbox reads its fields there.
    from domain.contracts import Actor, CodePurpose, Standing
    from domain.deadlines import DeadlineKind
    from domain.disputing.ladder import Ladder  # noqa: F401
    from domain.disputing.policy import DisputePolicy  # noqa: F401
    from domain.errors import Refusal, RefusalCode
    from domain.holds.rules import refuse_on_hold
    from domain.ids import DeliveryId

    # By its own module: the sandbox reads the types of its fields there when it decodes an order.
    from domain.leaving.policy import CancellationPolicy  # noqa: F401
    from domain.outcomes import ScanOutcome  # noqa: F401 -- The sandbox reads its fields there.
    from domain.page_links import linked
    from domain.payment_intents import PaymentIntent as Intent  # noqa: F401 -- As above.
    from domain.policies import Policies
    from domain.preconditions import require_unchanged, seen_in
    from domain.risk.policy import RiskPolicy  # noqa: F401 -- The sandbox reads its fields there.
    from domain.status import DeliveryStatus
    from domain.transitions import EventKind, OfferChange, PaymentIntent, Transition
    from domain.visibility import Attribute

from workflows.clocks import SagaClock
from workflows.view import upsert

T = TypeVar("T")

RECORD_CALL_S_MAX = 5
"""One try of a database transaction, in seconds: a healthy one takes milliseconds."""
RECORD_WAIT_S_LONGEST = 60
"""Longest wait between two tries while the database is away, in seconds."""
RECORD_S_MAX = 600
"""How long the database may be away before the delivery says so on its page, in seconds."""
LOCAL_RETRY_S_MAX = 5
"""Longer waits become timers, so that an outage does not fill the history with heartbeats."""

ANSWER_S_MAX = 2
"""How long a command waits for the answer of a step under way: commits are seen in milliseconds."""
COMMANDS_WAITING_MAX = 5
"""Commands that wait for such an answer at once: each of them costs history."""
COMMANDS_EARLY_MAX = 50
"""Commands that may wait over the life of a delivery; later ones are refused at once."""
COMMANDS_MAX = 1_500
"""Commands that a delivery takes. The server ends at 2,000 updates: the rest is for operators."""

RECORD_RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=200),
    maximum_interval=timedelta(seconds=RECORD_WAIT_S_LONGEST),
)
"""Writing a transition is tried for ever: the saga cannot go on without its record."""


class RecordRefused(ApplicationError):
    """The database refuses a transition for good; nothing of it is written.

    In a command it fails that command; in a stage it parks the delivery for a person.
    """


def refused(refusal: Refusal, status: str) -> ApplicationError:
    """Return the error by which a command's sender learns of a refusal."""
    return ApplicationError(
        refusal.message, {"status": status}, type=refusal.code, non_retryable=True
    )


class SagaCore(SagaClock):
    """State and tools shared by the delivery and the dispute workflow."""

    delivery_id: DeliveryId
    policies: Policies

    def __init__(self) -> None:
        super().__init__()
        self.is_open = False
        self.is_moving = False
        self.stop_requested = False
        self.is_parked = False
        self.is_unrecorded = False
        self.commands_waiting = 0
        self.commands_taken = 0
        self.commands_early = 0
        self.records_under_way = 0

    def details(self) -> str:
        """Return the markdown that the Web UI shows as the current details."""
        raise NotImplementedError

    def attributes(self) -> dict[Attribute, str | int | bool | datetime | None]:
        """Return the search attributes of the present standing."""
        raise NotImplementedError

    def publish(self) -> None:
        """Write the search attributes that changed.

        Done when a stage starts to wait for a person, when a step is parked and at the close, not
        at every move: each writing is one event of history, and a provider call lasts seconds.
        """
        upsert(self.attributes())

    async def shielded(self, saga: Coroutine[Any, Any, T]) -> T:
        """Run the saga so that a cancellation from outside becomes a request it can decide on.

        A cancelled saga would leave money half moved; this one sees `stop_requested` and takes the
        exit that its stage allows.
        """
        task = asyncio.create_task(saga)
        while True:
            try:
                result = await asyncio.shield(task)
            except asyncio.CancelledError:
                if task.cancelled():
                    raise
                self.stop_requested = True
            else:
                await workflow.wait_condition(workflow.all_handlers_finished)
                return result

    def check(self, rule: Callable[[], None]) -> None:
        """Run a rule and refuse the command when it does.

        Raises:
            ApplicationError: with the refusal's code as its type and the present status.
        """
        with self.refusing():
            rule()

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Turn refusals into the error by which a command's sender learns of them."""
        try:
            yield
        except Refusal as refusal:
            raise refused(refusal, self.standing.status) from refusal

    def admit(self, rule: Callable[[], None], *, despite_hold: bool = False) -> None:
        """Refuse a command before it leaves any history, unless money is on the move.

        People read in the database that a step has succeeded a moment before the workflow learns of
        it: what they then ask for is heard, and waits for the step's answer.
        """
        self._require_room(despite_hold=despite_hold)
        self.check_unless_soon(rule)

    def check_unless_soon(self, rule: Callable[[], None]) -> None:
        """Refuse a command before it leaves any history, unless the answer under way may let it."""
        if not self.may_pass_soon(rule) or self.commands_waiting >= COMMANDS_WAITING_MAX:
            self.check(rule)

    @asynccontextmanager
    async def command(
        self, rule: Callable[[], None], *, despite_hold: bool = False
    ) -> AsyncIterator[None]:
        """Give a command its turn, after checking again that it is allowed."""
        self.commands_taken += 1
        await workflow.wait_condition(lambda: self.is_open)
        await self.wait_if_soon(rule)
        async with self.turn:
            await self.require_seen()
            self._require_room(despite_hold=despite_hold)
            self.check(rule)
            yield

    async def require_seen(self) -> None:
        """Refuse the command whose turn it is when its sender has not seen what is there by now.

        What is there is in the database: other sagas and payments write there too.
        """
        update = workflow.current_update_info()
        seen = seen_in(update.id) if update is not None else None
        if seen is not None:
            sequence = await self.in_database(
                RecordActivities.sequence_of, [self.delivery_id, seen.offer_id], "look for changes"
            )
            self.check(lambda: require_unchanged(seen, sequence))

    def _require_room(self, *, despite_hold: bool) -> None:
        if self.is_on_hold and not despite_hold:
            self.check(refuse_on_hold)
        if self.is_parked:
            self.check(_refuse_while_parked)
        if self.commands_taken >= COMMANDS_MAX:
            self.check(_refuse_crowd)

    def may_pass_soon(self, rule: Callable[[], None]) -> bool:
        """Tell whether a refused command may be taken once the answer under way is known."""
        try:
            rule()
        except Refusal as refusal:
            is_early = self.is_moving and refusal.code is RefusalCode.WRONG_STATE
            return is_early and self.commands_early < COMMANDS_EARLY_MAX
        return False

    async def wait_if_soon(self, rule: Callable[[], None]) -> None:
        """Wait, not for long, for the answer under way and its record, where it may let a command."""
        if self.may_pass_soon(rule):
            await self.wait_for_answer()

    async def wait_for_answer(self) -> None:
        """Wait for the answer of the step under way, and for its record, but not for long."""
        self.commands_waiting += 1
        self.commands_early += 1
        try:
            answer_s_max = timedelta(seconds=ANSWER_S_MAX)
            await workflow.wait_condition(lambda: not self.is_moving, timeout=answer_s_max)
            if self.records_under_way and workflow.patched("answers-are-recorded"):
                # Where the answer leads is known once its record is written.
                await workflow.wait_condition(
                    lambda: not self.records_under_way, timeout=answer_s_max
                )
        except TimeoutError:
            workflow.logger.info("a command waited in vain for the provider's answer")
        finally:
            self.commands_waiting -= 1

    async def record(self, transition: Transition) -> None:
        """Write one transition and stand there from now on."""
        self.records_under_way += 1
        try:
            await self.in_database(
                RecordActivities.record_transition, [transition], transition.event.replace("_", " ")
            )
            self.stand(transition.standing)
        finally:
            self.records_under_way -= 1

    async def in_database(
        self, change: Callable[..., Awaitable[T]], arguments: Sequence[Any], summary: str
    ) -> T:
        """Change the database by one local activity, for as long as it takes to reach it.

        Raises:
            RecordRefused: the database refuses the change for good.
        """
        while True:
            try:
                answer: T = await workflow.execute_local_activity_method(
                    change,
                    args=arguments,
                    start_to_close_timeout=timedelta(seconds=RECORD_CALL_S_MAX),
                    schedule_to_close_timeout=timedelta(seconds=RECORD_S_MAX),
                    local_retry_threshold=timedelta(seconds=LOCAL_RETRY_S_MAX),
                    retry_policy=RECORD_RETRY,
                    summary=summary,
                )
            except FailureError as failure:
                # A failed local activity arrives bare or wrapped, depending on how it ended.
                cause = failure.cause if isinstance(failure, ActivityError) else failure
                if isinstance(cause, ApplicationError) and cause.non_retryable:
                    raise RecordRefused(
                        cause.message, type=cause.type, non_retryable=True
                    ) from failure
                self._note_unrecorded(is_so=True)
            else:
                self._note_unrecorded(is_so=False)
                return answer

    def _note_unrecorded(self, *, is_so: bool) -> None:
        if self.is_unrecorded != is_so:
            self.is_unrecorded = is_so
            self.publish()

    def transition(
        self,
        event: EventKind,
        key: str,
        actor: Actor,
        standing: Standing,
        *,
        facts: dict[str, str] | None = None,
        offers: tuple[OfferChange, ...] = (),
        codes: tuple[CodePurpose, ...] = (),
        intent: PaymentIntent | None = None,
        supersedes: str = "",
    ) -> Transition:
        """Return a transition of this delivery, dated now."""
        now = workflow.now()
        life_ends = now + timedelta(seconds=self.policies.windows.code_s)
        # A code outlives the deadline of its step, however late the customer set that.
        valid_until = max(life_ends, standing.deadline_at or life_ends) if codes else None
        return Transition(
            delivery_id=self.delivery_id,
            key=key,
            event=event,
            actor=actor,
            at=now,
            standing=standing,
            facts=facts or {},
            offers=offers,
            codes_issued=codes,
            codes_valid_until=valid_until,
            intent=intent,
            supersedes=supersedes,
        )

    def stand(self, standing: Standing) -> None:
        """Remember where the delivery stands and show it."""
        self.standing = standing
        workflow.set_current_details(linked(self.details(), workflow.info().namespace))

    def armed(
        self,
        status: DeliveryStatus,
        kind: DeadlineKind | None = None,
        due_at: datetime | None = None,
        **changes: Any,
    ) -> Standing:
        """Return the standing after a move to `status`, with the given clock or none armed."""
        return replace(
            self.standing, status=status, deadline_kind=kind, deadline_at=due_at, **changes
        )

    def due_in(self, seconds: int) -> datetime:
        """Return the moment so many seconds from now."""
        return workflow.now() + timedelta(seconds=seconds)


def _refuse_while_parked() -> None:
    raise Refusal(
        RefusalCode.NEEDS_ATTENTION,
        "A step of this delivery is parked and operations staff are on it; try again later.",
    )


def _refuse_crowd() -> None:
    raise Refusal(RefusalCode.TOO_MANY_COMMANDS, "This delivery has taken too many commands.")
