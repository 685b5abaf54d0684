"""Reads what the verifier looks at out of the row of a scan's statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request

from api.access.claims import Claim
from api.access.devices import DEVICE_HEADER, SIGNATURE_HEADER, signed_bytes, unpadded
from api.agreed_places import agreed_place
from api.models.types import ACCURACY_DIGITS, ACCURACY_M_MAX
from api.queries.proofs import lacking_proofs, level_of
from api.queries.scan_attempts import Attempt
from domain.contracts import CodePurpose
from domain.devices.keys import DeviceKey, KeyAlgorithm
from domain.errors import Refusal, RefusalCode
from domain.handover.claimed import read_claimed
from domain.handover.places import Fix
from domain.handover.proving import HeldCode, ProvenBy
from domain.handover.verifier import Handover, Presence, Scan
from domain.ids import DeliveryId, DeviceId, PersonId
from domain.pricing import Place, distance_m
from infra.devices.signatures import has_signed
from infra.kept_policies import proof_policy_in

AGAIN_S_MAX = 300
"""For how long a scan that was proven need not bring what is shown now when its request is repeated: the
code that it proved has changed since, and whoever was there has not gone far."""
MAY_PASS_LATER = frozenset({RefusalCode.RISK_STEP_UP})
"""Refusals of a request that is sent again, unchanged, once it is approved."""

_PARTIES = ("customer_id", "sender_id", "recipient_id")


@dataclass(frozen=True, slots=True)
class Presented:
    """What a request brings to be verified."""

    text: str
    fix: Fix | None
    waited: timedelta = timedelta()
    """How long it stood in line before it was read: it is judged as of when it came."""


def handover_in(key: bytes, row: Mapping[str, Any], purpose: CodePurpose) -> Handover:
    """Return what is known about the handover of a row."""
    by = ProvenBy(
        key=key,
        policy=proof_policy_in(row["proof_policy"]),
        level=level_of(row),
        delivery_id=DeliveryId(row["delivery_id"]),
        purpose=purpose,
        code_nonce=row["code_nonce"],
        held=_held(row),
    )
    return Handover(
        by=by,
        parties=frozenset(PersonId(row[name]) for name in _PARTIES if row[name] is not None),
        place=agreed_place(row, purpose),
        is_used=bool(row["code_is_used"]),
        has_expired=bool(row["code_has_expired"]),
        shower=presence_in(row, "shower"),
        scanner=presence_in(row, "scanner"),
        missing=lacking_proofs(row, purpose),
    )


def judged_as_of(row: Mapping[str, Any], presented: Presented) -> datetime:
    """Return the moment that a scan is proven for: when it came, not when it was its turn.

    One that was proven and only had to be approved counts as of then: whatever was shown has changed
    since. All else about it is looked at as it is now.
    """
    if row["attempt_outcome"] == "refused" and row["attempt_refusal"] in MAY_PASS_LATER:
        came: datetime = row["attempted_at"]
        if row["read_at"] - came < timedelta(seconds=AGAIN_S_MAX):
            return came
    arrived: datetime = row["read_at"] - presented.waited
    return arrived


async def scan_in(request: Request, claimed: Claim, presented: Presented) -> Scan:
    """Return the scan of a request; its signature is checked when the verifier asks for it."""
    row, said = claimed.row, await signed_bytes(request)
    signature = unpadded(request.headers.get(SIGNATURE_HEADER, ""))

    def is_signed() -> bool:
        key = DeviceKey(KeyAlgorithm(row["signing_algorithm"]), row["signing_public_key"])
        return signature is not None and has_signed(key, signature, said)

    named = {DEVICE_HEADER, SIGNATURE_HEADER}
    return Scan(
        text=presented.text,
        person_id=claimed.asker.person_id,
        at=judged_as_of(row, presented),
        names_device=all(header in request.headers for header in named),
        device_id=_device(row["signing_device_id"]),
        is_signed=is_signed,
        fix=presented.fix,
    )


def attempt_of(claimed: Claim, handover: Handover, presented: Presented) -> Attempt:
    """Return what is kept of a scan."""
    by, fix, place = handover.by, presented.fix, handover.place
    return Attempt(
        attempt_id=claimed.resource_id,
        attempted_at=judged_as_of(claimed.row, presented),
        delivery_id=by.delivery_id,
        purpose=str(by.purpose),
        person_id=claimed.asker.person_id,
        level=by.level,
        method=method_of(presented.text),
        device_id=claimed.row["signing_device_id"],
        distance_m=away_m(fix, place),
        accuracy_m=None if fix is None else fix.accuracy_m,
        is_mocked=fix is not None and fix.is_mock,
    )


def method_of(text: str) -> str:
    """Return how a code says to prove itself; empty for what cannot be read."""
    try:
        return read_claimed(text).version.name.lower()
    except Refusal:
        return ""


def away_m(fix: Fix | None, place: Place | None) -> int | None:
    """Return how far from the agreed place a phone says to be, where both are known."""
    return None if fix is None or place is None else round(distance_m(fix.place, place))


def told_accuracy_m(fix: Fix | None) -> float | None:
    """Return how exact a position is by the phone's word; none for what cannot be the accuracy of one."""
    if fix is None or not 0 <= fix.accuracy_m <= ACCURACY_M_MAX:
        return None
    return round(fix.accuracy_m, ACCURACY_DIGITS)


def _held(row: Mapping[str, Any]) -> HeldCode | None:
    if row["holding_device_id"] is None:
        return None
    key = DeviceKey(KeyAlgorithm(row["holding_algorithm"]), row["holding_public_key"])
    return HeldCode(
        DeviceId(row["holding_device_id"]),
        row["holding_secret_nonce"],
        lambda signature, message: has_signed(key, signature, message),
    )


def presence_in(row: Mapping[str, Any], side: str) -> Presence | None:
    """Return who was there; a presence whose position is forgotten is none any more."""
    if row[f"{side}_latitude"] is None:
        return None
    place = Place(row[f"{side}_latitude"], row[f"{side}_longitude"])
    fix = Fix(place, row[f"{side}_accuracy_m"], row[f"{side}_taken_at"], row[f"{side}_is_mocked"])
    return Presence(fix, row[f"{side}_verified_at"])


def _device(device_id: str | None) -> DeviceId | None:
    return None if device_id is None else DeviceId(device_id)
