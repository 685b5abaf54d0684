"""What people are told when a bank takes a payment back, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping

from domain.contracts import Role
from domain.transitions import EventKind
from domain.words.form import Words

_C, _T = Role.CUSTOMER, Role.TRAVELER
_E = EventKind

CHARGEBACK_WORDS: Mapping[tuple[EventKind, Role], Words] = {
    (_E.CHARGEBACK_OPENED, _C): Words(
        "Your bank took {amount} back",
        "Your bank took back {amount} that you paid for this delivery, and will decide who gets it. "
        "If that was a mistake, tell your bank; if something went wrong, tell our support.",
    ),
    (_E.CHARGEBACK_OPENED, _T): Words(
        "The customer's bank took {amount} back",
        "The customer's bank took {amount} back and will decide who gets it, which takes some weeks. "
        "We answer it for you with the scans; until then this payment waits.",
    ),
    (_E.TRANSFER_RECALLED, _T): Words(
        "We took {amount} back for now",
        "We took {amount} back from your account with us until the customer's bank decides. If the "
        "bank decides for you, you get all of it again.",
    ),
    (_E.CHARGEBACK_WON, _C): Words(
        "Your bank gave {amount} back to us",
        "Your bank decided that your payment stands and gave {amount} back to us. There is nothing "
        "left to do; only your bank can look at it again.",
    ),
    (_E.CHARGEBACK_WON, _T): Words(
        "The bank decided for you",
        "The customer's bank decided that the payment stands and gave {amount} back. This payment "
        "goes on now; there is nothing left to do.",
    ),
    (_E.RELEASED_AGAIN, _T): Words(
        "We sent {amount} again",
        "We sent the {amount} that we had taken back to your account with us again. There is "
        "nothing left to do.",
    ),
    (_E.SHARE_PAID_OUT_AGAIN, _T): Words(
        "{amount} is on its way to your bank",
        "We sent {amount} to your bank again. It usually arrives within three working days. There "
        "is nothing left to do.",
    ),
    (_E.CHARGEBACK_LOST, _C): Words(
        "Your bank keeps {amount} for you",
        "Your bank decided for you: {amount} of what you paid stays with you. There is nothing left "
        "to do.",
    ),
    (_E.CHARGEBACK_LOST, _T): Words(
        "The bank decided for the customer",
        "The customer's bank gave {amount} back to the customer for good. Your statement shows what "
        "of it is yours to bear; support answers your questions.",
    ),
}
