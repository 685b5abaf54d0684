"""What people are told of a parcel that is handed on from one traveler to another."""

from __future__ import annotations

from collections.abc import Mapping

from domain.contracts import Role
from domain.transitions import EventKind
from domain.words.form import Words

_C, _R, _T = Role.CUSTOMER, Role.RECIPIENT, Role.TRAVELER
_E = EventKind

RELAY_WORDS: Mapping[tuple[EventKind, Role], Words] = {
    (_E.RELAY_ASKED, _C): Words(
        "May another traveler carry your parcel on?",
        "Your traveler asks to hand your parcel on to another traveler. Agree or decline in Sendalong "
        "{by}; otherwise it stays with your traveler. Your {price} stays held and does not change.",
    ),
    (_E.RELAY_CONSENTED, _T): Words(
        "Will you carry a parcel on?",
        "Another traveler asks you to carry a parcel on, and the customer agrees. Read the terms in "
        "Sendalong and accept or refuse them {by}. Without an answer nothing changes for you.",
    ),
    (_E.RELAY_AGREED, _T): Words(
        "Hand the parcel on",
        "The other traveler takes the parcel over. Meet {by} and show this code there, not before: {link} "
        "Until it is scanned the parcel is in your care.",
    ),
    (_E.RELAY_AGREED, _C): Words(
        "Your parcel is handed on soon",
        "The other traveler has accepted, and both meet {by}. We tell you when the parcel was handed "
        "on; otherwise your traveler brings it as before. Your {price} stays held.",
    ),
    (_E.RELAY_ENDED, _T): Words(
        "The parcel is not handed on",
        "The parcel is not handed on to another traveler. Whoever carries it brings it to its recipient "
        "{by}, as before.",
    ),
    (_E.RELAY_ENDED, _C): Words(
        "Your parcel stays with its traveler",
        "Your parcel is not handed on to another traveler: its traveler brings it {by}, as before. "
        "There is nothing left to do.",
    ),
    (_E.RELAYED, _R): Words(
        "Another traveler brings your parcel",
        "Your parcel was handed on to another traveler, who should bring it {by}. Your code stays the "
        "same: show it when the parcel is in front of you.",
    ),
    (_E.RELAYED, _C): Words(
        "Your parcel was handed on",
        "Your parcel was handed on to the other traveler, who should bring it {by}. Your {price} stays "
        "held; nothing changes for you.",
    ),
    (_E.RELAYED, _T): Words(
        "The parcel was handed on",
        "The parcel was handed on: from now on it is in the care of the traveler who scanned the code, "
        "and to be handed over {by}. Both of you are paid when the payment is released.",
    ),
    (_E.GIVER_SHARE_RELEASED, _T): Words(
        "Your share is released",
        "{amount} is released to you for the way you carried a parcel that you handed on. We tell you "
        "when it is sent to your bank.",
    ),
    (_E.GIVER_SHARE_TAKEN, _T): Words(
        "Your share is not paid",
        "The customer's bank took back {amount} that was meant for you, for a parcel that you handed "
        "on. It was not sent yet, so you owe nothing.",
    ),
    (_E.GIVER_PAID_OUT, _T): Words(
        "Your share was paid out",
        "{amount} was sent to your bank for a parcel that you handed on. There is nothing left to do.",
    ),
    (_E.GIVER_PAYOUT_SKIPPED, _T): Words(
        "Your share waits for you",
        "{amount} for a parcel that you handed on could not be sent to your bank. It is yours: support "
        "will be in touch about it.",
    ),
}
