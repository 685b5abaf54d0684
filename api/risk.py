"""Asks how risky a deal is, and turns what follows into answers."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from api.access.claims import Claim
from api.access.rows import OfferRow
from api.edge.problems import Problem
from api.services import Services
from domain.errors import RefusalCode
from domain.ids import DeliveryId
from domain.risk.deciding import RiskOutcome
from domain.risk.policy import UNSCORED, RiskPolicy
from infra.risk.signals import Judged

_POLICY = TypeAdapter(RiskPolicy)


def risk_policy_in(kept: dict[str, Any] | None) -> RiskPolicy:
    """Return the policy that a delivery was opened under; the oldest have none."""
    return UNSCORED if kept is None else _POLICY.validate_python(kept)


async def require_sound_deal(parts: Services, claimed: Claim, offer: OfferRow, method: str) -> None:
    """Score a deal between a customer and a traveler, once for each request to accept it.

    What looks like one person on both sides is put before staff, and goes on until it is certain.

    Raises:
        Problem: `risk_refused`.
    """
    policy = risk_policy_in(claimed.row["risk_policy"])
    if not policy.is_scored:
        return
    judged = Judged(
        delivery_id=DeliveryId(claimed.row["delivery_id"]),
        carrier_id=offer.traveler_id,
        person_id=claimed.asker.person_id,
        request_id=claimed.resource_id,
        method=method,
    )
    decision = await parts.risk.judge(judged, policy)
    if decision.outcome is RiskOutcome.REFUSE:
        raise Problem(
            RefusalCode.RISK_REFUSED,
            "This deal is not possible. Choose another offer, or ask support.",
        )
