"""The one verifier: everything that is checked before a parcel changes hands, the cheapest first.

It looks at facts that were read before and asks nobody. What it lets pass, the workflow uses up: whether
the step is due, and that no code is accepted twice, is decided there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import Refusal, RefusalCode
from domain.handover.claimed import ClaimedCode, CodeVersion, read_claimed
from domain.handover.levels import ProofLevel
from domain.handover.places import Fix, check_fix, check_near, check_together
from domain.handover.proving import VERSION_OF, ProvenBy, is_made_right, is_of
from domain.handover.steps import is_step_now
from domain.ids import DeviceId, PersonId
from domain.pricing import Place
from domain.proofs.kinds import ProofKind


@dataclass(frozen=True, slots=True)
class Presence:
    """That somebody has shown with a passkey to be at a handover, with a device of theirs."""

    fix: Fix
    verified_at: datetime


@dataclass(frozen=True, slots=True)
class Handover:
    """What is known about a handover before its code is scanned."""

    by: ProvenBy
    parties: frozenset[PersonId]
    """Customer, sender and recipient: none of them carries the parcel."""
    place: Place | None
    """Where it is agreed to be; none where two travelers meet."""
    is_used: bool = False
    """Whether its code was used and waits for nothing any more."""
    has_expired: bool = False
    shower: Presence | None = None
    """Of the person who shows the code, with the device that holds it."""
    scanner: Presence | None = None
    """Of the person who scans, with the device that signs the scan."""
    missing: tuple[ProofKind, ...] = ()
    """Other proofs that it needs and does not have."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan, as it came in."""

    text: str
    """What was scanned or typed."""
    person_id: PersonId
    at: datetime
    """When, in UTC."""
    names_device: bool = False
    """Whether the request says which device has signed it."""
    device_id: DeviceId | None = None
    """That device, if it counts for the person."""
    is_signed: Callable[[], bool] = lambda: False
    """Tells whether the device has signed the request; asked only once all else about it is right."""
    fix: Fix | None = None
    """Where the phone says that it is."""


