"""Claims a scan together with what proves its code, so that a wrong code reaches no workflow."""

from __future__ import annotations

import hmac

from sqlalchemy import Text, bindparam, select, true

from api.access.claims import Claim
from api.access.statements import claim_on, known_delivery, seen, who_asks
from api.edge.problems import Problem, refused
from api.queries.proofs import present_proofs, require_proofs
from domain.contracts import Actor, CodePurpose, ScanCode
from domain.errors import Refusal, RefusalCode
from domain.handover.codes import derive_code, digest_of, read_scanned
from domain.ids import DeliveryId
from infra.database.schema import handover_code, parcel

SCAN_REFUSALS = (
    RefusalCode.CODE_WRONG,
    RefusalCode.CODE_ALREADY_USED,
    RefusalCode.CODE_OUTDATED,
    RefusalCode.CODE_VERSION_WRONG,
    RefusalCode.CODE_EXPIRED,
    RefusalCode.CODE_FOREIGN,
    RefusalCode.CODE_LOCKED,
    RefusalCode.CODE_NOT_READY,
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

_PURPOSE = bindparam("purpose", type_=Text)
_who = who_asks()
_target = known_delivery(_who).cte("target")
_code = (
    select(handover_code.c.nonce.label("code_nonce"))
    .select_from(_target.join(handover_code, true()))
    .where(
        handover_code.c.delivery_id == _target.c.delivery_id,
        handover_code.c.purpose == _PURPOSE,
    )
    .cte("code")
)
_terms = (
    select(
        parcel.c.policies["risk"].label("risk_policy"),
        present_proofs(parcel.c.delivery_id, _PURPOSE),
    )
    .select_from(_target.join(parcel, parcel.c.delivery_id == _target.c.delivery_id))
    .cte("terms")
)
CLAIM_ON_SCAN = seen(_who, _target, claim_on(_who, _target), _code, _terms)


def scan_of(
    key: bytes, claimed: Claim, actor: Actor, purpose: CodePurpose, presented: str
) -> ScanCode:
    """Return the command of a scan, which holds a digest instead of the code.

    A whole code is proven here: whoever presents wrong ones adds nothing to a workflow's history.
    A PIN is proven by the workflow, which counts the wrong ones.

    Raises:
        Problem: the text is no code, a wrong code, or a code of something else; or the leg lacks a
            proof besides it.
    """
    delivery_id = DeliveryId(claimed.row["delivery_id"])
    try:
        scanned = read_scanned(delivery_id, purpose, presented)
    except Refusal as refusal:
        raise refused(refusal) from refusal
    nonce: bytes | None = claimed.row["code_nonce"]
    # Without a code that could be proven, the workflow says what has to happen before.
    if not scanned.is_pin and nonce is not None:
        right = derive_code(key, delivery_id, purpose, nonce).text
        if not hmac.compare_digest(right.encode(), scanned.normalised.encode()):
            raise Problem(RefusalCode.CODE_WRONG, "The code is wrong.")
    require_proofs(claimed.row, purpose)
    digest = digest_of(key, delivery_id, purpose, scanned.normalised)
    return ScanCode(actor, purpose, digest, scanned.is_pin)
