"""Capture stage: what was only authorised is taken before the parcel may leave its sender."""

from __future__ import annotations

from datetime import datetime, timedelta

from temporalio import workflow

from workflows.stages.payment import PaymentStage
from workflows.steps import CAPTURE_FUNDS, VOID_HOLD

with workflow.unsafe.imports_passed_through():
    from domain.contracts import PLATFORM, Actor, CodePurpose, DeliveryOrder
    from domain.deadlines import DeadlineKind
    from domain.errors import Refusal, RefusalCode
    from domain.money_path import capture_at
    from domain.status import DeliveryStatus, EscrowStatus
    from domain.transitions import (
        EventKind,
        MoneyCommand,
        OperationKind,
        PaymentOutcome,
        Transition,
    )

CAPTURE_ANSWER_S_MAX = 20
"""How long a scan waits for the capture: card networks answer within ten seconds."""


class CaptureStage(PaymentStage):
    """From an authorised payment to a held one, at the pickup or shortly before it would be lost."""

    def __init__(self, order: DeliveryOrder) -> None:
        super().__init__(order)
        self.pickup_due_at: datetime | None = None
        self.collecting: Actor | None = None

    async def capture_payment(self) -> None:
        """Capture; the parcel is collected if its sender's code was verified before."""
        collected = self.collecting is not None
        success = self._picked_up() if collected else self._captured()
        intent = self.intent(OperationKind.CAPTURE, self.held)
        moved = await self.move(CAPTURE_FUNDS, MoneyCommand(self.delivery_id, intent, success))
        if moved.outcome is PaymentOutcome.SUCCEEDED:
            self.is_captured = True
        else:
            await self._note_dead(moved.detail)

    def capture_due_at(self) -> datetime | None:
        """Return when an authorisation is captured without a pickup, or none when none stands.

        Where the provider does not say when it ends, that is at once.
        """
        if self.standing.escrow != EscrowStatus.AUTHORISED:
            return None
        if self.capture_before is None:
            return workflow.now()
        return capture_at(self.policies.horizons, self.capture_before)

    async def begin_capture(self) -> None:
        """Begin to capture without a pickup."""
        self.pickup_due_at = self.standing.deadline_at
        await self.record(self._capture_started(EventKind.CAPTURE_STARTED, PLATFORM))

    def pickup_verified(self, actor: Actor) -> Transition:
        """Return the transition of a pickup scan whose payment must be captured first."""
        return self._capture_started(EventKind.PICKUP_VERIFIED, actor)

    async def await_capture(self) -> None:
        """Wait for the outcome of the capture under way, if one is.

        Raises:
            Refusal: `payment_not_captured`: the parcel must stay with its sender.
        """
        if self.status is not DeliveryStatus.CAPTURING:
            return
        try:
            await workflow.wait_condition(
                lambda: self.status is not DeliveryStatus.CAPTURING,
                timeout=timedelta(seconds=CAPTURE_ANSWER_S_MAX),
            )
        except TimeoutError:
            raise Refusal(
                RefusalCode.PAYMENT_NOT_CAPTURED,
                "The payment is not captured yet: leave the parcel with its sender, and scan again "
                "in a minute.",
            ) from None
        if self.standing.status == DeliveryStatus.PAYMENT_DUE:
            raise Refusal(
                RefusalCode.PAYMENT_NOT_CAPTURED,
                "The payment could not be captured: leave the parcel with its sender.",
            )

    async def lift_authorisation(self) -> None:
        """Void what was authorised and never captured, and close."""
        lifted = self.transition(
            EventKind.AUTHORISATION_LIFTED,
            "authorisation_lifted",
            PLATFORM,
            self.armed(DeliveryStatus.CANCELLED, escrow=EscrowStatus.VOIDED),
            facts={"amount": str(self.held)},
        )
        intent = self.intent(OperationKind.VOID, self.held)
        await self.move(VOID_HOLD, MoneyCommand(self.delivery_id, intent, lifted))

    def picked_up(self, actor: Actor) -> Transition:
        """Return the transition of a pickup; the handover code becomes valid with it."""
        due_at = self.order.deliver_by or self.due_in(self.policies.windows.transit_s)
        return self.transition(
            EventKind.PICKED_UP,
            "picked_up",
            actor,
            self.armed(
                DeliveryStatus.IN_TRANSIT,
                DeadlineKind.HANDOVER,
                due_at,
                escrow=EscrowStatus.HELD,
            ),
            codes=(CodePurpose.HANDOVER,),
        )

    def _picked_up(self) -> Transition:
        return self.picked_up(self.collecting or PLATFORM)

    def _captured(self) -> Transition:
        return self.transition(
            EventKind.PAYMENT_CAPTURED,
            "payment_captured",
            PLATFORM,
            self.armed(
                DeliveryStatus.AWAITING_PICKUP,
                DeadlineKind.PICKUP,
                self.pickup_due_at,
                escrow=EscrowStatus.HELD,
            ),
            facts={"amount": str(self.held)},
        )

    def _capture_started(self, event: EventKind, actor: Actor) -> Transition:
        return self.transition(
            event,
            str(event),
            actor,
            self.moving(DeliveryStatus.CAPTURING, EscrowStatus.CAPTURING),
            facts={"amount": str(self.held)},
            intent=self.intent(OperationKind.CAPTURE, self.held),
        )

    async def _note_dead(self, detail: str) -> None:
        """The bank has let the money go: nothing leaves with the traveler before another payment."""
        self.hold_died, self.collecting = True, None
        await self.record(
            self.transition(
                EventKind.CAPTURE_FAILED,
                "capture_failed",
                PLATFORM,
                self.due_for_payment(EscrowStatus.NONE),
                facts={"reason": detail},
            )
        )
