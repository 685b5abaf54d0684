"""What becomes of a claim: refused where nothing is proven, looked at where something is in doubt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.contracts import CodePurpose
from domain.errors import RefusalCode
from domain.offline.claims import Claim
from domain.offline.judging import (
    Chain,
    Clock,
    Custody,
    Evidence,
    KnownManifest,
    Reason,
    disproof,
    doubts,
    is_superseded,
    judged_by,
)
from domain.offline.manifest import NO_CLAIM
from domain.offline.policy import OFFLINE
from domain.offline.states import ClaimReason, ClaimState

NOW = datetime(2026, 10, 7, 12, tzinfo=UTC)
OWN, BEFORE, OTHER = "a" * 64, "b" * 64, "c" * 64
CLAIM = Claim(
    manifest_id="m",
    manifest_hash=OWN,
    purpose=CodePurpose.HANDOVER,
    code="SA1",
    claimed_at=NOW - timedelta(hours=1),
    fix=None,
    counter=1,
    previous_hash=NO_CLAIM,
)
MANIFEST = KnownManifest(OWN, "d", "dev", NOW - timedelta(hours=2), NOW + timedelta(hours=22))
RIGHT = Evidence(CLAIM, MANIFEST, Chain(OWN, None), Custody(is_carrier=True), Clock(NOW, NOW))
SECOND = replace(CLAIM, counter=2, previous_hash=BEFORE)
_MINUTES_5 = timedelta(minutes=5)
_R = ClaimReason


def _claimed(age: timedelta) -> Evidence:
    manifest = replace(MANIFEST, issued_at=NOW - timedelta(days=2), valid_until=NOW)
    return replace(RIGHT, claim=replace(CLAIM, claimed_at=NOW - age), manifest=manifest)


def _chained(claim: Claim, chain: Chain) -> Evidence:
    return replace(RIGHT, claim=claim, chain=chain)


def _sent(ahead: timedelta) -> Evidence:
    return replace(RIGHT, clock=Clock(NOW, NOW + ahead))


@pytest.mark.parametrize(
    ("evidence", "found"),
    [
        pytest.param(RIGHT, (), id="right"),
        pytest.param(_chained(SECOND, Chain(OWN, BEFORE)), (), id="second of its device"),
        pytest.param(_chained(SECOND, Chain(OWN, None)), (_R.COUNTER_GAP,), id="gap"),
        pytest.param(_chained(SECOND, Chain(OWN, OTHER)), (_R.CONFLICT,), id="after another"),
        pytest.param(_chained(CLAIM, Chain(OWN, None, OTHER)), (_R.CONFLICT,), id="before another"),
        pytest.param(_chained(CLAIM, Chain(OWN, None, OWN)), (), id="filled a gap"),
        pytest.param(
            _chained(CLAIM, Chain(OWN, None, is_taken=True)), (_R.CONFLICT,), id="number twice"
        ),
        pytest.param(_sent(_MINUTES_5), (_R.CLOCK_OFF,), id="clock 5 min ahead"),
        pytest.param(_sent(-_MINUTES_5), (_R.CLOCK_OFF,), id="clock 5 min behind"),
        pytest.param(_sent(timedelta(seconds=90)), (), id="clock a little off"),
        pytest.param(_claimed(-_MINUTES_5), (_R.CLOCK_OFF, _R.MANIFEST_OUTDATED), id="from ahead"),
        pytest.param(_claimed(timedelta(hours=23)), (), id="23 h old"),
        pytest.param(_claimed(timedelta(hours=25)), (_R.TOO_OLD,), id="25 h old"),
        pytest.param(
            replace(RIGHT, claim=replace(CLAIM, claimed_at=NOW - timedelta(hours=3))),
            (_R.CLOCK_OFF,),
            id="before its manifest",
        ),
        pytest.param(
            replace(RIGHT, manifest=replace(MANIFEST, valid_until=NOW - timedelta(hours=1))),
            (_R.MANIFEST_OUTDATED,),
            id="after its manifest",
        ),
        pytest.param(
            replace(RIGHT, clock=Clock(NOW, NOW, revoked_at=NOW)),
            (_R.DEVICE_REVOKED,),
            id="revoked",
        ),
        pytest.param(
            replace(RIGHT, custody=Custody(is_carrier=False)),
            (_R.CONFLICT,),
            id="relayed meanwhile",
        ),
        pytest.param(
            replace(RIGHT, custody=Custody(is_carrier=True, is_used=True)),
            (_R.CONFLICT,),
            id="code used by somebody else",
        ),
        pytest.param(
            replace(RIGHT, custody=Custody(is_carrier=True, has_rival=True)),
            (_R.CONFLICT,),
            id="another device claims it",
        ),
    ],
)
def test_everything_in_doubt_is_named(evidence: Evidence, found: tuple[Reason, ...]) -> None:
    assert doubts(OFFLINE, evidence) == found


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        (None, _R.MANIFEST_UNKNOWN),
        (replace(MANIFEST, delivery_id="another"), _R.MANIFEST_UNKNOWN),
        (replace(MANIFEST, device_id="another"), _R.DEVICE_OTHER),
        (replace(MANIFEST, hash=OTHER), _R.MANIFEST_CHANGED),
        (MANIFEST, None),
    ],
)
def test_a_claim_needs_the_manifest_that_was_issued(
    manifest: KnownManifest | None, reason: Reason | None
) -> None:
    assert disproof(CLAIM, manifest, "d", "dev") is reason


@pytest.mark.parametrize(
    ("custody", "is_so"),
    [
        (Custody(is_carrier=True), False),
        (Custody(is_carrier=True, is_used=True), False),
        (Custody(is_carrier=True, is_used=True, is_own_use=True), True),
        (Custody(is_carrier=False, is_used=True, is_own_use=True), True),
        (Custody(is_carrier=True, is_used=True, is_own_use=True, has_rival=True), False),
    ],
)
def test_what_the_same_person_scanned_otherwise_leaves_nothing_to_do(
    custody: Custody, is_so: bool
) -> None:
    assert is_superseded(custody) is is_so


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        (_R.UNREADABLE, ClaimState.REFUSED),
        (_R.SIGNATURE_WRONG, ClaimState.REFUSED),
        (_R.PIN_OFFLINE, ClaimState.REFUSED),
        (RefusalCode.CODE_WRONG, ClaimState.REFUSED),
        (RefusalCode.CODE_FOREIGN, ClaimState.REFUSED),
        (RefusalCode.CODE_EXPIRED, ClaimState.IN_REVIEW),
        (RefusalCode.WRONG_STATE, ClaimState.IN_REVIEW),
        (RefusalCode.NOT_YOUR_ROLE, ClaimState.IN_REVIEW),
        (RefusalCode.PAYMENT_NOT_CAPTURED, ClaimState.IN_REVIEW),
        (RefusalCode.ON_HOLD, ClaimState.IN_REVIEW),
        (RefusalCode.PAYMENT_CAPTURING, ClaimState.PENDING),
        (RefusalCode.CODE_LOCKED, ClaimState.PENDING),
    ],
)
def test_only_what_proves_nothing_is_refused(reason: Reason, state: ClaimState) -> None:
    assert judged_by(reason).state is state


def test_no_manifest_is_about_a_relay() -> None:
    relay = replace(CLAIM, purpose=CodePurpose.RELAY)
    assert disproof(relay, MANIFEST, "d", "dev") is _R.MANIFEST_UNKNOWN
