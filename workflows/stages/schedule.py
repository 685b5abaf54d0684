"""Schedule stage: the handover is far off, so the saved method is charged only near departure."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

from workflows.core import RecordRefused
from workflows.stages.payment import PaymentStage

with workflow.unsafe.imports_passed_through():
    from activities.late_payments import LatePaymentActivities
    from activities.records import RecordActivities
    from domain.contracts import PLATFORM
    from domain.money import Money
    from domain.status import DeliveryStatus, EscrowStatus
    from domain.transitions import (
        EventKind,
        LateEvent,
        LateMoneyCommand,
        OperationKind,
        PaymentIntent,
    )
    from domain.visibility import TaskQueue


class ScheduleStage(PaymentStage):
    """From a saved payment method to its charge."""

    async def await_charge_day(self) -> None:
        """Wait until the saved method is to be charged; nothing is held before."""
        await self.wait_or_default(
            lambda: self.status is not DeliveryStatus.SCHEDULED or self.leaver() is not None,
            self._begin_charge,
        )
        async with self.turn:
            leaver = self.leaver()
            if self.status is DeliveryStatus.SCHEDULED and leaver is not None:
                await self.leave_unpaid(leaver, "cancelled")

    async def _begin_charge(self) -> None:
        # An attempt of its own: what the saving was asked and answered is over.
        self.charge_attempt += 1
        self.hold_kind, self.readings, self.payment_changed = OperationKind.CHARGE, 0, False
        await self.record(
            self.transition(
                EventKind.CHARGE_STARTED,
                "charge_started",
                PLATFORM,
                self.moving(DeliveryStatus.ACCEPTED, EscrowStatus.HOLDING),
                facts={"amount": str(self.held)},
                intent=self.hold_intent(),
            )
        )

    async def forget_methods(self) -> None:
        """Have the provider forget what it saved for this delivery, now that it is closed.

        No money hangs on it: what cannot be forgotten in time is an operation without an end, which
        reconciliation lists.
        """
        for number, (saving_id, price) in enumerate(self.savings, 1):
            try:
                await self._forget(number, saving_id, price)
            except (ActivityError, RecordRefused):
                workflow.logger.warning("a saved payment method was not forgotten")

    async def _forget(self, number: int, saving_id: str, price: Money) -> None:
        intent = PaymentIntent(
            f"{self.delivery_id}:{OperationKind.VOID}:saved:{number}",
            OperationKind.VOID,
            price,
            source_operation_id=saving_id,
        )
        asked = self._noted(EventKind.METHOD_FORGETTING, number, intent)
        await self.in_database(RecordActivities.note_late_event, [asked], "method forgetting")
        forgotten = self._noted(EventKind.METHOD_FORGOTTEN, number)
        figures = self.policies.retries
        await workflow.execute_activity_method(
            LatePaymentActivities.forget_method,
            LateMoneyCommand(self.delivery_id, intent, forgotten),
            task_queue=TaskQueue.PAYMENTS,
            start_to_close_timeout=timedelta(seconds=figures.call_s_max),
            schedule_to_close_timeout=timedelta(seconds=self.policies.windows.provider_s),
            retry_policy=RetryPolicy(
                maximum_interval=timedelta(seconds=figures.longest_wait_s),
                maximum_attempts=figures.tries_max,
            ),
            summary="Forget the saved payment method",
        )

    def _noted(
        self, event: EventKind, number: int, intent: PaymentIntent | None = None
    ) -> LateEvent:
        return LateEvent(
            delivery_id=self.delivery_id,
            key=f"{event}:{number}",
            event=event,
            actor=PLATFORM,
            at=workflow.now(),
            intent=intent,
        )
