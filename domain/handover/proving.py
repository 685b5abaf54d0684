"""What the code of one handover is proven with, at each level."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from domain.contracts import CodePurpose
from domain.handover.claimed import ClaimedCode, CodeVersion
from domain.handover.codes import derive_code
from domain.handover.levels import ProofLevel
from domain.handover.policy import ProofPolicy
from domain.handover.rotating import is_tag_right, rotating_secret
from domain.handover.signed import SignatureCheck, is_signature_right
from domain.ids import DeliveryId, DeviceId

VERSION_OF: Mapping[ProofLevel, CodeVersion] = {
    ProofLevel.STANDARD: CodeVersion.OPAQUE,
    ProofLevel.HIGH: CodeVersion.ROTATING,
    ProofLevel.MAXIMUM: CodeVersion.SIGNED,
}
"""The code of each level; PINs are typed at the standard level only, where wrong ones are counted."""


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


def is_of(by: ProvenBy, claimed: ClaimedCode) -> bool:
    """Tell whether a code names this delivery and this purpose."""
    return claimed.delivery_id == by.delivery_id and claimed.purpose is by.purpose


def is_made_right(by: ProvenBy, claimed: ClaimedCode) -> bool:
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
