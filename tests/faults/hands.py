"""The people behind a delivery in trouble: staff who resolve what is parked, and an end for the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from temporalio.client import WorkflowUpdateFailedError
from temporalio.service import RPCError

from domain.contracts import ResolveAttention
from domain.correcting.again import AgainCommand
from domain.correcting.rules import CorrectionKind, CorrectionStatus
from domain.deadlines import DeadlineKind
from domain.ids import (
    ChargebackId,
    CorrectionId,
    chargeback_workflow_id,
    correction_workflow_id,
    undone_workflow_id,
)
from domain.policies import VerdictOutcome
from domain.status import CLOSED, DeliveryStatus
from infra.database.schema import chargeback, correction
from tests.faults.faults import Fault, Plan
from tests.waiting import PATIENCE_S
from tests.workflows.play import Play

LOOK_S = 0.2
_LADDER = timedelta(days=15)
"""Longer than any clock of a dispute."""
_PARKING = frozenset({Fault.FAILS, Fault.UNDO_FAILS})
"""Faults after which a step may wait for staff."""
AGAIN = ResolveAttention(reason="the provider has mended it")
_AGAIN = {
    CorrectionKind.REFUND_AGAIN: "refund_again",
    CorrectionKind.PAYOUT_AGAIN: "pay_out_again",
}
"""The update that has each of these go out once more."""
_BEFORE_PICKUP = frozenset(
    {
        DeliveryStatus.REQUESTED,
        DeliveryStatus.PAYMENT_DUE,
        DeliveryStatus.SCHEDULED,
        DeliveryStatus.AWAITING_PICKUP,
    }
)
_ON_THE_WAY = frozenset(
    {DeliveryStatus.IN_TRANSIT, DeliveryStatus.ARRIVED, DeliveryStatus.DELIVERED}
)


class Hands:
    """Looks after one delivery and its corrections until told to stop."""

    def __init__(self, play: Play, plan: Plan) -> None:
        self._play = play
        self._plan = plan

    async def look_after(self) -> None:
        """Resolve what the plan's fault has parked, again and again."""
        await self._plan.struck.wait()
        while self._plan.fault in _PARKING:
            await self._look()
            await asyncio.sleep(LOOK_S)

    async def close(self) -> None:
        """Bring the delivery to an end, wherever the fault has led it."""
        async with asyncio.timeout(PATIENCE_S):
            while (status := (await self._standing()).get("status")) not in CLOSED:
                if status is not None:
                    await self._attempt(self._next(DeliveryStatus(status)))
                await asyncio.sleep(LOOK_S)
            with suppress(RPCError):
                await self._play.handle.result()

    async def _look(self) -> None:
        step = (await self._standing()).get("attention")
        if step is not None and step in (self._plan.do, self._plan.undo):
            await self._resolve(self._play.handle)
        for row in await self._stuck_corrections():
            await self._correct(row)
        for chargeback_id in await self._stuck_chargebacks():
            workflow_id = chargeback_workflow_id(chargeback_id)
            await self._resolve(self._play.environment.client.get_workflow_handle(workflow_id))

    async def _correct(self, row: Any) -> None:
        client = self._play.environment.client
        if row.status == CorrectionStatus.PARKED:
            number = CorrectionId(str(row.correction_id))
            await self._resolve(client.get_workflow_handle(correction_workflow_id(number)))
        elif row.problem and row.undone_operation_id is not None:
            self._plan.is_mended = True
            handle = client.get_workflow_handle(undone_workflow_id(row.undone_operation_id))
            command = AgainCommand(self._play.agent, AGAIN.reason)
            await self._attempt(handle.execute_update(_AGAIN[row.kind], command))

    async def _resolve(self, handle: Any) -> None:
        self._plan.is_mended = True
        await self._attempt(handle.execute_update("resolve_attention", AGAIN))

    async def _next(self, status: DeliveryStatus) -> None:
        standing = await self._standing()
        if standing["attention"] or standing["deadline_kind"] == DeadlineKind.PROVIDER:
            return
        if status in _BEFORE_PICKUP:
            await self._play.cancel()
        elif status in _ON_THE_WAY:
            await self._play.handle.cancel()
        elif status is DeliveryStatus.DISPUTED:
            await self._settle_dispute()

    async def _settle_dispute(self) -> None:
        """Decide, and let the time for an appeal pass where there is one."""
        if not await self._attempt(self._play.decide(VerdictOutcome.REFUND)):
            await self._play.pass_dispute_time(_LADDER)

    async def _attempt(self, command: Awaitable[Any]) -> bool:
        """Send a command; a delivery that has moved on meanwhile may refuse it."""
        try:
            await command
        except (WorkflowUpdateFailedError, RPCError):
            return False
        return True

    async def _standing(self) -> dict[str, Any]:
        with suppress(Exception):
            return await self._play.standing()
        return {}

    async def _stuck_corrections(self) -> list[Any]:
        """Return the corrections that wait for staff."""
        ours = correction.c.delivery_id == self._play.order.delivery_id
        stuck = correction.c.status.in_([CorrectionStatus.PARKED, CorrectionStatus.WAITING])
        return await self._play.read(select(correction).where(ours, stuck))

    async def _stuck_chargebacks(self) -> list[ChargebackId]:
        """Return the chargebacks of which a step is parked."""
        stuck = select(chargeback.c.chargeback_id).where(
            chargeback.c.delivery_id == self._play.order.delivery_id,
            chargeback.c.attention.is_not(None),
        )
        return [ChargebackId(str(row.chargeback_id)) for row in await self._play.read(stuck)]
