"""One chargeback, from the first news of it to its last cent: one durable workflow at any time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import workflow

from workflows.chargebacks.answering import AnsweringStage
from workflows.chargebacks.core import Stuck
from workflows.chargebacks.money import MoneyStage
from workflows.core import RecordRefused
from workflows.money import failure_code

with workflow.unsafe.imports_passed_through():
    from activities.chargebacks import ChargebackActivities
    from domain.chargebacks import (
        DECIDED,
        ChargebackBooking,
        ChargebackOrder,
        ChargebackStatus,
        DisputeState,
        NameBearer,
        check_name_bearer,
        next_reading_s,
    )
    from domain.contracts import Standing
    from domain.deadlines import DeadlineKind
    from domain.ledger import Bearer, BookingKind
    from domain.money import Money
    from domain.transitions import EventKind

_OVER = {"deadline_kind": None, "deadline_at": None, "attention": None}


@workflow.defn(name="chargeback")
class ChargebackWorkflow(AnsweringStage, MoneyStage):
    """What a cardholder's bank takes back of a payment, also long after the delivery has closed."""

    @workflow.init
    def __init__(self, order: ChargebackOrder) -> None:
        super().__init__(order)
        self.readings = 0
        self.rest_bearer = Bearer.PLATFORM
        self.return_due_at: datetime | None = None

    @workflow.run
    async def run(self, order: ChargebackOrder) -> str:  # noqa: ARG002
        """Follow the dispute to its end; return its status."""
        return await self.shielded(self._follow())

    @workflow.signal(description="The provider has news of the dispute; it is read again at once.")
    def dispute_changed(self) -> None:
        """Read the dispute again, whatever changed."""
        self.has_news = True

    @workflow.update(
        description="Staff say who bears what is beyond the payment, if it is lost: customer,"
        ' traveler or platform. {"bearer": "customer"}'
    )
    async def name_bearer(self, command: NameBearer) -> Standing:
        """Note who bears what neither the held payment nor the traveler's pay covers."""
        async with self.turn:
            self.check(lambda: check_name_bearer(self.order, self.status, command))
            facts = {"bearer": command.bearer, "reason": command.reason}
            event = self.event(
                EventKind.BEARER_NAMED, facts, times=command.bearer, actor=command.actor
            )
            await self.write(event=event)
            self.rest_bearer = command.bearer
        return self.standing

    @name_bearer.validator
    def _may_name_bearer(self, command: NameBearer) -> None:
        self.check(lambda: check_name_bearer(self.order, self.status, command))

    async def _follow(self) -> str:
        self.books = await self.in_database(
            ChargebackActivities.read_chargeback_books, [self.order], "see what is booked"
        )
        self.stand(replace(self.standing, status=self.books.status))
        self.is_open = True
        while not await self._or_park():
            self.publish()
        self.publish()
        return self.status

    async def _or_park(self) -> bool:
        try:
            return await self._round()
        except Stuck as stuck:
            await self.park(stuck)
        except RecordRefused as failure:
            await self.park(Stuck("write_chargeback", failure_code(failure)))
        return False

    async def _round(self) -> bool:
        """Read the dispute, do what follows from it, and wait for more; return whether it is over."""
        self.has_news = False
        dispute = await self.read_dispute()
        if self.status in DECIDED and not self._is_unsettled():
            await self._compare(dispute)
            return True
        await self._note(dispute)
        await self.answer()
        if self.books.taken != self.books.returned and dispute.status not in DECIDED:
            await self.recall_if_due()
        dispute = self.dispute or dispute
        if not dispute.is_over:
            await self._await_news(dispute)
            return False
        await self._settle(dispute)
        return True

    def _is_unsettled(self) -> bool:
        """Tell whether a run before this one was ended in the middle of settling."""
        return self.status is ChargebackStatus.WON and self.books.recalled.amount_minor > 0

    async def _note(self, dispute: DisputeState) -> None:
        """Write what has become different: funds that were taken, an inquiry, a chargeback."""
        more = dispute.taken - self.books.taken
        evidence = self.item(
            "evidence",
            f"The bank disputes {dispute.amount} ({dispute.reason}): check and complete the"
            f" evidence before it is submitted.",
            f"Open the delivery's chargebacks; submit with chargeback:{self.order.chargeback_id}.",
        )
        raises = (evidence,) if dispute.takes_evidence else ()
        facts = {"amount": str(dispute.amount), "reason": dispute.reason}
        if more.amount_minor > 0:
            times = str(dispute.taken.amount_minor) if self.books.taken.amount_minor else ""
            facts["amount"] = str(more)
            event = self.event(EventKind.CHARGEBACK_OPENED, facts, times=times)
            booking = self._booking(BookingKind.CHARGEBACK, more, dispute.taken)
            await self.write(ChargebackStatus.OPEN, event=event, booking=booking, raises=raises)
            await self.tell_delivery()
        elif self.status is ChargebackStatus.ANNOUNCED and dispute.takes_evidence:
            is_inquiry = dispute.status is ChargebackStatus.INQUIRY
            event = self.event(EventKind.CHARGEBACK_INQUIRED, facts)
            await self.write(dispute.status, event=event if is_inquiry else None, raises=raises)

    async def _await_news(self, dispute: DisputeState) -> None:
        """Wait for an event, for the time to submit, or until it is time to look again."""
        figures, wake_at = self.policies.chargebacks, None
        if self.takes_evidence:
            kind, due_at = DeadlineKind.EVIDENCE, self.submit_due_at()
            wake_at = self.due_in(figures.evidence_look_s)
        else:
            kind = DeadlineKind.NETWORK
            due_at = self.due_in(next_reading_s(figures, self.readings))
            self.readings += 1
        if self.is_under_way:
            wake_at = self.due_in(figures.settle_s)
        raises = self._overdue_return(dispute)
        if raises or (kind, due_at) != (self.standing.deadline_kind, self.standing.deadline_at):
            await self.write(deadline_kind=kind, deadline_at=due_at, raises=raises)
        await self.wait_until_due(lambda: self.has_news, wake_at)
        self.readings = 0 if self.has_news else self.readings

    def _overdue_return(self, dispute: DisputeState) -> tuple[object, ...]:
        """Return what staff must look at when money that was won does not come back in time."""
        if dispute.status not in DECIDED:
            return ()
        wait_s = self.policies.chargebacks.return_s_max
        self.return_due_at = self.return_due_at or self.due_in(wait_s)
        if workflow.now() < self.return_due_at:
            return ()
        self.return_due_at = workflow.now() + timedelta(seconds=wait_s)
        missing = dispute.taken - dispute.returned
        return (self.item("return", f"It was won and {missing} did not come back."),)

    async def _settle(self, dispute: DisputeState) -> None:
        """Book how it ended, and let everybody go on from there."""
        settles = tuple(self.item_key(about) for about in ("evidence", "recall", "return"))
        back = dispute.returned - self.books.returned
        won = self._booking(BookingKind.CHARGEBACK_WON, back, dispute.returned)
        if dispute.status is ChargebackStatus.WON:
            event = self.event(EventKind.CHARGEBACK_WON, {"amount": str(dispute.amount)})
            await self.write(dispute.status, event=event, booking=won, settles=settles, **_OVER)
            await self.release_again()
            await self.write(**_OVER)
        elif dispute.status is ChargebackStatus.LOST:
            if back.amount_minor:
                await self.write(booking=won)
            await self._settle_loss(dispute, settles)
        else:
            event = self.event(EventKind.CHARGEBACK_CLOSED, {"amount": str(dispute.amount)})
            await self.write(dispute.status, event=event, booking=won, settles=settles, **_OVER)
        await self.tell_delivery()

    async def _settle_loss(self, dispute: DisputeState, settles: tuple[str, ...]) -> None:
        gone = dispute.taken - dispute.returned
        is_travelers = self.order.bearer_after_release(dispute.reason) is Bearer.TRAVELER
        booking = replace(
            self._booking(BookingKind.CHARGEBACK_LOST, gone - self.books.lost, gone),
            traveler_id=self.order.traveler_id if is_travelers else None,
            rest_bearer=self.rest_bearer,
            customer_id=self.order.customer_id,
        )
        facts = {"amount": str(gone), "reason": dispute.reason}
        event = self.event(EventKind.CHARGEBACK_LOST, facts)
        await self.write(
            ChargebackStatus.LOST, event=event, booking=booking, settles=settles, **_OVER
        )

    def _booking(self, kind: BookingKind, amount: Money, total: Money) -> ChargebackBooking:
        assert self.dispute is not None, "the dispute was read"
        return ChargebackBooking(kind, amount, total, self.dispute.fee - self.books.fee)

    async def _compare(self, dispute: DisputeState) -> None:
        """Look at a dispute that was decided before: banks change their mind, seldom."""
        known = self.books.status, self.books.taken, self.books.returned
        if (dispute.status, dispute.taken, dispute.returned) == known:
            return
        problem = (
            f"It was {self.books.status} and is {dispute.status} now: {dispute.taken} were taken"
            f" and {dispute.returned} returned, {self.books.taken} and {self.books.returned} are"
            f" booked."
        )
        repair = "Compare it with the provider and book the difference as a correction."
        await self.write(
            ChargebackStatus(self.books.status),
            raises=(self.item("decided_again", problem, repair),),
            **_OVER,
        )
