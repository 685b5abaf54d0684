"""Who may hold the code of a handover with a device, and who may free it from one."""

from __future__ import annotations

from collections.abc import Mapping

from domain.contracts import CodePurpose
from domain.errors import Refusal, RefusalCode
from domain.handover.claimed import CodeVersion
from domain.handover.levels import ProofLevel
from domain.identity.roles import Relation

SHOWN_BY: Mapping[CodePurpose, Relation] = {
    CodePurpose.PICKUP: Relation.SENDER,
    CodePurpose.HANDOVER: Relation.RECIPIENT,
    CodePurpose.RETURN: Relation.SENDER,
    CodePurpose.RELAY: Relation.TRAVELER,
}
"""Whoever gives the parcel away or takes it at its end shows the code; the traveler scans it."""
SUPPORT = (Relation.AGENT, Relation.OPERATOR)

_VERSIONS = {ProofLevel.HIGH: CodeVersion.ROTATING, ProofLevel.MAXIMUM: CodeVersion.SIGNED}


def held_version(level: ProofLevel) -> CodeVersion:
    """Return which kind of code a device shows at a level.

    Raises:
        Refusal: `code_version_wrong`, where the code is shown as it is and needs no device.
    """
    version = _VERSIONS.get(level)
    if version is None:
        raise Refusal(
            RefusalCode.CODE_VERSION_WRONG,
            "No device holds the code of this delivery: show it as it is.",
        )
    return version


def require_linked(level: ProofLevel, purpose: CodePurpose, *, has_account: bool) -> None:
    """Check that whoever has the link of a code may hold it without an account.

    Raises:
        Refusal: `code_version_wrong` or `code_needs_device`.
    """
    if held_version(level) is CodeVersion.SIGNED or purpose is not CodePurpose.HANDOVER:
        raise _needs_device()
    if has_account:
        raise _needs_device()


def releasing(purpose: CodePurpose, *, held_by_link: bool) -> tuple[Relation, ...]:
    """Return who may free a code from the device that holds it.

    Whoever shows it may, and support for those who cannot. For somebody without an account the customer
    may as well, who sees the code no more than before.
    """
    helpers = (Relation.CUSTOMER, *SUPPORT) if held_by_link else SUPPORT
    return (SHOWN_BY[purpose], *helpers)


def _needs_device() -> Refusal:
    return Refusal(
        RefusalCode.CODE_NEEDS_DEVICE,
        "This code is shown by a device of an account: sign in, and take this device into use.",
    )
