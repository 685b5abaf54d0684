"""Weighs a claim against everything that is known of its delivery."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from api.agreed_places import agreed_place
from api.handover_facts import presence_in
from api.models.wanted_proofs import terms_in
from domain.contracts import Actor, CodePurpose, ScanCode
from domain.devices.keys import DeviceKey, KeyAlgorithm
from domain.errors import RefusalCode
from domain.handover.codes import digest_of
from domain.handover.levels import ProofLevel
from domain.handover.proving import HeldCode, ProvenBy
from domain.ids import DeliveryId, DeviceId
from domain.offline.claims import Claim
from domain.offline.judging import (
    PROVES_NOTHING,
    UNDOUBTED,
    Custody,
    Evidence,
    Judgement,
    Reason,
    disproof,
    doubts,
    is_superseded,
)
from domain.offline.policy import OFFLINE
from domain.offline.proving import fault_of_code, fault_of_people, fault_of_place, is_code_of
from domain.offline.states import ClaimReason, ClaimState
from domain.proofs.kinds import ProofKind
from domain.proofs.required import missing_proofs, required_proofs
from infra.devices.signatures import has_signed
from infra.kept_policies import proof_policy_in
from infra.offline.evidence import Found, chain_in, clock_in, custody_in, manifest_in
from infra.offline.keeping import KeptClaim, SentClaim


@dataclass(frozen=True, slots=True)
class Weighed:
    """What is found about a claim before its delivery is asked."""

    judgement: Judgement
    """Pending when nothing stands against it."""
    reasons: tuple[Reason, ...] = ()
    """Everything that is in doubt."""
    proven_by: ProvenBy | None = None
    """What its code was proven with; none unless the delivery is asked."""


def weighed(key: bytes, kept: KeptClaim, sent: SentClaim, found: Found | None) -> Weighed:
    """Return what is found about a claim; `found` is none for what cannot be read."""
    if not sent.is_signed or sent.claim is None or found is None:
        return _refused(ClaimReason.UNREADABLE if sent.is_signed else ClaimReason.SIGNATURE_WRONG)
    claim, manifest = sent.claim, manifest_in(found)
    by = proven_by(key, found, kept.delivery_id, claim.purpose)
    fault = _fault_of_code(by, claim, found)
    nothing = disproof(claim, manifest, kept.delivery_id, sent.device_id)
    if nothing is None and fault in PROVES_NOTHING:
        nothing = fault
    if manifest is None or nothing is not None:
        return _refused(nothing or ClaimReason.MANIFEST_UNKNOWN)
    custody = custody_in(found, kept.person_id)
    clock = clock_in(found, kept.received_at, sent.sent_at)
    evidence = Evidence(claim, manifest, chain_in(found, sent.text), custody, clock)
    is_revoked = found["holder_revoked_at"] is not None
    others = (
        fault,
        ClaimReason.DEVICE_REVOKED if is_revoked else None,
        *_faults_of_scene(by, claim, found),
    )
    named = (*doubts(OFFLINE, evidence), *(each for each in others if each is not None))
    reasons = tuple(dict.fromkeys(named))
    return _doubted(custody, reasons) if reasons else Weighed(UNDOUBTED, (), by)


def proven_by(key: bytes, found: Found, delivery_id: DeliveryId, purpose: CodePurpose) -> ProvenBy:
    """Return what the codes of a handover are proven with."""
    return ProvenBy(
        key,
        proof_policy_in(found["proof_policy"]),
        ProofLevel(found["proof_level"]),
        delivery_id,
        purpose,
        found["code_nonce"],
        _held(found),
    )


def scan_of_claim(by: ProvenBy, claim_id: str, claim: Claim, actor: Actor) -> ScanCode:
    """Return the command of a claim: the same as that of a scan, with when it was made."""
    digest = digest_of(by.key, by.delivery_id, by.purpose, by.opaque_text())
    return ScanCode(
        actor,
        by.purpose,
        digest,
        is_pin=False,
        attempt_id=claim_id,
        claim_id=claim_id,
        claimed_at=claim.claimed_at,
    )


def _doubted(custody: Custody, reasons: tuple[Reason, ...]) -> Weighed:
    if is_superseded(custody):
        return Weighed(Judgement(ClaimState.SUPERSEDED))
    return Weighed(Judgement(ClaimState.IN_REVIEW, reasons[0]), reasons)


def _fault_of_code(by: ProvenBy, claim: Claim, found: Found) -> Reason | None:
    """Return why a code does not count, or none when it does.

    What showed it then may have been released since, which voids what can be proven: whoever got the
    parcel must not be able to make a right code a wrong one, so that an agent looks.
    """
    fault = fault_of_code(by, claim.code, claim.claimed_at)
    is_void = fault is RefusalCode.CODE_WRONG and found["is_held_anew"]
    return RefusalCode.CODE_HELD_ELSEWHERE if is_void and is_code_of(by, claim.code) else fault


def _faults_of_scene(by: ProvenBy, claim: Claim, found: Found) -> tuple[Reason | None, ...]:
    """Return what is wrong with place, people and other proofs, as they are asked for at the level."""
    scanner, shower = (presence_in(found, side) for side in ("scanner", "shower"))
    terms = terms_in(found["proof_terms"], found["label_digest"])
    needed = required_proofs(by.level, by.purpose, terms=terms)
    missing = missing_proofs(needed, [ProofKind(kind) for kind in found["present_proofs"]])
    return (
        fault_of_place(by, claim.fix, agreed_place(found, by.purpose), claim.claimed_at),
        fault_of_people(by, claim.fix, scanner, shower, claim.claimed_at),
        RefusalCode.PROOF_MISSING if missing else None,
    )


def _held(found: Found) -> HeldCode | None:
    if found["holder_public_key"] is None:
        return None
    key = DeviceKey(KeyAlgorithm(found["holder_algorithm"]), bytes(found["holder_public_key"]))
    return HeldCode(
        DeviceId(found["holder_device_id"]), found["secret_nonce"], partial(has_signed, key)
    )


def _refused(reason: Reason) -> Weighed:
    return Weighed(Judgement(ClaimState.REFUSED, reason), (reason,))
