"""What becomes of a claim, and why."""

from __future__ import annotations

from enum import StrEnum


class ClaimState(StrEnum):
    """Where a claim stands."""

    PENDING = "pending"
    """It is kept and not judged to the end: the same claim sent again goes on."""
    ACCEPTED = "accepted"
    """Custody has moved by it."""
    IN_REVIEW = "in_review"
    """Its code is right and something about it is in doubt: an agent decides."""
    REFUSED = "refused"
    """It proves nothing, or an agent has refused it."""
    SUPERSEDED = "superseded"
    """The same traveler has scanned the same code otherwise: there is nothing left to do."""


OVER = frozenset({ClaimState.ACCEPTED, ClaimState.REFUSED, ClaimState.SUPERSEDED})
"""States that nothing follows."""


class ClaimReason(StrEnum):
    """Why a claim was not accepted at once; the reasons of codes, places and states are refusal codes."""

    UNREADABLE = "claim_unreadable"
    SIGNATURE_WRONG = "claim_signature_wrong"
    MANIFEST_UNKNOWN = "manifest_unknown"
    MANIFEST_CHANGED = "manifest_changed"
    DEVICE_OTHER = "manifest_of_other_device"
    PIN_OFFLINE = "pin_offline"
    DEVICE_REVOKED = "device_revoked"
    MANIFEST_OUTDATED = "manifest_outdated"
    CLOCK_OFF = "claim_clock_off"
    TOO_OLD = "claim_too_old"
    COUNTER_GAP = "claim_counter_gap"
    CONFLICT = "claim_conflict"
    REFUSED_BY_STAFF = "refused_by_staff"


class ClaimDecision(StrEnum):
    """What an agent says of a claim in review."""

    ACCEPT = "accept"
    REFUSE = "refuse"
