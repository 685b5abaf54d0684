"""A claim is read from the very text that was signed, or it is none; nothing else comes out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contracts import CodePurpose
from domain.offline.claims import Claim, hash_of, read_claim, signed_bytes
from domain.offline.manifest import NO_CLAIM
from domain.offline.policy import OFFLINE

SAID: dict[str, Any] = {
    "version": "SC1",
    "manifest_id": "01982a14-0b20-7d44-8c2f-6e5d4c3b2a13",
    "manifest_hash": "a" * 64,
    "purpose": "handover",
    "code": "SA1H7777",
    "claimed_at": "2026-10-07T12:00:00.123Z",
    "position": {
        "latitude": 41.38,
        "longitude": 2.173,
        "accuracy_m": 12,
        "taken_at": "2026-10-07T11:59:50Z",
        "is_mock": False,
    },
    "counter": 3,
    "previous_hash": NO_CLAIM,
}


def read(text: str) -> Claim | None:
    return read_claim(OFFLINE, text)


def test_a_claim_says_what_was_scanned_when_and_where() -> None:
    claim = read(json.dumps(SAID))
    assert claim is not None
    assert claim.fix is not None
    assert (claim.purpose, claim.code, claim.counter) == (CodePurpose.HANDOVER, "SA1H7777", 3)
    assert claim.claimed_at == datetime(2026, 10, 7, 12, 0, 0, 123_000, UTC)
    assert (claim.fix.place.latitude, claim.fix.accuracy_m, claim.fix.is_mock) == (41.38, 12, False)


def test_a_claim_may_have_no_position() -> None:
    claim = read(json.dumps({**SAID, "position": None}))
    assert claim is not None
    assert claim.fix is None


@pytest.mark.parametrize(
    "change",
    [
        {"version": "SC2"},
        {"manifest_id": "x"},
        {"manifest_id": 7},
        {"manifest_hash": "A" * 64},
        {"previous_hash": "a" * 63},
        {"purpose": "theft"},
        {"code": ""},
        {"code": "x" * 500},
        {"code": ["SA1"]},
        {"claimed_at": "2026-10-07T12:00:00"},
        {"claimed_at": 1_759_838_400},
        {"claimed_at": "0001-01-01T00:00:00+23:59"},
        {"counter": 0},
        {"counter": 2**31 - 1},
        {"counter": True},
        {"counter": 1.0},
        {"position": {}},
        {"position": {**SAID["position"], "latitude": 91}},
        {"position": {**SAID["position"], "latitude": True}},
        {"position": {**SAID["position"], "longitude": 10**400}},
        {"position": {**SAID["position"], "is_mock": 0}},
        {"remark": "more"},
    ],
)
def test_what_is_not_exactly_a_claim_is_none(change: dict[str, Any]) -> None:
    assert read(json.dumps({**SAID, **change})) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[" * 2_000,
        '{"code":NaN}',
        json.dumps(SAID)[:-1] + ',"counter":4}',
        json.dumps(SAID) + " " * 2_000,
        json.dumps({key: value for key, value in SAID.items() if key != "counter"}),
        '"\ud800"',
    ],
)
def test_other_texts_are_none(text: str) -> None:
    assert read(text) is None


@given(st.text(max_size=2_500))
def test_any_text_is_read_or_none(text: str) -> None:
    read(text)
    assert len(hash_of(text)) == 64
    assert signed_bytes(text).startswith(b"sendalong offline claim 1\n")


@given(st.data())
def test_a_claim_with_a_changed_letter_never_breaks_the_reader(drawn: st.DataObject) -> None:
    text = json.dumps(SAID)
    at = drawn.draw(st.integers(0, len(text) - 1))
    claim = read(text[:at] + drawn.draw(st.characters()) + text[at + 1 :])
    assert claim is None or claim.counter > 0


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from(sorted(SAID)), _JSON)
def test_any_value_in_any_place_is_read_or_none(name: str, value: Any) -> None:
    claim = read(json.dumps({**SAID, name: value}))
    assert claim is None or claim.counter > 0
