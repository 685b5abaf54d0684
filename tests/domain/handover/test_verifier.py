"""The verifier: every check at every level, in the order of what it costs, and whatever is scanned."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.contracts import CodePurpose
from domain.errors import Refusal, RefusalCode
from domain.handover.claimed import CodeVersion
from domain.handover.codes import derive_code
from domain.handover.levels import ProofLevel
from domain.handover.verifier import CHECKS, Presence, Scan, verify
from domain.ids import PersonId
from domain.proofs.kinds import ProofKind
from tests.domain.builders import DELIVERY, NOW, OTHER_DELIVERY, refusal_of
from tests.domain.handover.handovers import (
    CODE_NONCE,
    HERE,
    HIGH,
    KEY,
    MAXIMUM,
    SHOWER,
    STANDARD,
    STRANGE,
    handover,
    north,
    scan,
    shown,
)
from tests.domain.handover.test_codes import anything

_C = RefusalCode
PASSES = None
Expected = tuple[RefusalCode | None, RefusalCode | None, RefusalCode | None]
THREE_STEPS = timedelta(seconds=60)
MINUTES = timedelta(minutes=5)


def same(refusal: RefusalCode) -> Expected:
    return refusal, refusal, refusal


@pytest.mark.parametrize("level", ProofLevel)
def test_the_right_code_passes(level: ProofLevel) -> None:
    claimed = verify(handover(level), scan(level))
    assert (claimed.delivery_id, claimed.purpose) == (DELIVERY, CodePurpose.HANDOVER)


def test_a_pin_passes_at_the_standard_level_alone() -> None:
    pin = derive_code(KEY, DELIVERY, CodePurpose.HANDOVER, CODE_NONCE).pin
    assert verify(handover(STANDARD), scan(STANDARD, text=pin)).version is CodeVersion.PIN
    for level in (HIGH, MAXIMUM):
        refusal = refusal_of(verify, handover(level), scan(level, text=pin))
        assert refusal is _C.CODE_VERSION_WRONG


CODES: dict[str, tuple[dict[str, Any], Expected]] = {
    "one step old": ({"at": NOW - timedelta(seconds=20)}, (PASSES, PASSES, PASSES)),
    "one step ahead": ({"at": NOW + timedelta(seconds=20)}, (PASSES, PASSES, PASSES)),
    "three steps old": (
        {"at": NOW - THREE_STEPS},
        (PASSES, _C.CODE_OUTDATED, _C.CODE_OUTDATED),
    ),
    "made by a clock five minutes behind": (
        {"at": NOW - MINUTES},
        (PASSES, _C.CODE_OUTDATED, _C.CODE_OUTDATED),
    ),
    "made by a clock five minutes ahead": (
        {"at": NOW + MINUTES},
        (PASSES, _C.CODE_OUTDATED, _C.CODE_OUTDATED),
    ),
    "of another delivery": ({"delivery": OTHER_DELIVERY}, same(_C.CODE_FOREIGN)),
    "for the pickup": ({"purpose": CodePurpose.PICKUP}, same(_C.CODE_FOREIGN)),
    "of another device": ({"device": STRANGE}, (PASSES, PASSES, _C.DEVICE_WRONG)),
    "of a holding that was released": ({"nonce": b"o" * 16}, (PASSES, _C.CODE_WRONG, PASSES)),
}
"""How a code is shown, and what the three levels say to it."""


@pytest.mark.parametrize(("how", "expected"), CODES.values(), ids=list(CODES))
def test_each_level_refuses_a_code_that_is_not_the_one(
    how: dict[str, Any], expected: Expected
) -> None:
    for level, refusal in zip(ProofLevel, expected, strict=True):
        given = scan(level, text=shown(level, **how))
        assert outcome(level, given) is refusal, level


SCANS: dict[str, tuple[dict[str, Any], Expected]] = {
    "nothing": ({"text": ""}, same(_C.CODE_WRONG)),
    "a menu": ({"text": "https://example.com/menu"}, same(_C.CODE_WRONG)),
    "five kilometres off": (
        {"fix": north(5_000)},
        (PASSES, _C.PLACE_TOO_FAR, _C.PLACE_TOO_FAR),
    ),
    "exact to five kilometres": (
        {"fix": replace(HERE, accuracy_m=5_000)},
        (PASSES, _C.PLACE_INACCURATE, _C.PLACE_INACCURATE),
    ),
    "a position of two hours ago": (
        {"fix": replace(HERE, taken_at=NOW - timedelta(hours=2))},
        (PASSES, _C.PLACE_OUTDATED, _C.PLACE_OUTDATED),
    ),
    "by a phone whose clock is five minutes ahead": (
        {"fix": replace(HERE, taken_at=NOW + MINUTES)},
        (PASSES, _C.PLACE_OUTDATED, _C.PLACE_OUTDATED),
    ),
    "a position that is made up": (
        {"fix": replace(HERE, is_mock=True)},
        (PASSES, _C.PLACE_MOCKED, _C.PLACE_MOCKED),
    ),
    "no position": ({"fix": None}, (PASSES, _C.PLACE_MISSING, _C.PLACE_MISSING)),
    "a hundred metres from the other side": (
        {"fix": north(-80)},
        (PASSES, PASSES, _C.PLACE_TOO_FAR),
    ),
    "by a device that does not count": (
        {"device_id": None},
        (PASSES, _C.DEVICE_WRONG, _C.DEVICE_WRONG),
    ),
    "by a device that has not signed": (
        {"is_signed": lambda: False},
        (PASSES, _C.DEVICE_WRONG, _C.DEVICE_WRONG),
    ),
    "by the device that shows": (
        {"device_id": SHOWER},
        (PASSES, _C.DEVICE_WRONG, _C.DEVICE_WRONG),
    ),
    "by no device": (
        {"names_device": False, "device_id": None},
        (PASSES, _C.DEVICE_MISSING, _C.DEVICE_MISSING),
    ),
    "by its customer": ({"person_id": PersonId("customer")}, same(_C.OWN_DELIVERY)),
    "by its recipient": ({"person_id": PersonId("recipient")}, same(_C.OWN_DELIVERY)),
}
"""What is scanned by whom and where, and what the three levels say to it."""


@pytest.mark.parametrize(("changes", "expected"), SCANS.values(), ids=list(SCANS))
def test_each_level_refuses_a_scan_that_proves_too_little(
    changes: dict[str, Any], expected: Expected
) -> None:
    for level, refusal in zip(ProofLevel, expected, strict=True):
        assert outcome(level, scan(level, **changes)) is refusal, level


LATER = Presence(HERE, NOW - timedelta(seconds=301))
MOCKED = Presence(replace(HERE, is_mock=True), NOW)
HANDOVERS: dict[str, tuple[dict[str, Any], Expected]] = {
    "held by nobody": ({"held": None}, (PASSES, _C.CODE_WRONG, _C.DEVICE_WRONG)),
    "without a code": (
        {"code_nonce": None},
        (PASSES, _C.CODE_NOT_READY, _C.CODE_NOT_READY),
    ),
    "that was done": (
        {"is_used": True},
        (PASSES, _C.CODE_ALREADY_USED, _C.CODE_ALREADY_USED),
    ),
    "whose code has expired": (
        {"has_expired": True},
        (PASSES, _C.CODE_EXPIRED, _C.CODE_EXPIRED),
    ),
    "without whoever shows": ({"shower": None}, (PASSES, PASSES, _C.PERSON_UNPROVEN)),
    "without whoever scans": ({"scanner": None}, (PASSES, PASSES, _C.PERSON_UNPROVEN)),
    "shown to be at too long ago": ({"shower": LATER}, (PASSES, PASSES, _C.PERSON_UNPROVEN)),
    "shown to be at by a lie": ({"scanner": MOCKED}, (PASSES, PASSES, _C.PLACE_MOCKED)),
    "that lacks a photo": ({"missing": (ProofKind.PHOTO,)}, same(_C.PROOF_MISSING)),
}
"""What is different about a handover, and what the three levels say to it."""


@pytest.mark.parametrize(("changes", "expected"), HANDOVERS.values(), ids=list(HANDOVERS))
def test_each_level_refuses_at_a_handover_that_proves_too_little(
    changes: dict[str, Any], expected: Expected
) -> None:
    for level, refusal in zip(ProofLevel, expected, strict=True):
        assert outcome(level, scan(level), **changes) is refusal, level


@pytest.mark.parametrize("level", ProofLevel)
@pytest.mark.parametrize("other", ProofLevel)
def test_a_level_takes_no_code_of_another_one(level: ProofLevel, other: ProofLevel) -> None:
    refusal = outcome(level, scan(level, text=shown(other)))
    assert refusal is (PASSES if level is other else _C.CODE_VERSION_WRONG)


def test_where_two_travelers_meet_any_place_will_do() -> None:
    assert outcome(HIGH, scan(HIGH, fix=north(5_000)), place=None) is PASSES


def test_the_cheapest_check_that_fails_is_the_one_that_is_named() -> None:
    """Nobody's signature is checked for a code that is no good anyway."""

    def never() -> bool:
        raise AssertionError("the signature is not asked for")

    given = scan(HIGH, text=shown(HIGH, NOW - THREE_STEPS), is_signed=never, fix=None)
    assert outcome(HIGH, given) is _C.CODE_OUTDATED
    assert [entry.level.rank for entry in CHECKS if entry.level is MAXIMUM] == [2]


