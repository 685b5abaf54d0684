"""Whether a code was right when it was scanned, and the phone where it had to be."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.contracts import CodePurpose
from domain.errors import Refusal, RefusalCode
from domain.handover.claimed import ClaimedCode, CodeVersion, read_claimed
from domain.handover.codes import derive_code
from domain.handover.levels import ProofLevel
from domain.handover.places import Fix, check_fix, check_near
from domain.handover.policy import ProofPolicy
from domain.handover.rotating import is_tag_right, rotating_secret
from domain.handover.signed import SignatureCheck, is_signature_right
from domain.handover.steps import is_step_now
from domain.ids import DeliveryId, DeviceId
from domain.offline.judging import Reason
from domain.offline.states import ClaimReason
from domain.pricing import Place

VERSION_OF: Mapping[ProofLevel, CodeVersion] = {
    ProofLevel.STANDARD: CodeVersion.OPAQUE,
    ProofLevel.HIGH: CodeVersion.ROTATING,
    ProofLevel.MAXIMUM: CodeVersion.SIGNED,
}
"""The codes of each level; PINs are typed online, where wrong ones are counted."""


@dataclass(frozen=True, slots=True)
class HeldCode:
    """Who shows a code that changes."""

    device_id: DeviceId
    secret_nonce: bytes
    has_signed: SignatureCheck
    """Whether a signature over a message is of the holder's device."""


@dataclass(frozen=True, slots=True)
class ProvenBy:
    """What a code of one handover is proven with."""

    key: bytes
    """The platform's own."""
    policy: ProofPolicy
    level: ProofLevel
    delivery_id: DeliveryId
    purpose: CodePurpose
    code_nonce: bytes | None
    """None while there is no code of this handover."""
    held: HeldCode | None
    """None while no device holds it."""

    def opaque_text(self) -> str:
        """Return the code behind all codes of this handover: it is used up whichever was scanned."""
        if self.code_nonce is None:
            raise LookupError("there is no code of this handover")
        return derive_code(self.key, self.delivery_id, self.purpose, self.code_nonce).text


def fault_of_code(by: ProvenBy, scanned: str, at: datetime) -> Reason | None:
    """Return why a code does not count for a scan at some moment, or none when it does."""
    try:
        claimed = read_claimed(scanned)
    except Refusal as refusal:
        return refusal.code
    if claimed.version is CodeVersion.PIN:
        return ClaimReason.PIN_OFFLINE
    if claimed.delivery_id != by.delivery_id or claimed.purpose is not by.purpose:
        return RefusalCode.CODE_FOREIGN
    if claimed.version is not VERSION_OF[by.level]:
        return RefusalCode.CODE_VERSION_WRONG
    if not _is_proven(by, claimed):
        return RefusalCode.CODE_WRONG
    is_steady = claimed.version is CodeVersion.OPAQUE
    return (
        None if is_steady or is_step_now(by.policy, claimed.step, at) else RefusalCode.CODE_OUTDATED
    )


def fault_of_place(by: ProvenBy, fix: Fix | None, place: Place, at: datetime) -> Reason | None:
    """Return why a position does not place a phone at its handover, or none where it does."""
    if by.level is ProofLevel.STANDARD:
        return None
    try:
        check_near(by.policy, check_fix(by.policy, fix, at), place)
    except Refusal as refusal:
        return refusal.code
    return None


def _is_proven(by: ProvenBy, claimed: ClaimedCode) -> bool:
    """Tell whether a code was made by whoever may make it, whenever that was."""
    if by.code_nonce is None:
        return False
    if claimed.version is CodeVersion.OPAQUE:
        return hmac.compare_digest(by.opaque_text().encode(), claimed.normalised.encode())
    if by.held is None:
        return False
    if claimed.version is CodeVersion.SIGNED:
        is_holder = claimed.device_id == by.held.device_id
        return is_holder and is_signature_right(by.held.has_signed, claimed)
    secret = rotating_secret(
        by.key, by.delivery_id, by.purpose, by.code_nonce, by.held.secret_nonce
    )
    return is_tag_right(secret, claimed)
