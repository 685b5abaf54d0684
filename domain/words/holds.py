"""What people are told when staff put a delivery on hold and let it go on."""

from __future__ import annotations

from collections.abc import Mapping

from domain.contracts import Role
from domain.transitions import EventKind
from domain.words.form import Words

_ON_HOLD = Words(
    "Your delivery is on hold",
    "Our staff look into your delivery, so it is on hold: its deadlines stand still and no money "
    "moves. A parcel that is under way can still be handed over. We tell you when it goes on.",
)
_GOES_ON = Words(
    "Your delivery goes on",
    "Your delivery is not on hold any more. Its deadline has moved by the time it stood still; you "
    "find it in Sendalong.",
)

HOLD_WORDS: Mapping[tuple[EventKind, Role], Words] = {
    (EventKind.HOLD_PLACED, role): _ON_HOLD for role in (Role.CUSTOMER, Role.TRAVELER)
} | {(EventKind.HOLD_LIFTED, role): _GOES_ON for role in (Role.CUSTOMER, Role.TRAVELER)}
