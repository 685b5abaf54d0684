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
    (_E.SENDER_ABSENT, _S): Words(
        "The traveler waits for you",
        "The traveler is at the pickup place and nobody is there. Please hand the parcel over {by}, or "
        "contest it in Sendalong; otherwise the delivery is cancelled.",
    ),
    (_E.SENDER_ABSENT, _C): Words(
        "Nobody is at the pickup",
        "The traveler is at the pickup place and nobody is there. If the parcel is not handed over {by} "
        "and you do not contest it, the delivery is cancelled and a part of {price} is kept.",
    ),
    (_E.TRAVELER_ABSENT, _T): Words(
        "The sender waits for you",
        "The sender waits with the parcel and you are not there. Collect it {by}, or contest it in "
        "Sendalong; otherwise you lose this delivery and get a strike.",
    ),
    (_E.TRAVELER_LEFT, _C): Words(
        "Your traveler will not come",
        "Your traveler will not come. You pay nothing: your {price} goes back to you in full. Then your "
        "request is open to other travelers again, and we tell you.",
    ),
    (_E.TRAVELER_LEFT, _S): Words(
        "The traveler will not come",
        "The traveler will not come, so please keep the parcel, and do not show the pickup code to "
        "anyone. You get a new one when somebody else takes it over.",
    ),
    (_E.TRAVELER_LEFT, _T): Words(
        "A delivery was given to others",
        "You did not come to the pickup in time, so this delivery is open to other travelers. Please "
        "do not collect the parcel. It counts as a strike.",
    ),
    (_E.REOPENED, _C): Words(
        "Your request is open again",
        "Your traveler has left and you paid nothing. Other travelers can offer to carry your parcel "
        "now: accept an offer {by}, or cancel for free.",
    ),
}
