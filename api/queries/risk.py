"""What was decided about the risk of a delivery's deal and scans."""

from __future__ import annotations

from sqlalchemy import Uuid, bindparam, select

from api.access.database import Database, Row
from api.edge.problems import Problem
from api.models.risk import RiskDecisionsView, RiskDecisionView, RiskReasonView
from domain.errors import RefusalCode
from domain.risk.deciding import RiskOutcome
from domain.risk.reasons import WORDS
from infra.database.schema import risk_decision
from infra.risk.signals import points_in

DECISIONS_MAX = 100
"""Decisions that are shown: more scans of one delivery are one story."""

_decision = risk_decision.c
_OF_DELIVERY = (
    select(risk_decision)
    .where(_decision.delivery_id == bindparam("of_delivery_id", type_=Uuid(as_uuid=False)))
    .order_by(_decision.decision_id.desc())
    .limit(DECISIONS_MAX)
)
_SERIOUS = select(_decision.decision_id).where(
    _decision.decision_id == bindparam("asked_decision_id", type_=Uuid(as_uuid=False)),
    _decision.delivery_id == bindparam("of_delivery_id", type_=Uuid(as_uuid=False)),
    _decision.outcome.in_([str(RiskOutcome.HOLD), str(RiskOutcome.REFUSE)]),
)


async def require_serious(database: Database, delivery_id: str, decision_id: str) -> None:
    """Check that a decision is one about a delivery, and held something up.

    Raises:
        Problem: `risk_decision_unknown`.
    """
    asked = {"of_delivery_id": delivery_id, "asked_decision_id": decision_id}
    if await database.first(_SERIOUS, asked) is None:
        raise Problem(
            RefusalCode.RISK_DECISION_UNKNOWN,
            "No deal or scan of this delivery was held or refused by this decision.",
        )


async def decisions_of(database: Database, delivery_id: str) -> RiskDecisionsView:
    """Return the latest decisions about a delivery."""
    rows = await database.every(_OF_DELIVERY, {"of_delivery_id": delivery_id})
    return RiskDecisionsView(delivery_id=delivery_id, decisions=[_view_of(row) for row in rows])


def _view_of(row: Row) -> RiskDecisionView:
    points = points_in(row["points"])
    return RiskDecisionView(
        decision_id=row["decision_id"],
        occasion=row["occasion"],
        outcome=row["outcome"],
        score=row["score"],
        reasons=[
            RiskReasonView(code=reason, points=count, words=WORDS[reason])
            for reason, count in points.items()
        ],
        model=row["model"],
        person_id=row["person_id"],
        decided_at=row["decided_at"],
    )