@given(st.sampled_from(ProofLevel), anything)
@example(MAXIMUM, "SA3H" + "A" * 160)
@example(HIGH, "SA2H" + "A" * 48)
@example(STANDARD, "9" * 400)
def test_anything_scanned_is_refused_by_a_code_of_its_own(level: ProofLevel, text: str) -> None:
    refusal = outcome(level, scan(level, text=text))
    assert refusal in {_C.CODE_WRONG, _C.CODE_VERSION_WRONG, _C.CODE_FOREIGN, _C.DEVICE_WRONG} or (
        # Six digits may be the PIN; the workflow says whether they are.
        (level, refusal) == (STANDARD, PASSES)
    )


@given(
    st.sampled_from(ProofLevel),
    st.lists(st.tuples(st.integers(0, 163), st.characters()), min_size=1, max_size=4),
)
def test_a_changed_code_never_passes(level: ProofLevel, changes: list[tuple[int, str]]) -> None:
    signs = list(shown(level))
    for place, sign in changes:
        signs[place % len(signs)] = sign
    text = "".join(signs)
    is_same = "".join(text.split()).upper() == shown(level)
    refusal = outcome(level, scan(level, text=text))
    assert (refusal is PASSES) == is_same
    assert is_same or refusal in {
        _C.CODE_WRONG,
        _C.CODE_VERSION_WRONG,
        _C.CODE_FOREIGN,
        _C.DEVICE_WRONG,
    }


def outcome(level: ProofLevel, given: Scan, **changes: Any) -> RefusalCode | None:
    """Return the code by which a scan is refused, or none when it passes."""
    try:
        verify(handover(level, **changes), given)
    except Refusal as refusal:
        return refusal.code
    return PASSES
