"""Payment stage: the agreed price is held, or the customer names another payment method."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from temporalio import workflow

from workflows.core import RecordRefused
from workflows.money import StepFailed
from workflows.stages.reopening import ReopeningStage
from workflows.steps import AUTHORISE_FUNDS, HOLD_FUNDS, SAVE_METHOD, VOID_HOLD

with workflow.unsafe.imports_passed_through():
    from domain.contracts import (
        PLATFORM,
        Actor,
        CodePurpose,
        DeliveryOrder,
        GivePaymentMethod,
        Role,
        Standing,
    )
    from domain.deadlines import DeadlineKind
    from domain.errors import RefusalCode
    from domain.lifecycle import check_give_payment_method
    from domain.money import Money
    from domain.money_path import charge_at, pickup_due
    from domain.provider_news import PaymentNews
    from domain.status import DeliveryStatus, EscrowStatus
    from domain.transitions import (
        EventKind,
        MoneyCommand,
        MoneyMoved,
        OperationKind,
        PaymentIntent,
        PaymentOutcome,
        Transition,
    )


_STEPS = {
    OperationKind.CHARGE: HOLD_FUNDS,
    OperationKind.AUTHORISE: AUTHORISE_FUNDS,
    OperationKind.SAVE: SAVE_METHOD,
}
"""How the payment is held, by what its horizon asks for."""


class PaymentStage(ReopeningStage):
    """From an accepted offer to a held payment."""

    def __init__(self, order: DeliveryOrder) -> None:
        super().__init__(order)
        self.payment_due_at: datetime | None = None
        self.payment_changed = False
        self.next_method: GivePaymentMethod | None = None
        self.readings = 0
        self.capture_before: datetime | None = None
        self.saved_method = ""
        self.savings: list[tuple[str, Money]] = []
        self.hold_died = False
        self.doubted_hold = ""

    def start_over(self) -> None:
        """Forget how the last payment was to be held."""
        super().start_over()
        self.payment_due_at = self.next_method = self.capture_before = None
        self.payment_changed = self.hold_died = False
        self.readings, self.saved_method = 0, ""

    @workflow.update(description="The customer names another payment method after a decline.")
    async def give_payment_method(self, command: GivePaymentMethod) -> Standing:
        """Try another payment method; an unsettled charge is voided first."""
        async with self.command(lambda: check_give_payment_method(self.state, command)):
            if self.standing.escrow == EscrowStatus.NONE:
                await self._charge_with(command)
            else:
                self.next_method = command
        return self.standing

    @give_payment_method.validator
    def _may_give_payment_method(self, command: GivePaymentMethod) -> None:
        self.admit(lambda: check_give_payment_method(self.state, command))

    @workflow.signal(description="The provider has news; what is waited for is read again at once.")
    def payment_news(self, news: PaymentNews | None = None) -> None:
        """Read the present charge again, whichever object the news is about.

        News of no operation is about the traveler's account.
        """
        self.payment_changed = True
        self.news_heard += 1
        if news is None or not news.operation_id:
            self.account_news += 1
        elif news.is_undone and news.operation_id == self.hold_id:
            self.doubted_hold = self.hold_id

    @property
    def hold_in_doubt(self) -> bool:
        """Whether the provider has news of the end of the present hold."""
        return self.doubted_hold == self.hold_id

    async def hold_payment(self) -> None:
        """Charge the customer, or do what the horizon asks for; a decline asks for another method."""
        command = self._hold_command()
        try:
            moved = await self.move(_STEPS[self.hold_kind], command)
        except StepFailed as failure:
            await self._compensate(command, failure.reason)
            return
        if moved.outcome is PaymentOutcome.SUCCEEDED:
            self._note_held(moved)
        elif moved.outcome is PaymentOutcome.DECLINED:
            await self._payment_due(EventKind.PAYMENT_DECLINED, EscrowStatus.NONE, moved.detail)
        elif self.readings == 0:
            await self._payment_due(EventKind.PAYMENT_UNSETTLED, EscrowStatus.HOLDING, moved.detail)

    async def _compensate(self, command: MoneyCommand, reason: str) -> None:
        try:
            await self._void(reason)
        except RecordRefused as conflict:
            if conflict.type != RefusalCode.ESCROW_CONFLICT:
                raise
            # The charge was booked although its answer was lost: asking again finds it held.
            self._note_held(await self.move(_STEPS[self.hold_kind], command))

    async def await_payment(self) -> None:
        """Wait for another method or for the charge to settle; otherwise cancel."""
        unsettled = self.standing.escrow == EscrowStatus.HOLDING
        is_due = await self.wait_until_due(
            self._has_answer, self._next_reading_at() if unsettled else None
        )
        if self.status is not DeliveryStatus.PAYMENT_DUE:
            return
        is_leaving = is_due or self.leaver() is not None
        if unsettled and not is_leaving and self.next_method is None:
            self.payment_changed = False
            await self.hold_payment()
            return
        if unsettled:
            reason = "cancelled" if is_leaving else "replaced"
            await self._compensate(self._hold_command(), reason)
        async with self.turn:
            await self._go_on(is_due=is_due)

    async def _go_on(self, *, is_due: bool) -> None:
        """Look again after the void, which may have taken hours: the latest word counts."""
        if self.status is not DeliveryStatus.PAYMENT_DUE or self.is_on_hold:
            return
        leaver = self.leaver()
        if leaver is None and self.next_method is not None:
            await self._charge_with(self.next_method)
        elif leaver is not None or is_due:
            await self.leave_unpaid(leaver or PLATFORM, "the payment was not held")

    def _has_answer(self) -> bool:
        return (
            self.status is not DeliveryStatus.PAYMENT_DUE
            or self.next_method is not None
            or self.leaver() is not None
            or (self.payment_changed and self.standing.escrow == EscrowStatus.HOLDING)
        )

    def leaver(self) -> Actor | None:
        """Return who wants to leave while the parcel is still with its sender, if anybody."""
        if self.state.cancelled_by is not None:
            return self.state.cancelled_by
        return Actor(Role.OPERATOR) if self.stop_requested else None

    def _next_reading_at(self) -> datetime:
        windows = self.policies.windows
        wait_s = min(windows.payment_poll_s * 2**self.readings, windows.payment_poll_s_max)
        self.readings += 1
        return self.due_in(wait_s)

    def hold_intent(self) -> PaymentIntent:
        """Return what the provider is asked for to hold the payment, or to hold it later."""
        is_saved = bool(self.saved_method) and self.hold_kind is OperationKind.CHARGE
        return PaymentIntent(
            self.hold_id,
            self.hold_kind,
            self.held,
            self.saved_method if is_saved else self.agreement.payment_method,
            off_session=is_saved,
        )

    def _hold_command(self) -> MoneyCommand:
        success = {
            OperationKind.AUTHORISE: self._authorised,
            OperationKind.SAVE: self._method_saved,
        }.get(self.hold_kind, self._held)
        return MoneyCommand(self.delivery_id, self.hold_intent(), success())

    def _note_held(self, moved: MoneyMoved) -> None:
        self.capture_before, self.payment_due_at = moved.capture_before, None
        self.next_method = None
        # News may come before the answer that it is about, and holds afterwards too.
        if self.hold_in_doubt and not workflow.patched("doubted-before-its-answer"):
            self.doubted_hold = ""
        if self.hold_kind is OperationKind.SAVE:
            self.saved_method = moved.saved_method
            self.savings.append((self.hold_id, self.held))

    def _held(self) -> Transition:
        return self._ready_for_pickup(EventKind.PAYMENT_HELD, EscrowStatus.HELD)

    def _authorised(self) -> Transition:
        return self._ready_for_pickup(EventKind.PAYMENT_AUTHORISED, EscrowStatus.AUTHORISED)

    def _ready_for_pickup(self, event: EventKind, escrow: EscrowStatus) -> Transition:
        due_at = pickup_due(self.order, workflow.now())
        return self.transition(
            event,
            str(event),
            PLATFORM,
            self.armed(DeliveryStatus.AWAITING_PICKUP, DeadlineKind.PICKUP, due_at, escrow=escrow),
            facts={"amount": str(self.held)},
            codes=(CodePurpose.PICKUP,),
        )

    def _method_saved(self) -> Transition:
        due_at = charge_at(self.order, workflow.now())
        return self.transition(
            EventKind.PAYMENT_METHOD_SAVED,
            f"payment_method_saved:{self.charge_attempt}",
            PLATFORM,
            self.armed(
                DeliveryStatus.SCHEDULED, DeadlineKind.CHARGE, due_at, escrow=EscrowStatus.SAVED
            ),
            facts={"amount": str(self.held)},
        )

    async def _charge_with(self, command: GivePaymentMethod) -> None:
        self.charge_attempt += 1
        self.state.charges_tried += 1
        self.next_method, self.payment_changed, self.readings = None, False, 0
        self.saved_method = ""
        self.hold_kind = OperationKind.CHARGE if self.hold_died else self.hold_by_horizon()
        self.state.accepted = replace(self.agreement, payment_method=command.payment_method)
        await self.record(
            self.transition(
                EventKind.PAYMENT_METHOD_GIVEN,
                f"payment_method_given:{self.charge_attempt}",
                command.actor,
                self.moving(DeliveryStatus.ACCEPTED, EscrowStatus.HOLDING),
                intent=self.hold_intent(),
            )
        )

    def due_for_payment(self, escrow: EscrowStatus) -> Standing:
        """Return the standing of a delivery whose customer must see to the payment."""
        if self.payment_due_at is None:
            due_at = self.due_in(self.policies.windows.payment_s)
            moments = (due_at, self.order.pickup_by, self.order.deliver_by)
            self.payment_due_at = min(moment for moment in moments if moment is not None)
        return self.armed(
            DeliveryStatus.PAYMENT_DUE, DeadlineKind.PAYMENT, self.payment_due_at, escrow=escrow
        )

    async def _payment_due(self, event: EventKind, escrow: EscrowStatus, detail: str) -> None:
        key = f"{event}:{self.charge_attempt}"
        await self.record(
            self.transition(
                event, key, PLATFORM, self.due_for_payment(escrow), facts={"reason": detail}
            )
        )

    async def _void(self, reason: str) -> None:
        intent = self.intent(OperationKind.VOID, self.held)
        await self.record(
            self.transition(
                EventKind.PAYMENT_VOID_STARTED,
                f"payment_void_started:{self.charge_attempt}",
                PLATFORM,
                self.moving(self.status, EscrowStatus.HOLDING),
                facts={"reason": reason},
                intent=intent,
            )
        )
        voided = self.transition(
            EventKind.PAYMENT_VOIDED,
            f"payment_voided:{self.charge_attempt}",
            PLATFORM,
            self.due_for_payment(EscrowStatus.NONE),
            facts={"reason": reason},
        )
        await self.move(VOID_HOLD, MoneyCommand(self.delivery_id, intent, voided))
