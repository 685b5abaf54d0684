"""What people are told while a payment is authorised, captured, or charged to a saved method."""

from __future__ import annotations

from collections.abc import Mapping

from domain.contracts import Role
from domain.transitions import EventKind
from domain.words.form import Words

_C, _S, _T = Role.CUSTOMER, Role.SENDER, Role.TRAVELER
_E = EventKind

HORIZON_WORDS: Mapping[tuple[EventKind, Role], Words] = {
    (_E.PAYMENT_METHOD_SAVED, _C): Words(
        "Your payment method is saved",
        "Your payment method is saved and nothing is charged yet. We charge {price} {by}; you can "
        "cancel free of charge until then.",
    ),
    (_E.PAYMENT_METHOD_SAVED, _T): Words(
        "Your offer was accepted",
        "Your offer of {price} was accepted. The payment is taken {by}; please do not collect the "
        "parcel before you hear from us that it is held.",
    ),
    (_E.PAYMENT_AUTHORISED, _S): Words(
        "Your code for the pickup",
        "{price} is reserved and a traveler will collect the parcel {by}. Show this code when you "
        "hand the parcel over, not before: {link}",
    ),
    (_E.PAYMENT_AUTHORISED, _C): Words(
        "{price} is reserved",
        "Your bank has reserved {price}. It is taken at the pickup {by} and goes to the traveler "
        "only after the handover; if nobody comes, nothing is taken.",
    ),
    (_E.PAYMENT_AUTHORISED, _T): Words(
        "Your offer was accepted",
        "Your offer of {price} was accepted and the payment is reserved. Collect the parcel {by} "
        "and scan the sender's code; leave only once Sendalong says that it is held.",
    ),
    (_E.PAYMENT_CAPTURED, _C): Words(
        "{price} is held",
        "We took the reserved {price} before the reservation could end. It is held and goes to the "
        "traveler only after the handover; if nobody comes {by}, you get all of it back.",
    ),
    (_E.CAPTURE_FAILED, _S): Words(
        "Please keep the parcel",
        "The payment could not be taken, so the parcel cannot leave yet. Please keep it; you get a "
        "new code once the payment is held.",
    ),
    (_E.CAPTURE_FAILED, _C): Words(
        "Your payment could not be taken",
        "Your bank let the reserved {price} go, and nothing was taken. Give another payment method "
        "{by}, or the delivery is cancelled.",
    ),
    (_E.CAPTURE_FAILED, _T): Words(
        "Please leave the parcel",
        "The payment of {price} could not be taken. Please leave the parcel with its sender: you "
        "will hear from us {by}.",
    ),
    (_E.PICKUP_CODE_RENEWED, _S): Words(
        "Your new code for the pickup",
        "{price} is held now. The code that was shown before is worth nothing any more: show this "
        "one when you hand the parcel over {by}: {link}",
    ),
    (_E.PICKUP_CODE_RENEWED, _T): Words(
        "The payment is held now",
        "The payment of {price} is held now, but the parcel is still with its sender. Collect it {by} "
        "and scan the sender's new code; otherwise the delivery is cancelled.",
    ),
    (_E.LIFT_STARTED, _C): Words(
        "Your delivery was cancelled",
        "{cause}, so your delivery is cancelled. Nothing was taken from you, and the reservation of "
        "{price} is lifted; your bank usually shows it within a few days.",
    ),
    (_E.LIFT_STARTED, _S): Words(
        "The pickup was cancelled",
        "{cause}, so nobody will collect the parcel. Please keep it, and do not show the pickup "
        "code to anyone.",
    ),
    (_E.LIFT_STARTED, _T): Words(
        "A delivery was cancelled",
        "{cause}, so this delivery is cancelled. Please do not collect the parcel. There is "
        "nothing left to do.",
    ),
}
