"""Asks how risky a deal or a scan is, and turns what follows into answers."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from pydantic import TypeAdapter

from api.access.claims import Claim
from api.access.request import token_of
from api.access.rows import OfferRow
from api.access.step_ups import ASKED_AT, HEADER, challenge_of, is_approved, ways_to_approve
from api.edge.problems import Problem
from api.services import Services
from domain.contracts import CodePurpose, Role
from domain.errors import RefusalCode
from domain.handover.levels import ProofLevel
from domain.handover.places import Fix
from domain.holds.rules import HoldDelivery
from domain.ids import DeliveryId
from domain.risk.deciding import RiskDecision, RiskOutcome
from domain.risk.policy import UNSCORED, RiskPolicy
from infra.risk.desk import Weighed
from infra.risk.signals import Judged

_POLICY = TypeAdapter(RiskPolicy)


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
        request_id=claimed.resource_id,
        method=method,
    )
    decision = await parts.risk.judge(judged, policy)
    if decision.outcome is RiskOutcome.REFUSE:
        raise Problem(
            RefusalCode.RISK_REFUSED,
            "This deal is not possible. Choose another offer, or ask support.",
        )


async def acceptable_scan(
    parts: Services,
    request: Request,
    claimed: Claim,
    purpose: CodePurpose,
    fix: Fix | None,
    *,
    device_id: str | None = None,
) -> Weighed | None:
    """Score a scan whose code is proven, before the code is used up; return what is to be kept of it.

    `device_id` is the device whose signature the request carries, where the level asks for one.

    Raises:
        Problem: `risk_step_up`, `risk_held` once the delivery is on hold, or `risk_refused`.
    """
    policy = risk_policy_in(claimed.row["risk_policy"])
    if not policy.is_scored:
        return None
    judged = Judged(
        delivery_id=DeliveryId(claimed.row["delivery_id"]),
        carrier_id=claimed.asker.person_id,
        request_id=claimed.resource_id,
        occasion=str(purpose),
        device_id=device_id,
        fix=fix,
    )
    level = ProofLevel(claimed.row["proof_level"])
    decision, unkept = await parts.risk.weigh(judged, policy, level)
    match decision.outcome:
        case RiskOutcome.STEP_UP:
            await _require_step_up(parts, request)
        case RiskOutcome.HOLD:
            await _put_on_hold(parts, claimed, purpose, decision)
        case RiskOutcome.REFUSE:
            raise Problem(
                RefusalCode.RISK_REFUSED,
                "This scan is refused. Keep the parcel where it is, and ask support.",
            )
    return unkept


async def _require_step_up(parts: Services, request: Request) -> None:
    token = await token_of(request)
    if await is_approved(request, parts.database, token):
        return
    methods = await ways_to_approve(request, parts.database, token)
    if not methods:
        raise Problem(
            RefusalCode.RISK_STEP_UP,
            "Sign in with a second factor for this: set one up at /v1/me/passkeys or "
            "/v1/me/second-factors. Tokens and keys of programs prove nothing here.",
        )
    raise Problem(
        RefusalCode.RISK_STEP_UP,
        f"Approve a scan at this address, with the hash of an empty body, at {ASKED_AT}, with one "
        f"of: {' '.join(methods)}. Then scan again with the grant in the header {HEADER}.",
        headers=challenge_of(methods),
    )


async def _put_on_hold(
    parts: Services, claimed: Claim, purpose: CodePurpose, decision: RiskDecision
) -> None:
    """Have the delivery wait for staff, who read the codes of the reasons with it.

    Raises:
        Problem: `risk_held`, or why it cannot wait.
    """
    named = ", ".join(decision.reasons)
    command = HoldDelivery(
        f"Risk {decision.score} of 100 at the {purpose}: {named}",
        role=Role.OPERATOR,
        risk_decision_id=decision.decision_id,
    )
    delivery_id, update_id = DeliveryId(claimed.row["delivery_id"]), f"{claimed.update_id}:risk"
    try:
        await parts.commands.change_delivery(delivery_id, "hold", command, update_id)
    except Problem as problem:
        # It is on hold already, and the end of that hold clears nothing of this unless staff name it.
        if problem.code is not RefusalCode.ON_HOLD:
            raise
    raise Problem(
        RefusalCode.RISK_HELD,
        "Staff look at this first. Keep the parcel where it is: nothing is used up. Scan again, as a "
        "new request, once the delivery goes on.",
    )


def risk_policy_in(kept: dict[str, Any] | None) -> RiskPolicy:
    """Return the policy that a delivery was opened under; the oldest have none."""
    return UNSCORED if kept is None else _POLICY.validate_python(kept)
