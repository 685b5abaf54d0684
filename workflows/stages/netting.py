"""Keeping back from a payout what the traveler owes from other deliveries."""

from __future__ import annotations

from dataclasses import dataclass, replace

from temporalio import workflow

from workflows.money import StepHeldBack, StepSkipped
from workflows.stages.giver import GiverStage
from workflows.steps import NET_DUES, RETURN_SURPLUS

with workflow.unsafe.imports_passed_through():
    from activities.records import RecordActivities
    from domain.contracts import PLATFORM, DeliveryOrder, Standing
    from domain.ledger import netting_id, netting_of

    # By its own module: the sandbox reads the types of its fields there when it decodes a result.
    from domain.ledger.surprises import Due
    from domain.money import Money
    from domain.status import DeliveryStatus, EscrowStatus
    from domain.transitions import (
        EventKind,
        MoneyCommand,
        OperationKind,
        PaymentIntent,
    )

NETTINGS_MAX = 5
"""How often debts are read anew because others pay them at the same time; then they stay owed."""


@dataclass(frozen=True)
class Netting:
    """What is kept back, as it was persisted, and for which debts."""

    intent: PaymentIntent
    dues: tuple[Due, ...]


class NettingStage(GiverStage):
    """From a payout that finds debts to a smaller one."""

    def __init__(self, order: DeliveryOrder) -> None:
        super().__init__(order)
        self.netting: Netting | None = None
        self.nettings = 0
        self.unused_netting_id = ""
        self.dues_stay = False
        self.payout_left: Money | None = None
        self.surplus: Money | None = None
        self.is_returning = False

    def payout_intent(self) -> PaymentIntent:
        """Return the intent of the present payout: the traveler's share, or what is left of it."""
        share = self.shares_of(self.to_release or self.held).traveler
        left = self.payout_left
        return self.intent(OperationKind.PAYOUT, share if left is None else left)

    async def begin_netting(self, payout: PaymentIntent) -> None:
        """Decide which debts the payout pays, and write it down; none when they were paid meanwhile."""
        dues = await self.in_database(
            RecordActivities.dues_of,
            [self.standing.traveler_id, self.order.currency],
            "read what the traveler owes",
        )
        parts = netting_of(payout.amount, dues)
        if not parts or self.nettings >= NETTINGS_MAX:
            self.dues_stay = True
            return
        intent = self._netting_intent(parts)
        async with self.turn:
            await self.record(
                self.transition(
                    EventKind.NETTING_STARTED,
                    f"netting_started:{self.nettings + 1}",
                    PLATFORM,
                    self.still_paying_out(),
                    facts={"amount": str(intent.amount)},
                    intent=intent,
                    supersedes=self.unused_netting_id,
                )
            )
            self.netting, self.unused_netting_id = Netting(intent, parts), ""
            self.nettings += 1

    async def keep_back(self, netting: Netting, payout: PaymentIntent) -> None:
        """Take what is kept back out of the transfer, and go on with a smaller payout."""
        rest = self.next_payout(payout, payout.amount - netting.intent.amount)
        netted = self.transition(
            EventKind.DUES_NETTED,
            f"dues_netted:{self.nettings}",
            PLATFORM,
            self.still_paying_out(),
            facts={"amount": str(netting.intent.amount), "left": str(rest.amount)},
            intent=rest if rest.amount.amount_minor else None,
            supersedes=payout.operation_id,
        )
        command = MoneyCommand(self.delivery_id, netting.intent, netted, dues=netting.dues)
        try:
            moved = await self.move(NET_DUES, command)
        except StepHeldBack:
            self.unused_netting_id = netting.intent.operation_id
        except StepSkipped:
            self.unused_netting_id = netting.intent.operation_id
            self.dues_stay = True
        else:
            self.payout_round += 1
            self.payout_left, self.surplus = rest.amount, moved.left_over
        self.netting = None

    async def give_back(self, surplus: Money, payout: PaymentIntent) -> None:
        """Give back what was kept for a debt that somebody has paid meanwhile."""
        intent = PaymentIntent(
            f"{self.delivery_id}:{OperationKind.TRANSFER}:surplus:{self.nettings}",
            OperationKind.TRANSFER,
            surplus,
            method=payout.method,
        )
        facts = {"amount": str(surplus)}
        if not self.is_returning:
            async with self.turn:
                await self.record(
                    self.transition(
                        EventKind.SURPLUS_FOUND,
                        f"surplus_found:{self.nettings}",
                        PLATFORM,
                        self.still_paying_out(),
                        facts=facts,
                        intent=intent,
                        supersedes=payout.operation_id if payout.amount.amount_minor else "",
                    )
                )
            self.is_returning = True
        rest = self.next_payout(payout, payout.amount + surplus)
        returned = self.transition(
            EventKind.SURPLUS_RETURNED,
            f"surplus_returned:{self.nettings}",
            PLATFORM,
            self.still_paying_out(),
            facts=facts,
            intent=rest,
        )
        await self.move(RETURN_SURPLUS, MoneyCommand(self.delivery_id, intent, returned))
        self.payout_round += 1
        self.payout_left, self.surplus, self.is_returning = rest.amount, None, False

    def next_payout(self, payout: PaymentIntent, amount: Money) -> PaymentIntent:
        """Return the intent that replaces a payout."""
        operation_id = f"{self.delivery_id}:{OperationKind.PAYOUT}:{self.payout_round + 1}"
        return replace(payout, operation_id=operation_id, amount=amount)

    def _netting_intent(self, parts: tuple[Due, ...]) -> PaymentIntent:
        amount = Money(sum(part.amount.amount_minor for part in parts), self.order.currency)
        return PaymentIntent(
            netting_id(self.delivery_id, self.nettings + 1),
            OperationKind.REVERSAL,
            amount,
            source_operation_id=self.intent(OperationKind.TRANSFER, amount).operation_id,
        )

    def still_paying_out(self) -> Standing:
        """Return the standing of a delivery whose payout is still to come."""
        return self.moving(DeliveryStatus.PAYING_OUT, EscrowStatus(self.standing.escrow))
