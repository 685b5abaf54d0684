"""What a phone claims to have scanned without network, read from the very text that it signed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID

from domain.contracts import CodePurpose
from domain.handover.claimed import SCANNED_CHARS_MAX
from domain.handover.places import Fix
from domain.offline.policy import OfflinePolicy
from domain.pricing import Place

SIGNED_AS = b"sendalong offline claim 1\n"
"""What is put before a claim that is signed, so that the device's signature says nothing else."""
VERSION = "SC1"
COUNTER_MAX = 2**31 - 2
"""Greatest number of a claim: the one after it is still a whole number of the database."""
_HASH_CHARS = 64
_KEYS = frozenset(
    {"version", "manifest_id", "manifest_hash", "purpose", "code", "claimed_at", "position", "counter",
     "previous_hash"}
)  # fmt: skip
_POSITION_KEYS = frozenset({"latitude", "longitude", "accuracy_m", "taken_at", "is_mock"})
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Claim:
    """One scan, as the phone tells it."""

    manifest_id: str
    manifest_hash: str
    """SHA-256 of the manifest's text in hexadecimal: under which one it was made, letter by letter."""
    purpose: CodePurpose
    code: str
    """What was scanned."""
    claimed_at: datetime
    """When, by the phone's clock, in UTC."""
    fix: Fix | None
    """Where, if the phone knew."""
    counter: int
    """Its number among the claims of the device, from 1."""
    previous_hash: str
    """SHA-256 of the claim before it in hexadecimal; zeros for the first one."""


def signed_bytes(text: str) -> bytes:
    """Return what a device signs of a claim."""
    return SIGNED_AS + _bytes_of(text)


def hash_of(text: str) -> str:
    """Return the hash by which the next claim names this one, in hexadecimal."""
    return sha256(_bytes_of(text)).hexdigest()


def read_claim(policy: OfflinePolicy, text: str) -> Claim | None:
    """Return what a text claims, or none when it is no claim; in time that its length bounds."""
    if len(text) > policy.claim_characters_max:
        return None
    try:
        said = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
        return _claim(_exactly(said, _KEYS))
    except (ValueError, OverflowError, RecursionError):
        return None


def _claim(said: Mapping[str, Any]) -> Claim:
    if said["version"] != VERSION:
        raise ValueError("it is a claim of another version")
    code = _of_kind(str, said["code"])
    if not 0 < len(code) <= SCANNED_CHARS_MAX:
        raise ValueError("no code has this length")
    return Claim(
        manifest_id=str(UUID(_of_kind(str, said["manifest_id"]))),
        manifest_hash=_hash(said["manifest_hash"]),
        purpose=CodePurpose(_of_kind(str, said["purpose"])),
        code=code,
        claimed_at=_moment(said["claimed_at"]),
        fix=None if said["position"] is None else _fix(said["position"]),
        counter=_within(_of_kind(int, said["counter"]), 1, COUNTER_MAX),
        previous_hash=_hash(said["previous_hash"]),
    )


def _fix(said: object) -> Fix:
    position = _exactly(said, _POSITION_KEYS)
    place = Place(_number(position["latitude"], 90), _number(position["longitude"], 180))
    return Fix(
        place,
        _number(position["accuracy_m"], math.inf),
        _moment(position["taken_at"]),
        _of_kind(bool, position["is_mock"]),
    )


def _exactly(said: object, keys: frozenset[str]) -> Mapping[str, Any]:
    if not isinstance(said, dict) or said.keys() != keys:
        raise ValueError("it names other things")
    return said


def _of_kind(kind: type[_Value], value: object) -> _Value:
    if type(value) is not kind:
        raise ValueError("it is of another kind")
    return value


def _number(value: object, size_max: float) -> float:
    if type(value) is not int and type(value) is not float:
        raise ValueError("it is no number")
    number = float(value)
    return _within(number, -size_max, size_max)


def _within(value: _Value, least: Any, greatest: Any) -> _Value:
    if not least <= value <= greatest:
        raise ValueError("it is out of bounds")
    return value


def _hash(value: object) -> str:
    text = _of_kind(str, value)
    if len(text) != _HASH_CHARS or not set(text) <= set("0123456789abcdef"):
        raise ValueError("it is no hash")
    return text


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(_of_kind(str, value))
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone is none")
    return moment.astimezone(UTC)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name is there twice")
    return made


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _bytes_of(text: str) -> bytes:
    # Half a surrogate pair has no bytes of its own; what cannot be signed is still kept and answered.
    return text.encode("utf-8", "replace")
