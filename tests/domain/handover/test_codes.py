"""Handover codes: derived, never guessed; whatever is scanned is read or refused."""

from __future__ import annotations

import string
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.contracts import CodePurpose
from domain.errors import Refusal, RefusalCode
from domain.handover.claimed import PIN_DIGITS, ClaimedCode, CodeVersion, read_claimed
from domain.handover.codes import (
    HandoverCode,
    derive_code,
    digest_of,
    read_link_token,
)
from tests.domain.builders import DELIVERY, OTHER_DELIVERY, refusal_of

KEY, NONCE = b"k" * 32, b"n" * 16
PICKUP, HANDOVER = CodePurpose.PICKUP, CodePurpose.HANDOVER
QR_LETTERS = set(string.ascii_uppercase + string.digits)
purposes = st.sampled_from(CodePurpose)
nonces = st.binary(min_size=16, max_size=16)
anything = st.one_of(
    st.text(),
    st.text(st.characters(categories=["Cs", "Cc", "Nd", "Zs", "Lu"])),
    st.binary().map(lambda raw: raw.decode("latin-1")),
    st.text(alphabet=string.ascii_uppercase + "234567=").map(lambda body: f"SA1P{body}"),
)


def code(purpose: CodePurpose = PICKUP, nonce: bytes = NONCE, key: bytes = KEY) -> HandoverCode:
    return derive_code(key, DELIVERY, purpose, nonce)


@given(nonces, purposes)
def test_code_is_what_a_screen_and_a_person_can_show(nonce: bytes, purpose: CodePurpose) -> None:
    made = code(purpose, nonce)
    assert len(made.text) == 46
    assert set(made.text) <= QR_LETTERS
    assert made.text.startswith(CodeVersion.OPAQUE)
    assert len(made.pin) == PIN_DIGITS
    assert set(made.pin) <= set(string.digits)
    assert set(made.link_token) <= QR_LETTERS


def test_the_same_inputs_give_the_same_code() -> None:
    assert code() == code()


def test_another_key_nonce_purpose_or_delivery_gives_another_code() -> None:
    codes = [
        code(),
        code(key=b"K" * 32),
        code(nonce=b"N" * 16),
        code(HANDOVER),
        derive_code(KEY, OTHER_DELIVERY, PICKUP, NONCE),
    ]
    assert len({made.text for made in codes}) == len(codes)
    assert len({made.pin for made in codes}) == len(codes)
    assert len({made.link_token for made in codes}) == len(codes)


@given(nonces, purposes)
def test_a_code_is_read_back_however_it_was_typed(nonce: bytes, purpose: CodePurpose) -> None:
    made = code(purpose, nonce)
    for text in (made.text, made.text.lower(), f" {made.text[:20]} \n{made.text[20:]}\t"):
        claimed = read_claimed(text)
        assert (claimed.normalised, claimed.purpose) == (made.text, purpose)
        assert (claimed.version, claimed.delivery_id) == (CodeVersion.OPAQUE, DELIVERY)
    spaced_pin = f"{made.pin[:3]} {made.pin[3:]}"
    assert read_claimed(spaced_pin) == ClaimedCode(CodeVersion.PIN, made.pin)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12345",
        "1234567",
        "١٢٣٤٥٦",
        "https://example.com/menu",
        "SA1",
        "SA1P",
        "SA1X" + code().text[4:],
        "SA2P" + code().text[4:],
        code().text[:-1],
        code().text[:-8],
        code().text + "AAAAAAAA",
        code().text[:-1] + "1",
        "SA1P\x00",
        "SA1P\ud800",
    ],
)
def test_what_is_no_code_is_wrong(text: str) -> None:
    assert refusal_of(read_claimed, text) is RefusalCode.CODE_WRONG


@given(anything, purposes)
@example("SA1P" + "A" * 100_000, PICKUP)
@example("ſa1p", PICKUP)
def test_anything_scanned_is_read_or_refused(text: str, purpose: CodePurpose) -> None:
    try:
        scanned = read_claimed(text)
    except Refusal as refusal:
        assert refusal.code is RefusalCode.CODE_WRONG  # noqa: PT017 - Both outcomes are right.
    else:
        assert scanned.normalised.isascii()
        assert digest_of(KEY, DELIVERY, purpose, scanned.normalised)


@given(st.integers(0, 45), st.characters())
def test_a_changed_code_never_passes_for_the_real_one(place: int, letter: str) -> None:
    real = code()
    text = real.text[:place] + letter + real.text[place + 1 :]
    try:
        scanned = read_claimed(text)
    except Refusal:
        return
    same = "".join(text.split()).upper() == real.text
    digests = {digest_of(KEY, DELIVERY, PICKUP, s) for s in (scanned.normalised, real.text)}
    assert len(digests) == (1 if same else 2)


@given(nonces, purposes)
def test_a_link_names_its_delivery_and_step(nonce: bytes, purpose: CodePurpose) -> None:
    assert read_link_token(code(purpose, nonce).link_token) == (DELIVERY, purpose)


@given(anything)
@example("P" + "A" * 100_000)
@example("P" + "A" * 52)
@example("")
def test_any_link_token_is_read_or_is_none(token: str) -> None:
    named = read_link_token(token)
    assert named is None or named[1] in CodePurpose


@given(st.integers(0, 52), st.sampled_from(sorted(QR_LETTERS)))
def test_a_changed_link_never_has_the_digest_of_the_real_one(place: int, letter: str) -> None:
    real = code().link_token
    token = real[:place] + letter + real[place + 1 :]
    digests = {digest_of(KEY, DELIVERY, PICKUP, text) for text in (real, token)}
    assert len(digests) == (1 if token == real else 2)


def test_a_digest_belongs_to_one_key_delivery_step_and_text() -> None:
    digests = {
        digest_of(key, delivery, purpose, text)
        for key, delivery, purpose, text in product(
            (KEY, b"K" * 32), (DELIVERY, OTHER_DELIVERY), CodePurpose, ("123456", "123457")
        )
    }
    assert len(digests) == 8 * len(CodePurpose)
    assert all(len(digest) == 64 for digest in digests)
