"""What people are told when a step that was confirmed by mistake is taken back."""

from __future__ import annotations

from collections.abc import Mapping

from domain.contracts import Role
from domain.transitions import EventKind
from domain.words.form import Words

_E = EventKind

UNDOING_WORDS: Mapping[tuple[EventKind, Role], Words] = {
    (_E.PICKUP_UNDONE, Role.SENDER): Words(
        "The pickup was undone",
        "You undid the pickup, which was a mistake: the parcel is with you. Show the traveler this new "
        "code {by}, when you hand the parcel over: {link}",
    ),
    (_E.PICKUP_UNDONE, Role.CUSTOMER): Words(
        "The pickup was undone",
        "The pickup was confirmed by mistake and undone: the parcel is still with its sender. The "
        "traveler must collect it {by}; your {price} stays held.",
    ),
    (_E.PICKUP_UNDONE, Role.TRAVELER): Words(
        "The pickup was undone",
        "The sender undid the pickup, which was confirmed by mistake. Collect the parcel {by} and scan "
        "the sender's new code; the old one is used up. If you have the parcel, do so now.",
    ),
    (_E.HANDOVER_UNDONE, Role.RECIPIENT): Words(
        "The handover was undone",
        "The traveler undid the handover, which was confirmed by mistake: the parcel is on its way. Show "
        "this code when you hold the parcel, not before: {link}",
    ),
    (_E.HANDOVER_UNDONE, Role.CUSTOMER): Words(
        "The handover was undone",
        "The handover was confirmed by mistake and undone: the traveler has your parcel and must "
        "hand it over {by}. Your {price} stays held.",
    ),
    (_E.HANDOVER_UNDONE, Role.TRAVELER): Words(
        "The handover was undone",
        "You undid the handover that was confirmed by mistake: the parcel is with you. Hand it over {by} "
        "and scan the recipient's new code.",
    ),
}
