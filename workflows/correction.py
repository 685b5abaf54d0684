"""One correction that somebody ordered, from its order to the last cent: one durable workflow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from temporalio import workflow

from workflows.core import RecordRefused, refused
from workflows.correction_steps import (
    CHARGE_TIP,
    COMPENSATE_TRAVELER,
    PAY_OUT_EXTRA,
    REFUND_GOODWILL,
    REVERSE_TRANSFER,
    SEND_TIP,
    VOID_TIP,
    LateStep,
)
from workflows.extra_costs import Consent
from workflows.money import StepSkipped

with workflow.unsafe.imports_passed_through():
    from activities.corrections import CorrectionActivities
    from domain.correcting.events import correction_of
    from domain.correcting.plans import OPENING, intents_of, reversal_of, void_of_tip
    from domain.correcting.rules import (
        OF_DEBTS,
        ON_TOP,
        CorrectionKind,
        CorrectionOrder,
        CorrectionStanding,
        CorrectionStatus,
        check_amount,
        check_correction,
    )
    from domain.errors import Refusal, RefusalCode
    from domain.provider_news import PaymentNews
    from domain.transitions import (
        EventKind,
        LateEvent,
        LateMoneyCommand,
        MoneyMoved,
        PaymentIntent,
        PaymentOutcome,
    )
    from domain.visibility import Attribute

DONE = CorrectionStanding(CorrectionStatus.DONE)


@workflow.defn(name="correction")
class CorrectionWorkflow(Consent):
    """Goodwill, compensation, a tip, extra costs, or the end of a debt."""

    @workflow.init
    def __init__(self, order: CorrectionOrder) -> None:
        super().__init__(order)
        self.delivery_id = order.delivery_id
        self.correction = correction_of(order)
        self.refusal: Refusal | None = None
        self.payment_changed = False
        self.readings = 0

    @workflow.run
    async def run(self, order: CorrectionOrder) -> CorrectionStatus:
        """Carry the correction out; return how it ended."""
        return await self.shielded(self._correct(order))

    @workflow.update(description="Order the correction; answers once it is on record.")
    async def open(self) -> CorrectionStanding:
        """Wait until the order is recorded, or learn why it is refused."""
        await workflow.wait_condition(lambda: self.is_open)
        if self.refusal is not None:
            raise refused(self.refusal, self.order.status)
        return self.now_at

    @workflow.signal(description="The provider has news of the tip's charge; it is read again.")
    def payment_news(self, news: PaymentNews | None = None) -> None:  # noqa: ARG002
        """Read the charge of the tip again."""
        self.payment_changed = True

    def attributes(self) -> dict[Attribute, str | int | bool | datetime | None]:
        """Return the search attributes of the present state."""
        return {**super().attributes(), Attribute.CUSTOMER_ID: self.order.customer_id}

    async def _correct(self, order: CorrectionOrder) -> CorrectionStatus:
        try:
            await self._order(order)
        except Refusal as refusal:
            self.refusal, self.is_open = refusal, True
            return CorrectionStatus.GIVEN_UP
        self.is_open = True
        if order.kind is CorrectionKind.GOODWILL_REFUND:
            await self._refund(*self.intents)
        elif order.kind is CorrectionKind.COMPENSATION:
            await self._compensate(*self.intents)
        elif order.kind in ON_TOP and await self.agreed_to():
            await self._tip(*self.intents)
        self.publish()
        return self.now_at.status

    async def _order(self, order: CorrectionOrder) -> None:
        """Check the order, plan it and write it.

        Raises:
            Refusal: the rules or the books refuse it.
        """
        check_correction(order)
        money = await self.in_database(
            CorrectionActivities.read_delivery_money, [order.delivery_id], "read the books"
        )
        check_amount(order, money)
        self.intents = intents_of(order, money)
        standing = self._at_first(order)
        opening = self.event(
            OPENING[order.kind],
            standing,
            order.actor,
            note=order.note,
            reference=order.reference,
            intent=self.intents[0] if self.intents and not self.is_asked(standing) else None,
        )
        arguments = [order, opening, reversal_of(order, money)]
        try:
            await self.in_database(
                CorrectionActivities.order_correction, arguments, f"order the {order.kind}"
            )
        except RecordRefused as failure:
            raise Refusal(_code_of(failure), failure.message) from failure
        self.be(standing)

    def _at_first(self, order: CorrectionOrder) -> CorrectionStanding:
        if order.kind is CorrectionKind.EXTRA_COST:
            return self.asked()
        return DONE if order.kind in OF_DEBTS else self.moving()

    async def _refund(self, refund: PaymentIntent, reversal: PaymentIntent | None = None) -> None:
        """Refund first; only then take the transfer back."""
        after = self._done if reversal is None else self.moving
        try:
            await self._move(REFUND_GOODWILL, refund, after, reversal)
        except StepSkipped:
            await self._give_up(refund)
            return
        if reversal is not None:
            await self._reverse(reversal)

    async def _reverse(self, reversal: PaymentIntent) -> None:
        """Take the transfer back; what cannot be taken back stays the traveler's debt."""
        refusal = self.event(EventKind.REVERSAL_REFUSED, DONE)
        try:
            await self._move(REVERSE_TRANSFER, reversal, self._done, on_refusal=refusal)
        except StepSkipped:
            await self.record_late(refusal, DONE, given_up=reversal.operation_id)
        self.be(DONE)

    async def _compensate(self, transfer: PaymentIntent, payout: PaymentIntent) -> None:
        try:
            await self._move(COMPENSATE_TRAVELER, transfer, self.moving, payout)
        except StepSkipped:
            await self._give_up(transfer)
        else:
            await self._pay_out(payout)

    async def _tip(
        self, charge: PaymentIntent, transfer: PaymentIntent, payout: PaymentIntent
    ) -> None:
        if await self._charged(charge, transfer):
            await self._move(SEND_TIP, transfer, self.moving, payout)
            await self._pay_out(payout)

    async def _charged(self, charge: PaymentIntent, transfer: PaymentIntent) -> bool:
        """Charge the tip; a decline is an answer, and an unsettled charge waits for the customer."""
        is_late = False
        while True:
            try:
                moved = await self._move(CHARGE_TIP, charge, self.moving, transfer)
            except StepSkipped:
                await self._void("given_up")
                return False
            if moved.outcome is PaymentOutcome.SUCCEEDED:
                return True
            if moved.outcome is PaymentOutcome.DECLINED:
                declined = self.over(CorrectionStatus.DECLINED, moved.detail)
                late = self.event(EventKind.TIP_DECLINED, declined)
                await self.record_late(late, declined)
                return False
            if is_late:
                await self._void("unsettled")
                return False
            is_late = await self._waited_in_vain(moved.detail)

    async def _waited_in_vain(self, detail: str) -> bool:
        if self.now_at.status is not CorrectionStatus.UNSETTLED:
            unsettled = CorrectionStanding(
                CorrectionStatus.UNSETTLED,
                problem=detail,
                deadline_kind=self.payment_clock,
                deadline_at=self.due_in(self.policies.windows.payment_s),
            )
            await self.record_late(self.event(EventKind.TIP_UNSETTLED, unsettled), unsettled)
        windows, self.payment_changed = self.policies.windows, False
        wait_s = min(windows.payment_poll_s * 2**self.readings, windows.payment_poll_s_max)
        self.readings += 1
        is_due = await self.wait_until_due(
            lambda: self.payment_changed or self.stop_requested, self.due_in(wait_s)
        )
        return is_due or self.stop_requested

    async def _void(self, reason: str) -> None:
        """Make sure that the tip is not charged; the lookups before found it not in force."""
        moving, intent = self.moving(), void_of_tip(self.order)
        await self.record_late(
            self.event(EventKind.TIP_VOID_STARTED, moving, intent=intent), moving
        )
        await self._move(VOID_TIP, intent, lambda: self.over(CorrectionStatus.DECLINED, reason))

    async def _pay_out(self, payout: PaymentIntent) -> None:
        """Send it to the traveler's bank; a skipped payout stays owed."""
        try:
            await self._move(PAY_OUT_EXTRA, payout, self._done)
        except StepSkipped:
            late = self.event(EventKind.EXTRA_PAYOUT_SKIPPED, DONE)
            await self.record_late(late, DONE, given_up=payout.operation_id)

    async def _give_up(self, intent: PaymentIntent) -> None:
        standing = self.over(CorrectionStatus.GIVEN_UP)
        late = self.event(EventKind.CORRECTION_GIVEN_UP, standing)
        await self.record_late(late, standing, given_up=intent.operation_id)

    async def _move(
        self,
        step: LateStep,
        intent: PaymentIntent,
        after: Callable[[], CorrectionStanding],
        following: PaymentIntent | None = None,
        *,
        on_refusal: LateEvent | None = None,
    ) -> MoneyMoved:
        """Move money by one step and stand where its success leads.

        Raises:
            StepSkipped: the step was parked and somebody skipped it.
        """

        def command() -> tuple[LateMoneyCommand, CorrectionStanding]:
            standing = after()
            success = self.event(step.event, standing, intent=following)
            return LateMoneyCommand(
                self.delivery_id,
                intent,
                success,
                traveler_id=self.order.traveler_id,
                bearer=self.order.bearer,
                on_refusal=on_refusal,
            ), standing

        return await self.drive(step, command)

    def _done(self) -> CorrectionStanding:
        return DONE


def _code_of(failure: RecordRefused) -> RefusalCode:
    try:
        return RefusalCode(failure.type or "")
    except ValueError:
        return RefusalCode.ESCROW_CONFLICT
