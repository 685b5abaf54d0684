"""A code is proven for the moment of its scan, at each level, and so is the place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.contracts import CodePurpose
from domain.errors import RefusalCode
from domain.handover.codes import derive_code
from domain.handover.levels import ProofLevel
from domain.handover.places import Fix
from domain.handover.policy import ProofPolicy
from domain.handover.proving import HeldCode, ProvenBy
from domain.handover.rotating import rotating_code, rotating_secret
from domain.handover.signed import message_of, signed_code
from domain.handover.steps import step_at
from domain.handover.verifier import Presence
from domain.ids import DeliveryId, DeviceId
from domain.offline.judging import Reason
from domain.offline.proving import fault_of_code, fault_of_people, fault_of_place
from domain.offline.states import ClaimReason
from domain.pricing import Place

KEY, CODE_NONCE, HOLDING_NONCE = b"k" * 32, b"n" * 16, b"h" * 16
DELIVERY = DeliveryId("01982a14-0b20-7d44-8c2f-6e5d4c3b2a10")
OTHER = DeliveryId("01982a14-0b20-7d44-8c2f-6e5d4c3b2a19")
DEVICE = DeviceId("01982a14-0b20-7d44-8c2f-6e5d4c3b2a11")
AT = datetime(2026, 10, 7, 12, tzinfo=UTC)
POLICY = ProofPolicy()
DOOR = Place(41.38, 2.173)
FAR = Place(41.43, 2.173)


def signature_of(message: bytes) -> bytes:
    return (message * 2)[:64]


def by(level: ProofLevel) -> ProvenBy:
    held = HeldCode(DEVICE, HOLDING_NONCE, lambda given, message: given == signature_of(message))
    return ProvenBy(KEY, POLICY, level, DELIVERY, CodePurpose.HANDOVER, CODE_NONCE, held)


def shown(
    level: ProofLevel,
    at: datetime = AT,
    purpose: CodePurpose = CodePurpose.HANDOVER,
    delivery: DeliveryId = DELIVERY,
    nonce: bytes = HOLDING_NONCE,
) -> str:
    step = step_at(POLICY, at)
    if level is ProofLevel.STANDARD:
        return derive_code(KEY, delivery, purpose, CODE_NONCE).text
    if level is ProofLevel.HIGH:
        secret = rotating_secret(KEY, delivery, purpose, CODE_NONCE, nonce)
        return rotating_code(secret, delivery, purpose, step)
    signature = signature_of(message_of(delivery, purpose, DEVICE, step))
    return signed_code(delivery, purpose, DEVICE, step, signature)


@pytest.mark.parametrize("level", ProofLevel)
def test_the_right_code_is_proven_for_the_moment_of_the_scan(level: ProofLevel) -> None:
    assert fault_of_code(by(level), shown(level), AT) is None


@pytest.mark.parametrize("level", ProofLevel)
@pytest.mark.parametrize(
    ("purpose", "delivery"), [(CodePurpose.PICKUP, DELIVERY), (CodePurpose.HANDOVER, OTHER)]
)
def test_a_code_of_something_else_proves_nothing(
    level: ProofLevel, purpose: CodePurpose, delivery: DeliveryId
) -> None:
    code = shown(level, purpose=purpose, delivery=delivery)
    assert fault_of_code(by(level), code, AT) is RefusalCode.CODE_FOREIGN


@pytest.mark.parametrize("level", ProofLevel)
def test_a_code_of_another_level_proves_nothing(level: ProofLevel) -> None:
    for other in set(ProofLevel) - {level}:
        assert fault_of_code(by(level), shown(other), AT) is RefusalCode.CODE_VERSION_WRONG


@pytest.mark.parametrize("level", [ProofLevel.HIGH, ProofLevel.MAXIMUM])
@pytest.mark.parametrize(
    ("off_s", "fault"), [(20, None), (-20, None), (300, "code_outdated"), (-300, "code_outdated")]
)
def test_a_code_that_changes_proves_the_clock_as_well(
    level: ProofLevel, off_s: int, fault: str | None
) -> None:
    assert fault_of_code(by(level), shown(level), AT + timedelta(seconds=off_s)) == fault


@pytest.mark.parametrize("level", ProofLevel)
def test_a_changed_letter_proves_nothing(level: ProofLevel) -> None:
    code = shown(level)
    changed = code[:-4] + ("A" if code[-4] != "A" else "B") + code[-3:]
    assert fault_of_code(by(level), changed, AT) is RefusalCode.CODE_WRONG


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (replace(by(ProofLevel.STANDARD), code_nonce=b"another"), shown(ProofLevel.STANDARD)),
        (replace(by(ProofLevel.HIGH), held=None), shown(ProofLevel.HIGH)),
        (by(ProofLevel.HIGH), shown(ProofLevel.HIGH, nonce=b"another nonce.")),
        (replace(by(ProofLevel.MAXIMUM), held=None), shown(ProofLevel.MAXIMUM)),
        (replace(by(ProofLevel.MAXIMUM), code_nonce=None), shown(ProofLevel.MAXIMUM)),
        (by(ProofLevel.STANDARD), "no code"),
    ],
)
def test_what_was_issued_or_handed_anew_proves_nothing(changed: ProvenBy, code: str) -> None:
    assert fault_of_code(changed, code, AT) is RefusalCode.CODE_WRONG


@pytest.mark.parametrize("level", ProofLevel)
def test_a_pin_is_never_taken_without_network(level: ProofLevel) -> None:
    assert fault_of_code(by(level), "483 920", AT) is ClaimReason.PIN_OFFLINE


def fix(place: Place = DOOR, accuracy_m: float = 12, age_s: int = 10, *, mock: bool = False) -> Fix:
    return Fix(place, accuracy_m, AT - timedelta(seconds=age_s), mock)


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (fix(), None),
        (None, "place_missing"),
        (fix(FAR), "place_too_far"),
        (fix(accuracy_m=5_000), "place_inaccurate"),
        (fix(age_s=7_200), "place_outdated"),
        (fix(mock=True), "place_mocked"),
    ],
)
@pytest.mark.parametrize("level", ProofLevel)
def test_the_place_counts_from_the_level_that_asks_for_it(
    level: ProofLevel, given: Fix | None, fault: Reason | None
) -> None:
    expected = None if level is ProofLevel.STANDARD else fault
    assert fault_of_place(by(level), given, DOOR, AT) == expected


def there(place: Place = DOOR, after_s: int = -60) -> Presence:
    at = AT + timedelta(seconds=after_s)
    return Presence(Fix(place, 12, at), at)


@pytest.mark.parametrize(
    ("scanner", "shower", "fault"),
    [
        (there(), there(), None),
        (there(), there(after_s=200), None),
        (None, there(), "person_unproven"),
        (there(), None, "person_unproven"),
        (there(), there(after_s=-400), "person_unproven"),
        (there(), there(FAR), "place_too_far"),
    ],
)
@pytest.mark.parametrize("level", ProofLevel)
def test_both_sides_have_met_where_the_level_asks_for_it(
    level: ProofLevel, scanner: Presence | None, shower: Presence | None, fault: str | None
) -> None:
    expected = fault if level is ProofLevel.MAXIMUM else None
    assert fault_of_people(by(level), fix(), scanner, shower, AT) == expected
