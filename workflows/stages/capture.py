"""Capture stage: what was only authorised is taken before the parcel may leave its sender."""

from __future__ import annotations

from datetime import datetime, timedelta

from temporalio import workflow

from workflows.stages.payment import PaymentStage
from workflows.steps import CAPTURE_FUNDS, VOID_HOLD

with workflow.unsafe.imports_passed_through():
    from domain.contracts import (
        PLATFORM,
        Actor,
        CodePurpose,
        DeliveryOrder,
        ScanCode,
        Standing,
    )
    from domain.deadlines import DeadlineKind
    from domain.errors import Refusal, RefusalCode
    from domain.holds.rules import refuse_on_hold
    from domain.messages import LEAVING
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
        self.pickup_clock = DeadlineKind.PICKUP
        self.verified: ScanCode | None = None
        self.scans_waiting = 0

    def start_over(self) -> None:
        """Forget the scan that the last traveler made."""
        super().start_over()
        self.pickup_due_at = self.verified = None

    async def capture_payment(self) -> None:
        """Capture; who waits with a verified code collects the parcel afterwards."""
        captured = self.transition(
            EventKind.PAYMENT_CAPTURED,
            "payment_captured",
            PLATFORM,
            self.armed(
                DeliveryStatus.AWAITING_PICKUP,
                self.pickup_clock,
                self.pickup_due_at,
                escrow=EscrowStatus.HELD,
            ),
            facts={"amount": str(self.held), **self._leaving_facts()},
        )
        intent = self.intent(OperationKind.CAPTURE, self.held)
        moved = await self.move(CAPTURE_FUNDS, MoneyCommand(self.delivery_id, intent, captured))
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
        # Who waits for the other side is compensated, or contested, out of captured money only.
        is_reported = self.state.no_show is not None
        if self.capture_before is None or self.hold_in_doubt or is_reported:
            return workflow.now()
        return capture_at(self.policies.horizons, self.capture_before)

    async def begin_capture(self) -> None:
        """Begin to capture without a pickup."""
        self.pickup_due_at = self.standing.deadline_at
        self.pickup_clock = DeadlineKind(self.standing.deadline_kind or DeadlineKind.PICKUP)
        await self.record(self._capture_started(EventKind.CAPTURE_STARTED, PLATFORM))

    def pickup_verified(self, actor: Actor) -> Transition:
        """Return the transition of a pickup scan whose payment must be captured first."""
        return self._capture_started(EventKind.PICKUP_VERIFIED, actor)

    def note_verified(self, scan: ScanCode) -> None:
        """Remember which code was used up and until when the parcel may still be collected."""
        self.verified, self.pickup_due_at = scan, self.standing.deadline_at
        self.pickup_clock = DeadlineKind.PICKUP
        if self.state.no_show is not None:
            # Both sides are there after all: what was agreed holds again.
            self.pickup_due_at, self.state.no_show = self.state.no_show.pickup_at, None

    def is_verified(self, scan: ScanCode) -> bool:
        """Tell whether a scan shows the code again that waits for the capture."""
        return self.verified == scan

    async def collect(self, scan: ScanCode) -> None:
        """Wait for the capture, then let the traveler have the parcel.

        Only who is still there to be told may leave with it.

        Raises:
            Refusal: `payment_capturing`, `payment_not_captured` or `on_hold`: it must stay with its
                sender.
        """
        self.scans_waiting += 1
        try:
            await self.await_capture()
            async with self.turn:
                if self.is_on_hold:
                    refuse_on_hold()
                if self.status is DeliveryStatus.AWAITING_PICKUP and self.is_verified(scan):
                    await self.record(self.picked_up(scan.actor))
                    self.verified = None
        finally:
            self.scans_waiting -= 1
        if self.status in _NOT_COLLECTED:
            raise Refusal(
                RefusalCode.PAYMENT_NOT_CAPTURED,
                f"The delivery is {self.status}: leave the parcel with its sender.",
            )

    async def await_capture(self) -> None:
        """Wait for the outcome of the capture under way, if one is.

        Raises:
            Refusal: `payment_capturing`: it takes longer than a scan can wait.
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
                RefusalCode.PAYMENT_CAPTURING,
                "The payment is not held yet: leave the parcel with its sender, and scan again in a "
                "minute.",
            ) from None

    @property
    def is_left_behind(self) -> bool:
        """Tell whether a code was used up and nobody is there any more to collect the parcel."""
        is_waiting = self.status is DeliveryStatus.AWAITING_PICKUP
        return is_waiting and self.verified is not None and not self.scans_waiting

    async def renew_code(self) -> None:
        """Give the sender another code: the one that was used up led to no pickup."""
        self._forget_code()
        await self.record(
            self.transition(
                EventKind.PICKUP_CODE_RENEWED,
                "pickup_code_renewed",
                PLATFORM,
                self.standing,
                codes=(CodePurpose.PICKUP,),
            )
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
        if self.state.is_reopening:
            lifted = self.reopened(outcome=EscrowStatus.VOIDED)
        intent = self.intent(OperationKind.VOID, self.held)
        await self.move(VOID_HOLD, MoneyCommand(self.delivery_id, intent, lifted))
        if self.state.is_reopening:
            self.start_over()

    def picked_up(self, actor: Actor) -> Transition:
        """Return the transition of a pickup; the handover code becomes valid with it."""
        return self.transition(
            EventKind.PICKED_UP,
            "picked_up",
            actor,
            self.on_its_way(),
            codes=(CodePurpose.HANDOVER,),
        )

    def on_its_way(self) -> Standing:
        """Return where the delivery stands once its traveler has the parcel."""
        due_at = self.order.deliver_by or self.due_in(self.policies.windows.transit_s)
        return self.armed(DeliveryStatus.IN_TRANSIT, DeadlineKind.HANDOVER, due_at)

    def _forget_code(self) -> None:
        self.verified = None
        self.state.locked_pins.discard(CodePurpose.PICKUP)

    def _capture_started(self, event: EventKind, actor: Actor) -> Transition:
        return self.transition(
            event,
            str(event),
            actor,
            self.moving(DeliveryStatus.CAPTURING, EscrowStatus.CAPTURING),
            facts={"amount": str(self.held)},
            intent=self.intent(OperationKind.CAPTURE, self.held),
        )

    def _leaving_facts(self) -> dict[str, str]:
        return {} if self.leaver() is None else {LEAVING: "yes"}

    async def _note_dead(self, detail: str) -> None:
        """The bank has let the money go: nothing leaves with the traveler before another payment."""
        self.hold_died = True
        self.state.no_show = None
        self._forget_code()
        await self.record(
            self.transition(
                EventKind.CAPTURE_FAILED,
                "capture_failed",
                PLATFORM,
                self.due_for_payment(EscrowStatus.NONE),
                facts={"reason": detail, **self._leaving_facts()},
            )
        )


_NOT_COLLECTED = frozenset(
    {
        DeliveryStatus.REQUESTED,
        DeliveryStatus.PAYMENT_DUE,
        DeliveryStatus.AWAITING_PICKUP,
        DeliveryStatus.REFUNDING,
        DeliveryStatus.SETTLING,
        DeliveryStatus.CANCELLED,
    }
)
"""Where a delivery stands when its parcel must stay although the code was right."""
