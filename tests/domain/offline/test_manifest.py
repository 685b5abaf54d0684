"""A manifest lets a phone tell a right code from a wrong one, and lets nobody make a code."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from domain.contracts import CodePurpose
from domain.handover.codes import derive_code
from domain.handover.levels import ProofLevel
from domain.ids import DeliveryId, DeviceId
from domain.offline.manifest import (
    NO_CLAIM,
    CheckValue,
    HolderKey,
    Manifest,
    ManifestLeg,
    life_ends,
)
from domain.offline.policy import OFFLINE
from domain.pricing import Place

DELIVERY = DeliveryId("01982a14-0b20-7d44-8c2f-6e5d4c3b2a10")
DEVICE = DeviceId("01982a14-0b20-7d44-8c2f-6e5d4c3b2a11")
AT = datetime(2026, 10, 7, 12, tzinfo=UTC)
CODE = derive_code(b"k" * 32, DELIVERY, CodePurpose.HANDOVER, b"n" * 16)
LEG = ManifestLeg(
    CodePurpose.HANDOVER, Place(41.38, 2.173), AT, CheckValue.of(b"s" * 16, CODE.text)
)
MANIFEST = Manifest(
    "m", DELIVERY, DEVICE, ProofLevel.STANDARD, 200, (LEG,), 1, NO_CLAIM, AT, life_ends(OFFLINE, AT)
)


def test_a_check_value_fits_the_right_code_alone() -> None:
    check = CheckValue.of(b"s" * 16, CODE.text)
    wrong = CODE.text[:-1] + ("A" if CODE.text[-1] != "A" else "B")
    assert check.fits(CODE.text)
    assert not check.fits(wrong)
    assert not check.fits(CODE.pin)


def test_a_manifest_says_neither_the_code_nor_its_link() -> None:
    text = MANIFEST.text
    assert CODE.text not in text
    assert CODE.link_token not in text


def test_a_rotating_code_leaves_no_trace_in_a_manifest() -> None:
    rotating = replace(MANIFEST, level=ProofLevel.HIGH, legs=(replace(LEG, check=None),))
    assert json.loads(rotating.text)["legs"][0] | {} == {
        "check": None,
        "holder": None,
        "latitude": 41.38,
        "longitude": 2.173,
        "purpose": "handover",
        "valid_until": "2026-10-07T12:00:00+00:00",
    }


def test_a_signed_code_is_proven_by_the_holders_public_key() -> None:
    held = replace(LEG, check=None, holder=HolderKey(DEVICE, "ed25519", b"p" * 32))
    said = json.loads(replace(MANIFEST, level=ProofLevel.MAXIMUM, legs=(held,)).text)
    assert said["legs"][0]["holder"] == {
        "algorithm": "ed25519",
        "device_id": DEVICE,
        "public_key": "70" * 32,
    }


def test_the_same_manifest_is_the_same_text_and_another_one_has_another_hash() -> None:
    assert replace(MANIFEST).text == MANIFEST.text
    assert replace(MANIFEST, first_counter=2).hash != MANIFEST.hash
    assert MANIFEST.signed_bytes.startswith(b"sendalong offline manifest 1\n{")
