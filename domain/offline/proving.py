"""Whether a code was right when it was scanned, and the phone where it had to be."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.errors import Refusal, RefusalCode
from domain.handover.claimed import CodeVersion, read_claimed
from domain.handover.levels import ProofLevel
from domain.handover.places import Fix, check_fix, check_near, check_together
from domain.handover.proving import VERSION_OF, ProvenBy, is_made_right, is_of
from domain.handover.steps import is_step_now
from domain.handover.verifier import Presence
from domain.offline.judging import Reason
from domain.offline.states import ClaimReason
from domain.pricing import Place


def fault_of_code(by: ProvenBy, scanned: str, at: datetime) -> Reason | None:
    """Return why a code does not count for a scan at some moment, or none when it does.

    A PIN never does: where wrong ones are not counted at once, it is found by trying.
    """
    try:
        claimed = read_claimed(scanned)
    except Refusal as refusal:
        return refusal.code
    if claimed.version is CodeVersion.PIN:
        return ClaimReason.PIN_OFFLINE
    if not is_of(by, claimed):
        return RefusalCode.CODE_FOREIGN
    if claimed.version is not VERSION_OF[by.level]:
        return RefusalCode.CODE_VERSION_WRONG
    if not is_made_right(by, claimed):
        return RefusalCode.CODE_WRONG
    is_steady = claimed.version is CodeVersion.OPAQUE
    is_timely = is_steady or is_step_now(by.policy, claimed.step, at)
    return None if is_timely else RefusalCode.CODE_OUTDATED


def is_code_of(by: ProvenBy, scanned: str) -> bool:
    """Tell whether a text has the form of a code that changes, of this very handover and its level."""
    try:
        claimed = read_claimed(scanned)
    except Refusal:
        return False
    is_changing = by.level is not ProofLevel.STANDARD and claimed.version is VERSION_OF[by.level]
    return is_changing and is_of(by, claimed)


def fault_of_place(
    by: ProvenBy, fix: Fix | None, place: Place | None, at: datetime
) -> Reason | None:
    """Return why a position does not place a phone at its handover, or none where it does.

    Where no place is agreed, any will do that is real, exact and fresh enough.
    """
    if by.level is ProofLevel.STANDARD:
        return None
    try:
        there = check_fix(by.policy, fix, at)
        if place is not None:
            check_near(by.policy, there, place)
    except Refusal as refusal:
        return refusal.code
    return None


def fault_of_people(
    by: ProvenBy, fix: Fix | None, scanner: Presence | None, shower: Presence | None, at: datetime
) -> Reason | None:
    """Return why the two sides did not meet at a scan, or none when they did or need not prove it.

    A presence counts on both sides of the scan: what is signed without network is as old as it says.
    """
    if by.level is not ProofLevel.MAXIMUM:
        return None
    allowed = timedelta(seconds=by.policy.presence_s_max)
    try:
        for there in (scanner, shower):
            if there is None or abs(there.verified_at - at) > allowed:
                return RefusalCode.PERSON_UNPROVEN
            check_fix(by.policy, there.fix, there.verified_at)
        if fix is not None and shower is not None:
            check_together(by.policy, fix, shower.fix)
    except Refusal as refusal:
        return refusal.code
    return None
