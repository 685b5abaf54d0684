"""Schedule stage: the handover is far off, so the saved method is charged only near departure."""

from __future__ import annotations

from temporalio import workflow

from workflows.stages.payment import PaymentStage

with workflow.unsafe.imports_passed_through():
    from domain.contracts import PLATFORM
    from domain.status import DeliveryStatus, EscrowStatus
    from domain.transitions import EventKind, OperationKind


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
                await self.close_unpaid(EventKind.CANCELLED, leaver, "cancelled")

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
