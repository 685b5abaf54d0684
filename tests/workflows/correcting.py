"""Orders corrections of a played delivery, and lets the provider take back what it had done."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from temporalio.client import WithStartWorkflowOperation, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from domain.contracts import Actor, ResolveAttention
from domain.correcting.again import AgainCommand, DoneByHand
from domain.correcting.rules import (
    CorrectionKind,
    CorrectionOrder,
    CorrectionStanding,
    CorrectionStatus,
)
from domain.correcting.undoing import UndoneOrder
from domain.ids import CorrectionId, correction_workflow_id, undone_workflow_id
from domain.ledger import Bearer, DeliveryTotals, totals_of
from domain.money import Money
from domain.policies import Policies
from domain.visibility import TaskQueue
from infra.database.ledger import transactions_of
from infra.database.schema import attention_item, correction
from infra.identifiers import new_id
from infra.payments.sandbox import SandboxProvider
from tests.waiting import PATIENCE_S, until
from tests.workflows.play import Play
from workflows.correction import CorrectionWorkflow
from workflows.undone import UndoneWorkflow

Handle = WorkflowHandle[Any, Any]


def eur(amount_minor: int) -> Money:
    return Money(amount_minor, "EUR")


@dataclass
class Correcting:
    """Staff and the provider, after the fact."""

    play: Play
    policies: Policies = field(default_factory=Policies)

    @property
    def provider(self) -> SandboxProvider:
        return SandboxProvider(self.play.engine)

    async def order(
        self, kind: CorrectionKind, amount_minor: int, by: Actor | None = None, **more: Any
    ) -> CorrectionOrder:
        standing = await self.play.standing()
        orderers = {
            CorrectionKind.TIP: self.play.customer,
            CorrectionKind.EXTRA_COST: self.play.traveler,
        }
        if kind is CorrectionKind.TIP:
            more.setdefault("payment_method", "pm_sandbox_ok")
        return CorrectionOrder(
            correction_id=CorrectionId(more.pop("correction_id", new_id())),
            delivery_id=self.play.order.delivery_id,
            kind=kind,
            actor=by or orderers.get(kind, self.play.agent),
            amount=eur(amount_minor),
            status=standing["status"],
            customer_id=self.play.order.customer_id,
            traveler_id=standing["traveler_id"],
            policies=self.policies,
            **more,
        )

    async def start(self, order: CorrectionOrder) -> CorrectionStanding:
        """Order it, as the API does."""
        operation = WithStartWorkflowOperation(
            CorrectionWorkflow.run,
            order,
            id=correction_workflow_id(order.correction_id),
            task_queue=TaskQueue.SAGAS,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        )
        standing: CorrectionStanding = (
            await self.play.environment.client.execute_update_with_start_workflow(
                "open",
                start_workflow_operation=operation,
                id=f"open-{order.correction_id}",
                result_type=CorrectionStanding,
            )
        )
        return standing

    async def correct(
        self, kind: CorrectionKind, amount_minor: int, **more: Any
    ) -> CorrectionStatus:
        """Order a correction and wait until it is over."""
        order = await self.order(kind, amount_minor, **more)
        await self.start(order)
        return await self.over(order)

    async def refund(self, amount_minor: int, bearer: Bearer = Bearer.PLATFORM) -> CorrectionStatus:
        kind = CorrectionKind.GOODWILL_REFUND
        return await self.correct(kind, amount_minor, bearer=bearer)

    def handle(self, order: CorrectionOrder) -> Handle:
        client = self.play.environment.client
        return client.get_workflow_handle(correction_workflow_id(order.correction_id))

    async def over(self, order: CorrectionOrder) -> CorrectionStatus:
        async with asyncio.timeout(PATIENCE_S):
            return CorrectionStatus(await self.handle(order).result())

    async def resolve(self, order: CorrectionOrder, command: ResolveAttention) -> None:
        await self.handle(order).execute_update("resolve_attention", command)

    async def undone(self, operation_id: str, provider_id: str = "") -> Handle:
        """Report that an operation came undone, as the webhook dispatcher does."""
        return await self.play.environment.client.start_workflow(
            UndoneWorkflow.run,
            UndoneOrder(operation_id, self.policies),
            id=undone_workflow_id(operation_id),
            task_queue=TaskQueue.SAGAS,
            start_signal="look_again",
            start_signal_args=[provider_id],
        )

    async def again(self, operation_id: str, update: str = "refund_again") -> None:
        command = AgainCommand(self.play.agent, "the customer gave another card")
        await self.undone_handle(operation_id).execute_update(update, command)

    async def done_by_hand(self, operation_id: str, reference: str) -> None:
        command = DoneByHand(self.play.agent, reference, "sent by bank transfer")
        await self.undone_handle(operation_id).execute_update("done_by_hand", command)

    async def rows(self) -> list[Any]:
        """Return the corrections of the delivery, oldest first."""
        ours = correction.c.delivery_id == self.play.order.delivery_id
        return await self.play.read(
            select(correction).where(ours).order_by(correction.c.correction_id)
        )

    async def waiting(self, status: CorrectionStatus, step: str = "") -> None:
        """Wait until a correction of the delivery has a status."""

        async def is_there() -> bool:
            rows = await self.rows()
            return any((row.status, row.step) == (status, step) for row in rows)

        await until(is_there)

    async def items(self) -> dict[str, bool]:
        """Return what people must look at because of the delivery, and whether it is open."""
        ours = attention_item.c.delivery_id == self.play.order.delivery_id
        rows = await self.play.read(select(attention_item).where(ours))
        return {row.key: row.settled_at is None for row in rows}

    async def totals(self) -> DeliveryTotals:
        """Return what became of the delivery's money; nothing is missing."""
        async with self.play.engine.connect() as connection:
            booked = await transactions_of(connection, self.play.order.delivery_id)
        totals = totals_of(booked, "EUR")
        assert totals.is_whole, totals
        return totals

    def operation(self, kind: str, order: CorrectionOrder | None = None) -> str:
        suffix = f":{order.correction_id}" if order else ""
        return f"{self.play.order.delivery_id}:{kind}{suffix}"

    def undone_handle(self, operation_id: str) -> Handle:
        client = self.play.environment.client
        return client.get_workflow_handle(undone_workflow_id(operation_id))
