"""What becomes of a claim: refused where nothing is proven, looked at where something is in doubt.

A claim whose signature or code is no good proves nothing. One whose code is right was made by somebody
who stood before the person with the code: it is never dropped, whatever else is odd about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.contracts import CodePurpose
from domain.errors import RefusalCode
from domain.handover.levels import ProofLevel
from domain.offline.claims import Claim
from domain.offline.manifest import NO_CLAIM
from domain.offline.policy import OfflinePolicy
from domain.offline.states import ClaimReason, ClaimState

PROVES_NOTHING = frozenset(
    {
        ClaimReason.UNREADABLE,
        ClaimReason.SIGNATURE_WRONG,
        ClaimReason.MANIFEST_UNKNOWN,
        ClaimReason.MANIFEST_CHANGED,
        ClaimReason.DEVICE_OTHER,
        ClaimReason.PIN_OFFLINE,
        RefusalCode.CODE_WRONG,
        RefusalCode.CODE_FOREIGN,
        RefusalCode.CODE_VERSION_WRONG,
    }
)
"""Reasons for which a claim is refused; all others are for a person to look at."""
MAY_PASS = frozenset(
    {
        RefusalCode.PAYMENT_CAPTURING,
        RefusalCode.CODE_LOCKED,
        RefusalCode.NEEDS_ATTENTION,
    }
)
"""Refusals of a delivery that is busy with something else: the claim waits and is tried again."""

Reason = ClaimReason | RefusalCode


def needs_two_people(level: ProofLevel, fault: Reason | None) -> bool:
    """Tell whether one of the staff alone may not accept a claim.

    A code that rotates is the only proof of its own moment: one of another moment may have been
    pictured and scanned later, by an accomplice of whoever accepts it.
    """
    return level is not ProofLevel.STANDARD and fault is RefusalCode.CODE_OUTDATED


@dataclass(frozen=True, slots=True)
class KnownManifest:
    """What the platform kept of a manifest that it issued."""

    hash: str
    delivery_id: str
    device_id: str
    issued_at: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class Chain:
    """The device's other claims, as far as they have come in."""

    own_hash: str
    """Hash of the claim itself."""
    previous_hash: str | None
    """Hash of the claim with the number before; none while that is missing."""
    next_previous: str | None = None
    """What the claim with the number after names as the one before it; none while there is none."""
    is_taken: bool = False
    """Whether another claim has the same number."""


@dataclass(frozen=True, slots=True)
class Custody:
    """What has become of the code meanwhile."""

    is_carrier: bool
    """Whether the claiming person is still the delivery's traveler."""
    is_used: bool = False
    """Whether the code of the purpose has been accepted from anybody."""
    is_own_use: bool = False
    """Whether it was accepted from the claiming person, online or from the same device."""
    has_rival: bool = False
    """Whether another device claims the same handover, and was accepted or is looked at."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What becomes of a claim now."""

    state: ClaimState
    """Pending when nothing stands against it: the delivery is asked next."""
    reason: Reason | None = None


UNDOUBTED = Judgement(ClaimState.PENDING)
"""Nothing stands against it, and nobody has carried it out yet."""


def judged_by(reason: Reason) -> Judgement:
    """Return what becomes of a claim for a reason."""
    if reason in MAY_PASS:
        return Judgement(ClaimState.PENDING, reason)
    is_refused = reason in PROVES_NOTHING
    return Judgement(ClaimState.REFUSED if is_refused else ClaimState.IN_REVIEW, reason)


def disproof(
    claim: Claim, manifest: KnownManifest | None, delivery_id: str, device_id: str
) -> Reason | None:
    """Return why a claim that its device has signed proves nothing, or none."""
    # No manifest is about a relay: two travelers who meet are both asked where they are.
    is_relay = claim.purpose is CodePurpose.RELAY
    if manifest is None or manifest.delivery_id != delivery_id or is_relay:
        return ClaimReason.MANIFEST_UNKNOWN
    if manifest.device_id != device_id:
        return ClaimReason.DEVICE_OTHER
    return None if manifest.hash == claim.manifest_hash else ClaimReason.MANIFEST_CHANGED


def is_superseded(custody: Custody) -> bool:
    """Tell whether the same person has proven the same otherwise, and nobody else claims it."""
    return custody.is_used and custody.is_own_use and not custody.has_rival


@dataclass(frozen=True, slots=True)
class Clock:
    """When a claim came in, and what is known of the device's clock."""

    received_at: datetime
    sent_at: datetime
    """What the device's clock showed when it sent the claim."""
    revoked_at: datetime | None = None
    """When the device was revoked, if it was: whoever holds it may set its clock as they like."""

    def is_off(self, policy: OfflinePolicy, claim: Claim, manifest: KnownManifest) -> bool:
        """Tell whether the clock is off now, or has been."""
        tolerance = timedelta(seconds=policy.clock_off_s_max)
        return (
            abs(self.sent_at - self.received_at) > tolerance
            or claim.claimed_at > self.received_at + tolerance
            or claim.claimed_at < manifest.issued_at - tolerance
        )

    def is_late(self, policy: OfflinePolicy, claim: Claim) -> bool:
        """Tell whether the claim is too old by the time it comes in."""
        return self.received_at - claim.claimed_at > timedelta(seconds=policy.claim_age_s_max)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A claim whose code is right, and everything that speaks for or against it."""

    claim: Claim
    manifest: KnownManifest
    chain: Chain
    custody: Custody
    clock: Clock


def doubts(policy: OfflinePolicy, evidence: Evidence) -> tuple[Reason, ...]:
    """Return everything that is in doubt about a claim whose code is right, the gravest first."""
    claim, chain, clock = evidence.claim, evidence.chain, evidence.clock
    found = (
        (ClaimReason.DEVICE_REVOKED, clock.revoked_at is not None),
        (ClaimReason.CONFLICT, _is_forked(claim, chain) or _is_contested(evidence.custody)),
        (ClaimReason.COUNTER_GAP, _before(claim, chain) is None),
        (ClaimReason.CLOCK_OFF, clock.is_off(policy, claim, evidence.manifest)),
        (ClaimReason.TOO_OLD, clock.is_late(policy, claim)),
        (ClaimReason.MANIFEST_OUTDATED, claim.claimed_at >= evidence.manifest.valid_until),
    )
    return tuple(reason for reason, holds in found if holds)


def _is_contested(custody: Custody) -> bool:
    is_others = custody.is_used and not custody.is_own_use
    return is_others or custody.has_rival or not custody.is_carrier


def _before(claim: Claim, chain: Chain) -> str | None:
    """Return the hash that the claim before has, or none while that is missing."""
    return NO_CLAIM if claim.counter == 1 else chain.previous_hash


def _is_forked(claim: Claim, chain: Chain) -> bool:
    """Tell whether the device tells two stories of what came after what."""
    before = _before(claim, chain)
    is_after_another = before is not None and before != claim.previous_hash
    is_before_another = chain.next_previous not in (None, chain.own_hash)
    return chain.is_taken or is_after_another or is_before_another
