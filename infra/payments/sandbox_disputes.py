"""Answers chargebacks at the sandbox; `infra/payments/sandbox_network.py` plays the other side."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.payment_ports import ProviderRefused, ProviderUnavailable
from domain.chargebacks import ChargebackStatus, DisputeState
from domain.evidence import TEXT_LENGTH_MAX, DisputeEvidence
from domain.money import Money

_READ = text("""
SELECT dispute.*, charge.provider_id AS charge_id FROM sandbox_dispute AS dispute
JOIN sandbox_operation AS charge USING (operation_id) WHERE dispute_id = :dispute_id
""")
_STAGE = text("""
UPDATE sandbox_dispute
SET evidence = evidence || CAST(:given AS jsonb),
    submissions = submissions + CAST(CAST(:submit AS boolean) AS integer)
WHERE dispute_id = :dispute_id AND status IN ('inquiry', 'open') AND submissions = 0
""")


class SandboxDisputes:
    """Reads disputes, stages evidence and submits it.

    Raises:
        ProviderUnavailable: its database was not reached.
        ProviderRefused: there is no such dispute, or it takes no evidence any more.
    """

    provider = "sandbox"

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def read(self, dispute_id: str) -> DisputeState:
        """Return how a dispute stands now."""
        found = await self._run(_READ, {"dispute_id": dispute_id})
        row = found.one_or_none()
        if row is None:
            raise ProviderRefused("There is no such dispute.")
        return _state(row)

    async def stage(self, dispute_id: str, evidence: DisputeEvidence) -> DisputeState:
        """Keep evidence without submitting it; a field that is given replaces the old one."""
        if not await self._update(dispute_id, evidence, submit=False):
            raise ProviderRefused("This dispute takes no evidence any more.")
        return await self.read(dispute_id)

    async def submit(self, dispute_id: str, evidence: DisputeEvidence) -> DisputeState:
        """Hand everything that was staged, and this, to the bank; once."""
        await self._update(dispute_id, evidence, submit=True)
        return await self.read(dispute_id)

    async def _update(self, dispute_id: str, evidence: DisputeEvidence, *, submit: bool) -> bool:
        given = {name: text[:TEXT_LENGTH_MAX] for name, text in asdict(evidence).items() if text}
        values = {"dispute_id": dispute_id, "given": json.dumps(given), "submit": submit}
        changed = await self._run(_STAGE, values)
        return bool(changed.rowcount)

    async def _run(self, statement: Any, values: dict[str, Any]) -> Any:
        try:
            async with self._engine.begin() as connection:
                return await connection.execute(statement, values)
        except (OperationalError, InterfaceError, NoFreeConnection) as error:
            # Nothing here moves money: whatever became of it, doing it again does no harm.
            raise ProviderUnavailable("The sandbox cannot reach its books.") from error


def _state(row: Row[Any]) -> DisputeState:
    status = ChargebackStatus(row.status)
    return DisputeState(
        dispute_id=row.dispute_id,
        status=status,
        takes_evidence=status in (ChargebackStatus.INQUIRY, ChargebackStatus.OPEN)
        and row.submissions == 0,
        reason=row.reason,
        charge_id=row.charge_id,
        amount=Money(row.amount_minor, row.currency),
        taken=Money(row.taken_minor, row.currency),
        returned=Money(row.returned_minor, row.currency),
        fee=Money(row.fee_minor, row.currency),
        due_by=row.due_by,
        submissions=row.submissions,
    )