class Check(StrEnum):
    """What is checked, in this order; the code's form comes before and its single use after."""

    VERSION = "version"
    BELONGING = "belonging"
    PROOF = "proof"
    WINDOW = "window"
    STATE = "state"
    ROLE = "role"
    DEVICE = "device"
    PLACE = "place"
    PERSON = "person"
    OTHER_PROOFS = "other_proofs"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a check is asked about."""

    handover: Handover
    scan: Scan
    claimed: ClaimedCode
    """What the scanned text says that it is."""


@dataclass(frozen=True, slots=True)
class CheckAt:
    """One check, from the level on at which it is made."""

    check: Check
    level: ProofLevel
    require: Callable[[Asked], None]


def verify(handover: Handover, scan: Scan) -> ClaimedCode:
    """Return what a scan has proven at the level of its delivery.

    Raises:
        Refusal: with the code of the first check that fails.
    """
    asked = Asked(handover, scan, read_claimed(scan.text))
    for entry in CHECKS:
        if entry.level.rank <= handover.by.level.rank:
            entry.require(asked)
    return asked.claimed


def _check_version(asked: Asked) -> None:
    level = asked.handover.by.level
    is_pin = asked.claimed.version is CodeVersion.PIN and level is ProofLevel.STANDARD
    if not is_pin and asked.claimed.version is not VERSION_OF[level]:
        raise Refusal(
            RefusalCode.CODE_VERSION_WRONG,
            f"This delivery is handed over at the level {level}: scan the code that the other side's "
            "app shows."
            if level is not ProofLevel.STANDARD
            else "This delivery is handed over with the code of its message or its PIN.",
        )


def _check_belonging(asked: Asked) -> None:
    if asked.claimed.version is not CodeVersion.PIN and not is_of(asked.handover.by, asked.claimed):
        raise Refusal(
            RefusalCode.CODE_FOREIGN, "This code belongs to another delivery or another step."
        )


def _check_proof(asked: Asked) -> None:
    by = asked.handover.by
    if by.code_nonce is None:
        if by.level is ProofLevel.STANDARD:
            # Without a code that could be proven, the workflow says what has to happen before.
            return
        raise Refusal(
            RefusalCode.CODE_NOT_READY, "The code appears once the step before it is done."
        )
    # A PIN is proven by the workflow, which counts the wrong ones.
    if asked.claimed.version is CodeVersion.PIN:
        return
    is_signed = asked.claimed.version is CodeVersion.SIGNED
    if is_signed and (by.held is None or asked.claimed.device_id != by.held.device_id):
        raise Refusal(RefusalCode.DEVICE_WRONG, "Another device holds the code of this handover.")
    if not is_made_right(by, asked.claimed):
        raise Refusal(RefusalCode.CODE_WRONG, "The code is wrong.")


def _check_window(asked: Asked) -> None:
    if not is_step_now(asked.handover.by.policy, asked.claimed.step, asked.scan.at):
        raise Refusal(
            RefusalCode.CODE_OUTDATED,
            "The code has changed since: scan the one that is shown now. If that does not help, the "
            "clock of the phone that shows it is wrong.",
        )


def _check_state(asked: Asked) -> None:
    if asked.handover.is_used:
        raise Refusal(RefusalCode.CODE_ALREADY_USED, "This code has been used already.")
    if asked.handover.has_expired:
        raise Refusal(RefusalCode.CODE_EXPIRED, "This code has expired.")


def _check_role(asked: Asked) -> None:
    if asked.scan.person_id in asked.handover.parties:
        raise Refusal(
            RefusalCode.OWN_DELIVERY,
            "The traveler scans and the other side shows: nobody does both.",
        )


def _check_device(asked: Asked) -> None:
    if not asked.scan.names_device:
        raise Refusal(
            RefusalCode.DEVICE_MISSING, "Sign this scan with a device of yours, and send it again."
        )
    held = asked.handover.by.held
    if held is not None and asked.scan.device_id == held.device_id:
        raise Refusal(
            RefusalCode.DEVICE_WRONG, "The device that shows the code cannot scan it as well."
        )
    if asked.scan.device_id is None or not asked.scan.is_signed():
        raise Refusal(
            RefusalCode.DEVICE_WRONG,
            "The request has to be signed, as it is sent, by a device that counts for you.",
        )


def _check_place(asked: Asked) -> None:
    fix = check_fix(asked.handover.by.policy, asked.scan.fix, asked.scan.at)
    if asked.handover.place is not None:
        check_near(asked.handover.by.policy, fix, asked.handover.place)


def _check_person(asked: Asked) -> None:
    shower = _require_present(
        asked.handover, asked.handover.shower, asked.scan.at, "whoever shows the code"
    )
    _require_present(asked.handover, asked.handover.scanner, asked.scan.at, "the traveler")
    if asked.scan.fix is not None:
        check_together(asked.handover.by.policy, asked.scan.fix, shower.fix)


def _require_present(
    handover: Handover, presence: Presence | None, now: datetime, who: str
) -> Presence:
    policy = handover.by.policy
    oldest = now - timedelta(seconds=policy.presence_s_max)
    if presence is None or presence.verified_at < oldest:
        raise Refusal(
            RefusalCode.PERSON_UNPROVEN,
            f"First {who} has to show with a passkey to be there, within the last "
            f"{policy.presence_s_max // 60} minutes.",
        )
    # It was fresh when the passkey was asked; how old that may be was looked at just now.
    check_fix(policy, presence.fix, presence.verified_at)
    return presence


def _check_other_proofs(asked: Asked) -> None:
    if asked.handover.missing:
        named = ", ".join(kind.replace("_", " ") for kind in asked.handover.missing)
        raise Refusal(
            RefusalCode.PROOF_MISSING,
            f"First add this to the proofs of the {asked.handover.by.purpose}: {named}.",
        )


_S, _H, _M = ProofLevel
CHECKS = (
    CheckAt(Check.VERSION, _S, _check_version),
    CheckAt(Check.BELONGING, _S, _check_belonging),
    CheckAt(Check.PROOF, _S, _check_proof),
    CheckAt(Check.WINDOW, _H, _check_window),
    CheckAt(Check.STATE, _H, _check_state),
    CheckAt(Check.ROLE, _S, _check_role),
    CheckAt(Check.DEVICE, _H, _check_device),
    CheckAt(Check.PLACE, _H, _check_place),
    CheckAt(Check.PERSON, _M, _check_person),
    CheckAt(Check.OTHER_PROOFS, _S, _check_other_proofs),
)
"""All checks in the order of what they cost, and what an earlier one makes pointless to ask."""
