"""Claims a scan together with everything that its code and its level are proven with: one statement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import CTE, Select, and_, func, literal, select, true

from api.access.statements import claim_on, known_delivery, seen, who_asks
from api.queries.handover_sides import sides_of
from api.queries.proofs import present_proofs
from domain.contracts import CodePurpose
from domain.errors import RefusalCode
from domain.status import DeliveryStatus
from infra.database.schema import handover_code, parcel, scan_attempt

SCAN_REFUSALS = (
    RefusalCode.CODE_WRONG,
    RefusalCode.CODE_ALREADY_USED,
    RefusalCode.CODE_OUTDATED,
    RefusalCode.CODE_VERSION_WRONG,
    RefusalCode.CODE_EXPIRED,
    RefusalCode.CODE_FOREIGN,
    RefusalCode.CODE_LOCKED,
    RefusalCode.CODE_NOT_READY,
    RefusalCode.OWN_DELIVERY,
    RefusalCode.DEVICE_MISSING,
    RefusalCode.DEVICE_WRONG,
    RefusalCode.PLACE_MISSING,
    RefusalCode.PLACE_INACCURATE,
    RefusalCode.PLACE_OUTDATED,
    RefusalCode.PLACE_TOO_FAR,
    RefusalCode.PLACE_MOCKED,
    RefusalCode.PERSON_UNPROVEN,
    RefusalCode.PROOF_MISSING,
    RefusalCode.RISK_STEP_UP,
    RefusalCode.RISK_HELD,
    RefusalCode.RISK_REFUSED,
)
"""How every scan can be refused."""


def scan_facts(who: CTE, target: CTE, claim: CTE, purpose: CodePurpose) -> tuple[CTE, ...]:
    """Return what the verifier looks at, at most one row each.

    Shape: `sides_of`, and

    - `code_nonce`, `code_is_used` (a pickup that waits for the payment can be scanned again),
      `code_has_expired`: the code, none while there is none;
    - `proof_policy`, `risk_policy`: what the delivery was opened under, none for the oldest;
    - `present_proofs`: the other proofs that are there;
    - `read_at`: the moment of the statement;
    - `attempt_outcome`, `attempt_refusal`, `attempted_at`: an earlier try of the same request.
    """
    named = literal(str(purpose))
    of_target = handover_code.c.delivery_id == target.c.delivery_id
    waits = target.c.status == DeliveryStatus.CAPTURING
    facts = (
        select(
            handover_code.c.nonce.label("code_nonce"),
            and_(handover_code.c.used_at.is_not(None), ~waits).label("code_is_used"),
            (handover_code.c.valid_until <= func.now()).label("code_has_expired"),
            parcel.c.policies["proof"].label("proof_policy"),
            parcel.c.policies["risk"].label("risk_policy"),
            present_proofs(target.c.delivery_id, named),
            func.now().label("read_at"),
        )
        .select_from(
            target.join(parcel, parcel.c.delivery_id == target.c.delivery_id).outerjoin(
                handover_code, and_(of_target, handover_code.c.purpose == named)
            )
        )
        .cte("facts")
    )
    earlier = (
        select(
            scan_attempt.c.outcome.label("attempt_outcome"),
            scan_attempt.c.refusal.label("attempt_refusal"),
            scan_attempt.c.attempted_at,
        )
        .select_from(claim.join(scan_attempt, true()))
        .where(scan_attempt.c.attempt_id == claim.c.claim_resource_id)
        .cte("earlier")
    )
    return facts, sides_of(who, target, named), earlier


def _claim_on_scan(purpose: CodePurpose) -> Select[Any]:
    who = who_asks()
    target = known_delivery(who).cte("target")
    claim = claim_on(who, target)
    return seen(who, target, claim, *scan_facts(who, target, claim, purpose))


CLAIM_ON_SCAN: Mapping[CodePurpose, Select[Any]] = {
    purpose: _claim_on_scan(purpose)
    for purpose in (CodePurpose.PICKUP, CodePurpose.HANDOVER, CodePurpose.RETURN)
}
"""Claims the scan of each purpose; a relay's is claimed with its relay."""
