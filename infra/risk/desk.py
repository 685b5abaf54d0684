"""Judges deals and scans: reads the signals, asks the model, and keeps what was decided."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.attention import AttentionItem, AttentionKind
from domain.handover.levels import ProofLevel
from domain.risk.deciding import RiskDecision, RiskModel, RiskOutcome, decide, sentence_of
from domain.risk.policy import RiskPolicy
from infra.database.attention import raise_in
from infra.identifiers import new_id
from infra.risk.signals import DEAL, Judged, read_signals

DECISION_WAIT_S_MAX: Final = 3.0
"""Longest wait for a decision: two people stand at a door."""

KEEP_DECISION: Final = """
INSERT INTO risk_decision (decision_id, delivery_id, person_id, occasion, request_id, score, outcome,
    points, model, head_sequence)
SELECT CAST(:decision_id AS uuid), delivery_id, CAST(:person_id AS uuid), :occasion,
    CAST(:request_id AS uuid), :score, :decided, CAST(:points AS jsonb), :model, head_sequence
FROM delivery WHERE delivery_id = CAST(:delivery_id AS uuid)
"""
"""Keeps a decision, by the values of a `Weighed`."""
_KEEP = text(KEEP_DECISION)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A decision that is not kept yet, and what it is about."""

    judged: Judged
    decision: RiskDecision

    def values(self) -> dict[str, Any]:
        """Return the values of `KEEP_DECISION`."""
        judged, decision = self.judged, self.decision
        points = {str(reason): points for reason, points in decision.points.items()}
        return {
            "decision_id": decision.decision_id,
            "delivery_id": judged.delivery_id,
            "person_id": judged.carrier_id,
            "occasion": judged.occasion,
            "request_id": judged.request_id,
            "score": decision.score,
            "decided": str(decision.outcome),
            "points": json.dumps(points),
            "model": decision.model,
        }


class RiskDesk:
    """Judges by whichever model it was given.

    Whatever it raises, nothing was let pass: whoever asks answers that the platform is unavailable.
    """

    def __init__(
        self, engine: AsyncEngine, model: RiskModel, wait_s_max: float = DECISION_WAIT_S_MAX
    ) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._model = model
        self._wait_s_max = wait_s_max

    async def judge(
        self, judged: Judged, policy: RiskPolicy, level: ProofLevel = ProofLevel.STANDARD
    ) -> RiskDecision:
        """Decide about a deal or a scan and keep score, outcome and reasons; tell staff if need be.

        Idempotency: a request that was let pass once is let pass again, whatever has come since.

        Raises:
            TimeoutError: the database took too long.
            SQLAlchemyError: it does not answer.
        """
        decision, unkept = await self.weigh(judged, policy, level)
        if unkept is not None:
            async with asyncio.timeout(self._wait_s_max), self._engine.connect() as connection:
                await connection.execute(_KEEP, unkept.values())
        return decision

    async def weigh(
        self, judged: Judged, policy: RiskPolicy, level: ProofLevel
    ) -> tuple[RiskDecision, Weighed | None]:
        """Decide as `judge` does, and leave it to whoever asks to keep what is new and lets pass.

        Raises:
            TimeoutError: the database took too long.
            SQLAlchemyError: it does not answer.
        """
        async with asyncio.timeout(self._wait_s_max), self._engine.connect() as connection:
            found = await read_signals(connection, judged, policy)
            if found.allowed is not None:
                return found.allowed, None
            decision = replace(
                decide(self._model, found.signals, policy, level, found.cleared),
                decision_id=new_id(),
            )
            weighed = Weighed(judged, decision)
            if decision.outcome is RiskOutcome.ALLOW:
                return decision, weighed
            if decision.outcome in (RiskOutcome.HOLD, RiskOutcome.REFUSE):
                # Before the decision: whoever dies in between tells staff twice of one thing.
                await raise_in(connection, _item_of(judged, decision))
            await connection.execute(_KEEP, weighed.values())
        return decision, None


def _item_of(judged: Judged, decision: RiskDecision) -> AttentionItem:
    what = "deal" if judged.occasion == DEAL else f"scan at the {judged.occasion}"
    return AttentionItem(
        key=f"{AttentionKind.RISK_FOUND}:{judged.delivery_id}:{judged.occasion}",
        kind=AttentionKind.RISK_FOUND,
        subject=f"{what} of {judged.delivery_id}",
        problem=f"{sentence_of(decision)} Outcome: {decision.outcome.replace('_', ' ')}.",
        delivery_id=judged.delivery_id,
    )
