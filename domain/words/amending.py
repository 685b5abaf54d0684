"""What people are told when staff have corrected what a delivery says."""

from __future__ import annotations

from collections.abc import Mapping

from domain.contracts import Role
from domain.transitions import EventKind
from domain.words.form import Words

_C, _R, _T = Role.CUSTOMER, Role.RECIPIENT, Role.TRAVELER
_E = EventKind

_DEADLINE = Words(
    "Another deadline",
    "Our staff have moved the deadline of your delivery: what is to be done next is due {by}.",
)
_ADDRESS = Words(
    "An address was corrected",
    "Our staff have corrected an address of your delivery. You find it in Sendalong; please look "
    "before you set off.",
)
_PARCEL = Words(
    "The parcel was corrected",
    "Our staff have corrected what was said of the parcel. You find it in Sendalong.",
)
_RECIPIENT = Words(
    "Another recipient",
    "Somebody else receives the parcel of your delivery now. You find the name in Sendalong. Codes "
    "that were sent before do not work any more.",
)

AMENDING_WORDS: Mapping[tuple[EventKind, Role], Words] = {
    (_E.DEADLINE_CORRECTED, _C): _DEADLINE,
    (_E.DEADLINE_CORRECTED, _T): _DEADLINE,
    (_E.ADDRESS_CORRECTED, _C): _ADDRESS,
    (_E.ADDRESS_CORRECTED, _T): _ADDRESS,
    (_E.PARCEL_CORRECTED, _C): _PARCEL,
    (_E.PARCEL_CORRECTED, _T): _PARCEL,
    (_E.RECIPIENT_CORRECTED, _C): _RECIPIENT,
    (_E.RECIPIENT_CORRECTED, _T): _RECIPIENT,
    (_E.RECIPIENT_CORRECTED, _R): Words(
        "A parcel comes to you",
        "A parcel is to be handed over to you. Show the traveler this code when you hold the "
        "parcel, not before: {link}",
    ),
}
