"""The money that a chargeback moves between the held payment and the traveler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from temporalio import workflow

from workflows.chargebacks.core import ChargebackCore, Stuck
from workflows.money import StepSkipped

with workflow.unsafe.imports_passed_through():
    from activities.chargebacks import ChargebackActivities
    from activities.correction_payments import CorrectionPayments
    from activities.late_payments import LatePaymentActivities
    from domain.chargebacks import ChargebackOrder, RecallPlan
    from domain.contracts import AttentionAction
    from domain.deadlines import DeadlineKind
    from domain.ids import PersonId
    from domain.ledger import Bearer
    from domain.money import Money
    from domain.transitions import (
        EventKind,
        LateEvent,
        LateMoneyCommand,
        MoneyMoved,
        OperationKind,
        PaymentIntent,
        PaymentOutcome,
    )


@dataclass(frozen=True)
class LateStep:
    """One movement of money."""

    name: str
    """Name shown to staff while it is parked."""
    do: Callable[..., object]
    """The activity that moves the money."""
    started: EventKind
    """Written with the intent."""
    succeeded: EventKind
    """Written with the bookings."""
    summary: str


RECALL_TRANSFER = LateStep(
    "recall_transfer",
    LatePaymentActivities.recall_transfer,
    EventKind.TRANSFER_RECALL_STARTED,
    EventKind.TRANSFER_RECALLED,
    "Take {amount} back from the traveler",
)
RELEASE_AGAIN = LateStep(
    "release_again",
    LatePaymentActivities.release_again,
    EventKind.RELEASE_AGAIN_STARTED,
    EventKind.RELEASED_AGAIN,
    "Release {amount} to the traveler again",
)
PAY_OUT_AGAIN = LateStep(
    "pay_out_again",
    CorrectionPayments.pay_out_extra,
    EventKind.SHARE_PAYOUT_STARTED,
    EventKind.SHARE_PAID_OUT_AGAIN,
    "Pay {amount} out to the traveler's bank",
)
STEPS = (RECALL_TRANSFER, RELEASE_AGAIN, PAY_OUT_AGAIN)


class MoneyStage(ChargebackCore):
    """Recalls a transfer while a chargeback is undecided, and releases it again when it is won."""

    def __init__(self, order: ChargebackOrder) -> None:
        super().__init__(order)
        self.is_recall_settled = False
        self.is_under_way = False

    async def recall_if_due(self) -> None:
        """Take back from the traveler what was disputed and is not held any more."""
        assert self.dispute is not None, "the dispute was read"
        bearer = self.order.bearer_after_release(self.dispute.reason)
        is_settled = self.is_recall_settled or self.books.recalled.amount_minor > 0
        if is_settled or bearer is not Bearer.TRAVELER:
            return
        plan: RecallPlan = await self.in_database(
            ChargebackActivities.plan_recall, [self.order], "see what went to the traveler"
        )
        self.is_under_way = plan.is_under_way
        if plan.amount.amount_minor:
            await self._recall(plan)

    async def release_again(self) -> None:
        """Give the traveler again what was recalled, and pay it out where that was done before."""
        recalled, account = self.books.recalled, self.books.account
        if not recalled.amount_minor:
            return
        again = self._intent(OperationKind.TRANSFER, recalled, account)
        again = replace(again, source_operation_id=self._intent_id(OperationKind.REVERSAL))
        await self._move(RELEASE_AGAIN, again)
        to_pay: Money = await self.in_database(
            ChargebackActivities.plan_payout, [self.order], "see what is to be paid out"
        )
        if not to_pay.amount_minor:
            return
        try:
            await self._move(PAY_OUT_AGAIN, self._intent(OperationKind.PAYOUT, to_pay, account))
        except StepSkipped:
            workflow.logger.info("the payout was skipped: it stays owed to the traveler")

    async def _recall(self, plan: RecallPlan) -> None:
        intent = self._intent(OperationKind.REVERSAL, plan.amount)
        intent = replace(intent, source_operation_id=plan.transfer_operation_id)
        refused = self.event(EventKind.TRANSFER_RECALL_REFUSED, {"amount": str(plan.amount)})
        try:
            moved = await self._move(RECALL_TRANSFER, intent, on_refusal=refused)
        except StepSkipped:
            moved = MoneyMoved(PaymentOutcome.DECLINED, "skipped")
            await self.write(event=refused)
        self.is_recall_settled = True
        if moved.outcome is PaymentOutcome.SUCCEEDED:
            await self.write()
            return
        problem = (
            f"{plan.amount} that went to the traveler could not be taken back:"
            f" if the chargeback is lost, the traveler owes it."
        )
        await self.write(raises=(self.item("recall", problem),))

    async def _move(
        self, step: LateStep, intent: PaymentIntent, on_refusal: LateEvent | None = None
    ) -> MoneyMoved:
        """Move money by one step, however often it is parked in between.

        Raises:
            StepSkipped: it was parked and somebody skipped it.
        """
        facts = {"amount": str(intent.amount)}
        await self.write(
            event=self.event(step.started, facts, intent=intent),
            deadline_kind=DeadlineKind.PROVIDER,
            deadline_at=self.due_in(self.policies.windows.provider_s),
        )
        by_hand, only_look_up = "", False
        while True:
            command = LateMoneyCommand(
                self.delivery_id,
                intent,
                self.event(step.succeeded, facts),
                self.traveler_id,
                done_by_hand=by_hand,
                only_look_up=only_look_up,
                on_refusal=None if by_hand or only_look_up else on_refusal,
            )
            try:
                summary = step.summary.format(amount=intent.amount)
                moved: MoneyMoved = await self.ask(step.name, step.do, command, summary)  # type: ignore[arg-type]
            except Stuck as stuck:
                resolution = await self.park(stuck)
                is_by_hand = resolution.action is AttentionAction.DONE_BY_HAND
                by_hand = resolution.reference if is_by_hand else ""
                only_look_up = resolution.action is AttentionAction.SKIP
                continue
            if moved.outcome is not PaymentOutcome.SUCCEEDED and only_look_up:
                raise StepSkipped(step.name)
            return moved

    @property
    def traveler_id(self) -> PersonId | None:
        """Whose account is moved: the first traveler's until the parcel was handed on."""
        return self.books.traveler_id or self.order.traveler_id

    def _intent(self, kind: OperationKind, amount: Money, account: str = "") -> PaymentIntent:
        return PaymentIntent(self._intent_id(kind), kind, amount, account)

    def _intent_id(self, kind: OperationKind) -> str:
        return f"{self.delivery_id}:{kind}:{self.order.chargeback_id}"
