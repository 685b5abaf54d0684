"""A parcel that arrives after all while the dispute about its overdue handover is open."""

from __future__ import annotations

from dataclasses import replace

from domain.contracts import CodePurpose, DisputeReason, ScanCode
from domain.errors import Refusal, RefusalCode
from domain.lifecycle import DeliveryState
from domain.status import DeliveryStatus, DisputeStatus


def is_late_handover(state: DeliveryState, reason: DisputeReason, command: ScanCode) -> bool:
    """Tell whether a scan is of a parcel whose overdue handover is disputed and undecided."""
    return (
        command.purpose is CodePurpose.HANDOVER
        and state.status is DeliveryStatus.DISPUTED
        and state.standing.dispute == DisputeStatus.OPEN
        and reason is DisputeReason.HANDOVER_OVERDUE
    )


def on_its_way(state: DeliveryState, *, is_proven: bool) -> DeliveryState:
    """Return the delivery as the rules of scanning see it: its parcel is still on its way.

    Raises:
        Refusal: `code_already_used` when it has arrived already.
    """
    if is_proven:
        raise Refusal(RefusalCode.CODE_ALREADY_USED, "This code has been used already.")
    return replace(state, standing=replace(state.standing, status=DeliveryStatus.IN_TRANSIT))
