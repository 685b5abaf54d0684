"""Codes that change with time: read back as they were made, right with their secret or key alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.contracts import CodePurpose
from domain.errors import Refusal, RefusalCode
from domain.handover.claimed import CodeVersion, read_claimed
from domain.handover.policy import ProofPolicy
from domain.handover.rotating import is_tag_right, rotating_code, rotating_secret
from domain.handover.signed import is_signature_right, message_of, signed_code
from domain.handover.steps import is_step_now, step_at
from domain.ids import DeviceId
from tests.domain.builders import DELIVERY, NOW, OTHER_DELIVERY, refusal_of
from tests.domain.handover.test_codes import anything

SECRET = b"s" * 32
DEVICE = DeviceId("0199a1b2-0000-7000-8000-0000003f9a2e")
PICKUP = CodePurpose.PICKUP
steps = st.integers(0, 2**32 - 1)
purposes = st.sampled_from(CodePurpose)


def sign(message: bytes) -> bytes:
    """Stand in for a device: its signature is two hashes of its key and the message."""
    return sha256(b"key" + message).digest() * 2


def check(signature: bytes, message: bytes) -> bool:
    return signature == sign(message)


def never(signature: bytes, message: bytes) -> bool:
    return False


def shown(purpose: CodePurpose, step: int) -> str:
    signature = sign(message_of(DELIVERY, purpose, DEVICE, step))
    return signed_code(DELIVERY, purpose, DEVICE, step, signature)


@given(purposes, steps)
def test_a_rotating_code_is_read_back_and_right(purpose: CodePurpose, step: int) -> None:
    text = rotating_code(SECRET, DELIVERY, purpose, step)
    claimed = read_claimed(f" {text[:20]}\n{text[20:].lower()}")
    assert len(text) == 52
    assert (claimed.version, claimed.purpose) == (CodeVersion.ROTATING, purpose)
    assert (claimed.delivery_id, claimed.step, claimed.device_id) == (DELIVERY, step, None)
    assert is_tag_right(SECRET, claimed)
    assert not is_tag_right(b"S" * 32, claimed)


@given(purposes, steps)
def test_a_signed_code_is_read_back_and_right(purpose: CodePurpose, step: int) -> None:
    text = shown(purpose, step)
    claimed = read_claimed(text.lower())
    assert len(text) == 164
    assert (claimed.version, claimed.purpose) == (CodeVersion.SIGNED, purpose)
    assert (claimed.delivery_id, claimed.step, claimed.device_id) == (DELIVERY, step, DEVICE)
    assert is_signature_right(check, claimed)
    assert not is_signature_right(never, claimed)


@given(st.integers(0, 163), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), steps)
def test_a_changed_code_is_never_right(place: int, letter: str, step: int) -> None:
    for text in (rotating_code(SECRET, DELIVERY, PICKUP, step), shown(PICKUP, step)):
        changed = text[:place] + letter + text[place + 1 :]
        try:
            claimed = read_claimed(changed)
        except Refusal:
            continue
        is_right = is_tag_right(SECRET, claimed) or is_signature_right(check, claimed)
        assert is_right == (claimed == read_claimed(text))


@given(anything)
@example("SA3P" + "A" * 100_000)
@example("SA3P" + "A" * 160)
@example(" " * 10_000_000)
def test_anything_is_read_as_a_code_or_is_wrong(text: str) -> None:
    try:
        claimed = read_claimed(text)
    except Refusal as refusal:
        assert refusal.code is RefusalCode.CODE_WRONG  # noqa: PT017 - Both outcomes are right.
    else:
        assert not is_tag_right(SECRET, claimed)
        assert not is_signature_right(check, claimed)


@pytest.mark.parametrize("text", ["SA4P" + "A" * 48, "SA2X" + "A" * 48, "SA2P" + "A" * 47, "SA2P"])
def test_what_has_the_form_of_no_code_is_wrong(text: str) -> None:
    assert refusal_of(read_claimed, text) is RefusalCode.CODE_WRONG


def test_a_secret_belongs_to_one_key_delivery_purpose_code_and_holding() -> None:
    secrets = [
        rotating_secret(b"k" * 32, DELIVERY, PICKUP, b"n" * 16, b"h" * 16),
        rotating_secret(b"K" * 32, DELIVERY, PICKUP, b"n" * 16, b"h" * 16),
        rotating_secret(b"k" * 32, OTHER_DELIVERY, PICKUP, b"n" * 16, b"h" * 16),
        rotating_secret(b"k" * 32, DELIVERY, CodePurpose.HANDOVER, b"n" * 16, b"h" * 16),
        rotating_secret(b"k" * 32, DELIVERY, PICKUP, b"N" * 16, b"h" * 16),
        rotating_secret(b"k" * 32, DELIVERY, PICKUP, b"n" * 16, b"H" * 16),
        rotating_secret(b"k" * 32, DELIVERY, PICKUP, b"n" * 15, b"n" + b"h" * 16),
    ]
    assert len(set(secrets)) == len(secrets)
    assert {len(secret) for secret in secrets} == {32}


def test_a_step_counts_while_it_lasts_and_one_step_around() -> None:
    policy = ProofPolicy()
    step = step_at(policy, NOW)
    assert step == int(NOW.timestamp()) // 20
    counted = [is_step_now(policy, step + away, NOW) for away in range(-3, 4)]
    assert counted == [False, False, True, True, True, False, False]
    assert is_step_now(policy, step, NOW + timedelta(seconds=20))
    assert not is_step_now(policy, step, NOW + timedelta(seconds=40))


def test_every_moment_lies_in_a_step_that_a_code_can_name() -> None:
    assert step_at(ProofPolicy(), datetime(1960, 1, 1, tzinfo=UTC)) == 0
    assert step_at(ProofPolicy(step_s=1), datetime(9999, 1, 1, tzinfo=UTC)) == 2**32 - 1
