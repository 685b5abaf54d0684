"""What people are told when somebody leaves before the pickup, or does not come to it."""

from __future__ import annotations

from collections.abc import Mapping

from domain.contracts import Role
from domain.transitions import EventKind
from domain.words.form import Words

_C, _S, _T = Role.CUSTOMER, Role.SENDER, Role.TRAVELER
_E = EventKind

CANCELLATION_WORDS: Mapping[tuple[EventKind, Role], Words] = {
    (_E.CANCELLATION_STARTED, _C): Words(
        "Your delivery was cancelled",
        "{cause}, so your delivery is cancelled. It was late: {refund} of {price} goes back to you and "
        "{release} is kept, most of it for the traveler.",
    ),
    (_E.CANCELLATION_STARTED, _S): Words(
        "The pickup was cancelled",
        "{cause}, so nobody will collect the parcel. Please keep it, and do not show the pickup "
        "code to anyone.",
    ),
    (_E.CANCELLATION_STARTED, _T): Words(
        "A delivery was cancelled",
        "{cause}, so this delivery is cancelled. Please do not collect the parcel. You get {amount} "
        "because it was late, and we tell you when it is sent.",
    ),
    (_E.COMPENSATION_RELEASED, _T): Words(
        "Your compensation is released",
        "{amount} is yours for the cancelled delivery. We send it to your bank now and tell you when "
        "it is on its way.",
    ),
}
