"""Handovers at each level, the codes that are shown at them, and scans of those."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from domain.contracts import CodePurpose
from domain.handover.codes import derive_code
from domain.handover.levels import ProofLevel
from domain.handover.places import Fix
from domain.handover.policy import ProofPolicy
from domain.handover.proving import HeldCode, ProvenBy
from domain.handover.rotating import rotating_code, rotating_secret
from domain.handover.signed import message_of, signed_code
from domain.handover.steps import step_at
from domain.handover.verifier import Handover, Presence, Scan
from domain.ids import DeliveryId, DeviceId, PersonId
from domain.pricing import Place
from tests.domain.builders import DELIVERY, NOW

KEY, CODE_NONCE, HOLDING_NONCE = b"k" * 32, b"n" * 16, b"h" * 16
POLICY = ProofPolicy()
SHOWER = DeviceId("0199a1b2-0000-7000-8000-0000003f9a2e")
SCANNER = DeviceId("0199a1b2-0000-7000-8000-0000003f9a2f")
STRANGE = DeviceId("0199a1b2-0000-7000-8000-0000003f9a30")
TRAVELER = PersonId("traveler")
PARTIES = frozenset(map(PersonId, ("customer", "sender", "recipient")))
DOOR = Place(52.5401, 13.4105)
HERE = Fix(DOOR, 9.5, NOW - timedelta(seconds=5))
STANDARD, HIGH, MAXIMUM = ProofLevel


def north(metres: float, fix: Fix = HERE) -> Fix:
    """Return a position that many metres further north."""
    place = fix.place
    return replace(fix, place=replace(place, latitude=place.latitude + metres / 111_195))


def signature_of(message: bytes) -> bytes:
    """Return what stands for the holding device's signature."""
    return (message * 2)[:64]


def handover(level: ProofLevel, **changes: Any) -> Handover:
    """Return a handover at which everything is as it should be."""
    held = HeldCode(SHOWER, HOLDING_NONCE, lambda given, said: given == signature_of(said))
    by = ProvenBy(KEY, POLICY, level, DELIVERY, CodePurpose.HANDOVER, CODE_NONCE, held)
    there = Presence(north(30), NOW - timedelta(seconds=40))
    there = replace(there, fix=replace(there.fix, taken_at=NOW - timedelta(seconds=50)))
    made = Handover(by, PARTIES, DOOR, shower=there, scanner=there)
    proofs = {name: changes.pop(name) for name in ("code_nonce", "held") if name in changes}
    return replace(made, by=replace(by, **proofs), **changes)


def shown(
    level: ProofLevel,
    at: datetime = NOW,
    *,
    purpose: CodePurpose = CodePurpose.HANDOVER,
    delivery: DeliveryId = DELIVERY,
    device: DeviceId = SHOWER,
    nonce: bytes = HOLDING_NONCE,
) -> str:
    """Return the code that is shown at a level at some moment."""
    step = step_at(POLICY, at)
    if level is STANDARD:
        return derive_code(KEY, delivery, purpose, CODE_NONCE).text
    if level is HIGH:
        secret = rotating_secret(KEY, delivery, purpose, CODE_NONCE, nonce)
        return rotating_code(secret, delivery, purpose, step)
    signature = signature_of(message_of(delivery, purpose, device, step))
    return signed_code(delivery, purpose, device, step, signature)


def scan(level: ProofLevel, **changes: Any) -> Scan:
    """Return the scan of the right code by the right person in the right place."""
    made: Mapping[str, Any] = {
        "text": shown(level),
        "person_id": TRAVELER,
        "at": NOW,
        "names_device": True,
        "device_id": SCANNER,
        "is_signed": lambda: True,
        "fix": HERE,
    }
    return Scan(**{**made, **changes})
