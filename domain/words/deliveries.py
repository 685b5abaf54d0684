"""What people are told of a delivery on its way from the first offer to its close."""

from __future__ import annotations

from collections.abc import Mapping

from domain.contracts import Role
from domain.policies import VerdictOutcome
from domain.transitions import EventKind
from domain.words.form import Words

_C, _S, _R, _T = Role.CUSTOMER, Role.SENDER, Role.RECIPIENT, Role.TRAVELER
_E = EventKind

_NOT_HELD_YET = Words(
    "Please wait with the pickup",
    "The customer chose your offer of {price}, but the payment is not held yet. Please do not "
    "collect the parcel: you will hear from us {by}.",
)
_DISPUTED = Words(
    "A dispute was opened",
    "A dispute was opened: {reason}. See in Sendalong what is to be done {by}, and add evidence and "
    "messages there. {price} stays held until it is settled.",
)
_VERDICT_LATE = Words(
    "The decision takes longer",
    "We are sorry: the decision about your dispute takes longer than promised. {price} stays held, "
    "and you will have the decision {by}.",
)

DELIVERY_WORDS: Mapping[tuple[EventKind, Role], Words] = {
    (_E.OFFER_SUBMITTED, _C): Words(
        "New offer of {price}",
        "A traveler offers to carry your parcel for {price}. Accept it or name another price {by}; "
        "otherwise your request ends and nothing is charged.",
    ),
    (_E.OFFER_COUNTERED, _C): Words(
        "The traveler asks {price}",
        "The traveler now asks {price} for your parcel. Accept it or name another price {by}; "
        "otherwise your request ends and nothing is charged.",
    ),
    (_E.OFFER_COUNTERED, _T): Words(
        "The customer proposes {price}",
        "The customer proposes {price} for your trip. To agree, send the same price back; or name "
        "another, or withdraw. The request ends if nothing is agreed {by}.",
    ),
    (_E.OFFER_WITHDRAWN, _C): Words(
        "An offer was withdrawn",
        "A traveler took back the offer of {price}. Choose another offer {by}; otherwise your "
        "request ends and nothing is charged.",
    ),
    (_E.OFFER_ACCEPTED, _T): Words(
        "The customer chose another traveler",
        "The customer chose another traveler, so your offer of {price} is closed. There is nothing "
        "left to do. Thank you for offering.",
    ),
    (_E.REQUEST_EXPIRED, _C): Words(
        "Your request has ended",
        "No offer was accepted in time, so your request is closed. Nothing was charged. You can "
        "open a new request whenever you like.",
    ),
    (_E.REQUEST_EXPIRED, _T): Words(
        "The request has ended",
        "The customer's request ended without a choice, so your offer of {price} is closed. There "
        "is nothing left to do.",
    ),
    (_E.PAYMENT_DECLINED, _C): Words(
        "Your payment was declined",
        "Your payment of {price} was declined and nothing was charged. Give another payment method "
        "{by}, or the delivery is cancelled.",
    ),
    (_E.PAYMENT_DECLINED, _T): _NOT_HELD_YET,
    (_E.PAYMENT_UNSETTLED, _C): Words(
        "Your payment is not complete",
        "Your payment of {price} is not complete. Your bank may ask you to approve it: please do "
        "so {by}, or the delivery is cancelled and nothing is charged.",
    ),
    (_E.PAYMENT_UNSETTLED, _T): _NOT_HELD_YET,
    (_E.PAYMENT_VOIDED, _C): Words(
        "Your payment did not work",
        "Your payment of {price} did not work and you pay nothing for it. Give another payment "
        "method {by}, or the delivery is cancelled.",
    ),
    (_E.PAYMENT_HELD, _S): Words(
        "Your code for the pickup",
        "{price} is held and a traveler will collect the parcel {by}. Show this code when you hand "
        "the parcel over, not before: {link}",
    ),
    (_E.PAYMENT_HELD, _C): Words(
        "{price} is held",
        "Your payment of {price} is held and goes to the traveler only after the handover. The "
        "parcel is collected {by}; if nobody comes, you get all of it back.",
    ),
    (_E.PAYMENT_HELD, _T): Words(
        "Your offer was accepted",
        "Your offer of {price} was accepted and the payment is held. Collect the parcel {by} and "
        "scan the sender's code; otherwise the delivery is cancelled.",
    ),
    (_E.PICKED_UP, _R): Words(
        "A parcel is on its way to you",
        "A parcel for you is on its way and should be with you {by}. Show the traveler this code "
        "when you hold the parcel, not before: {link}",
    ),
    (_E.PICKED_UP, _C): Words(
        "Your parcel was picked up",
        "The traveler has your parcel and must hand it over {by}. If that fails, support looks "
        "into it and your {price} stays held.",
    ),
    (_E.ARRIVED, _R): Words(
        "Your parcel is close",
        "The traveler with your parcel is close. Show this code when you hold the parcel, not "
        "before: {link}",
    ),
    (_E.HANDED_OVER, _C): Words(
        "Your parcel was handed over",
        "Your parcel was handed over. If all is well, confirm it in Sendalong. If not, open a "
        "dispute there {by}. After that {price} is released to the traveler.",
    ),
    (_E.RELEASED, _T): Words(
        "Your payment is released",
        "The payment is released: {amount} is yours after our fee. We send it to your bank now and "
        "tell you when it is on its way.",
    ),
    (_E.RELEASED, _C): Words(
        "Your delivery is complete",
        "Your delivery is complete and the {price} you paid was released. There is nothing left "
        "to do. Thank you.",
    ),
    (_E.PAID_OUT, _T): Words(
        "Your money is on its way",
        "We sent {amount} to your bank. It arrives as fast as your bank allows, usually within a "
        "few days. There is nothing left to do.",
    ),
    (_E.PAYOUT_SKIPPED, _T): Words(
        "We could not pay you yet",
        "We could not send {amount} to your bank. The money stays yours, and support will contact "
        "you about how to get it to you.",
    ),
    (_E.CANCELLED, _C): Words(
        "Your delivery was cancelled",
        "{cause}, so your delivery is closed and you pay nothing. You can open a new request "
        "whenever you like.",
    ),
    (_E.CANCELLED, _T): Words(
        "A delivery was cancelled",
        "{cause}, so this delivery is closed. Please do not collect the parcel. There is nothing "
        "left to do.",
    ),
    (_E.REFUND_STARTED, _C): Words(
        "Your delivery was cancelled",
        "{cause}, so your delivery is cancelled. Your {price} goes back to you in full; we tell "
        "you when it is sent.",
    ),
    (_E.REFUND_STARTED, _S): Words(
        "The pickup was cancelled",
        "{cause}, so nobody will collect the parcel. Please keep it, and do not show the pickup "
        "code to anyone.",
    ),
    (_E.REFUND_STARTED, _T): Words(
        "A delivery was cancelled",
        "{cause}, so this delivery is cancelled. Please do not collect the parcel. There is "
        "nothing left to do.",
    ),
    (_E.REFUNDED, _C): Words(
        "{price} was refunded",
        "We sent {price} back to you in full. Your bank usually shows it within ten days. There "
        "is nothing left to do.",
    ),
    (_E.SHARE_REFUNDED, _C): Words(
        "Your refund was sent",
        "We sent {amount} back to you, as decided. Your bank usually shows it within ten days. "
        "There is nothing left to do.",
    ),
    (_E.DISPUTE_OPENED, _C): _DISPUTED,
    (_E.DISPUTE_OPENED, _T): _DISPUTED,
    (_E.VERDICT_OVERDUE, _C): _VERDICT_LATE,
    (_E.VERDICT_OVERDUE, _T): _VERDICT_LATE,
    (_E.VERDICT_GIVEN, _C): Words(
        "Your dispute is decided",
        "The dispute is decided: you get {refund} back and {release} goes to the traveler's side. "
        "The reason is in the delivery's timeline.",
    ),
    (_E.VERDICT_GIVEN, _T): Words(
        "Your dispute is decided",
        "The dispute is decided: the customer gets {refund} back and {release} is released to you, "
        "less our fee. The reason is in the delivery's timeline.",
    ),
}

VERDICT_WORDS: Mapping[tuple[str, Role], Words] = {
    (VerdictOutcome.RELEASE, _C): Words(
        "Your dispute is decided",
        "The dispute is decided: {price} goes to the traveler's side and there is no refund. The "
        "reason is in the delivery's timeline.",
    ),
    (VerdictOutcome.RELEASE, _T): Words(
        "Your dispute is decided",
        "The dispute is decided: {price} is released to you, less our fee. The reason is in the "
        "delivery's timeline.",
    ),
    (VerdictOutcome.REFUND, _C): Words(
        "Your dispute is decided",
        "The dispute is decided: {price} goes back to you in full; we tell you when it is sent. "
        "The reason is in the delivery's timeline.",
    ),
    (VerdictOutcome.REFUND, _T): Words(
        "Your dispute is decided",
        "The dispute is decided: {price} goes back to the customer and nothing is paid to you. "
        "The reason is in the delivery's timeline.",
    ),
}
"""A verdict that gives everything to one side names one amount; a split uses the general words."""
