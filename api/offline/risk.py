"""Asks how risky a scan is that was made without network: nobody goes offline to be looked at less."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.exc import SQLAlchemyError

from api.risk import risk_policy_in
from api.services import Services
from domain.errors import RefusalCode
from domain.handover.levels import ProofLevel
from domain.offline.claims import Claim
from domain.offline.judging import UNDOUBTED, Judgement, judged_by
from domain.risk.deciding import RiskOutcome
from infra.offline.evidence import Found
from infra.offline.keeping import KeptClaim
from infra.risk.signals import Judged

_REASONS: Mapping[RiskOutcome, RefusalCode] = {
    RiskOutcome.STEP_UP: RefusalCode.RISK_STEP_UP,
    RiskOutcome.HOLD: RefusalCode.RISK_HELD,
    RiskOutcome.REFUSE: RefusalCode.RISK_REFUSED,
}
"""Whoever made the scan has left the door: what would be asked of them there, an agent looks at."""


async def judged_by_risk(
    parts: Services, kept: KeptClaim, device_id: str, claim: Claim, found: Found
) -> Judgement | None:
    """Return what becomes of an undoubted claim by its score, or none where it may be carried out."""
    policy = risk_policy_in(found["risk_policy"])
    if not policy.is_scored:
        return None
    judged = Judged(
        delivery_id=kept.delivery_id,
        carrier_id=kept.person_id,
        request_id=kept.claim_id,
        occasion=str(claim.purpose),
        device_id=device_id,
        fix=claim.fix,
    )
    try:
        decision = await parts.risk.judge(judged, policy, ProofLevel(found["proof_level"]))
    except (TimeoutError, SQLAlchemyError):
        # Nobody can say right now: the claim stays, and is tried again.
        return UNDOUBTED
    reason = _REASONS.get(decision.outcome)
    return None if reason is None else judged_by(reason)
