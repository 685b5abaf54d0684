"""One delivery from its request to its close: one durable workflow, one stage after another."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from temporalio import workflow

from workflows.core import RecordRefused
from workflows.money import StepFailed, failure_code
from workflows.stages.amend import AmendStage
from workflows.stages.cancellation import CancellationStage
from workflows.stages.catching_up import CatchingUpStage
from workflows.stages.dispute import DisputeStage
from workflows.stages.overriding import OverrideStage
from workflows.stages.schedule import ScheduleStage
from workflows.stages.settlement import SettlementStage
from workflows.stages.sos import SosStage
from workflows.stages.undoing import UndoStage
from workflows.stages.withdrawal import WithdrawalStage

with workflow.unsafe.imports_passed_through():
    from domain.contracts import Actor, DeliveryOrder, Role, Standing
    from domain.status import CLOSED, DeliveryStatus, EscrowStatus
    from domain.transitions import EventKind


@workflow.defn(name="delivery")
class DeliveryWorkflow(
    UndoStage,
    CancellationStage,
    WithdrawalStage,
    ScheduleStage,
    OverrideStage,
    DisputeStage,
    SettlementStage,
    AmendStage,
    SosStage,
    CatchingUpStage,
):
    """The saga of one parcel and its money."""

    @workflow.init
    def __init__(self, order: DeliveryOrder) -> None:
        super().__init__(order)

    @workflow.run
    async def run(self, order: DeliveryOrder) -> DeliveryStatus:
        """Carry the delivery through; return how it closed."""
        return await self.shielded(self._deliver(order))

    @workflow.update(description="Open the delivery; answers once it can be read.")
    async def open(self) -> Standing:
        """Wait until the request is recorded."""
        await workflow.wait_condition(lambda: self.is_open)
        return self.standing

    @workflow.signal(description="The dispute of this delivery has moved, for example is overdue.")
    def dispute_moved(self, standing: Standing) -> None:
        """Show the dispute's alarm on the delivery too."""
        if self.status is DeliveryStatus.DISPUTED:
            self.stand(standing)
            self.publish()

    async def _deliver(self, order: DeliveryOrder) -> DeliveryStatus:
        while not self.is_open:
            await self._or_park(lambda: self._open_request(order))
        while self.status not in CLOSED:
            await self.until_resumed()
            await self._or_park(self._stages()[self.status])
        self.hold_placed = None
        self.publish()
        await self.forget_methods()
        return self.status

    async def _open_request(self, order: DeliveryOrder) -> None:
        customer = Actor(Role.CUSTOMER, order.customer_id, order.acted_by)
        await self.record(
            self.transition(EventKind.REQUEST_OPENED, "opened", customer, self.standing)
        )
        self.is_open = True

    def _stages(self) -> dict[DeliveryStatus, Callable[[], Awaitable[None]]]:
        return {
            DeliveryStatus.REQUESTED: self.agree_on_offer,
            DeliveryStatus.ACCEPTED: self.hold_payment,
            DeliveryStatus.PAYMENT_DUE: self.await_payment,
            DeliveryStatus.SCHEDULED: self.await_charge_day,
            DeliveryStatus.AWAITING_PICKUP: self.await_pickup,
            DeliveryStatus.CAPTURING: self.capture_payment,
            DeliveryStatus.IN_TRANSIT: self.carry_parcel,
            DeliveryStatus.ARRIVED: self.carry_parcel,
            DeliveryStatus.DELIVERED: self.inspect_parcel,
            DeliveryStatus.RETURNING: self.bring_back,
            DeliveryStatus.RETURNED: self.inspect_return,
            DeliveryStatus.DISPUTED: self.settle_dispute,
            DeliveryStatus.RELEASING: self.release_payment,
            DeliveryStatus.SETTLING: self.settle_split,
            DeliveryStatus.REFUNDING: self._give_back,
            DeliveryStatus.PAYING_OUT: self.pay_out,
        }

    async def _give_back(self) -> None:
        is_taken = self.standing.escrow != EscrowStatus.VOIDING
        await (self.refund_payment() if is_taken else self.lift_authorisation())

    async def _or_park(self, stage: Callable[[], Awaitable[None]]) -> None:
        try:
            await stage()
        except RecordRefused as failure:
            # A transition that the database refuses is a fault of ours, unless the database knows of a
            # dispute and the saga does not: a person looks, the stage is then tried again, and the
            # delivery is never failed.
            if not await self.is_caught_up(failure):
                await self.park("record_transition", failure_code(failure))
        except StepFailed as failure:
            await self.park(failure.step.name, failure.reason)
