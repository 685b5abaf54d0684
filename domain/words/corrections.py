"""What people are told when money moves after the fact."""

from __future__ import annotations

from collections.abc import Mapping

from domain.contracts import Role
from domain.transitions import EventKind
from domain.words.form import Words

_C, _T = Role.CUSTOMER, Role.TRAVELER
_E = EventKind

_WRITTEN_OFF = Words(
    "You owe us nothing for this",
    "You do not have to pay the {amount} that you still owed us for this delivery. There is "
    "nothing left to do.",
)
_DEBT_PAID = Words(
    "We received {amount}",
    "We received the {amount} that you owed us for this delivery. Thank you. There is nothing "
    "left to do.",
)

CORRECTION_WORDS: Mapping[tuple[EventKind, Role], Words] = {
    (_E.GOODWILL_REFUNDED, _C): Words(
        "{amount} was refunded",
        "We sent {amount} of what you paid back to you. Your bank usually shows it within ten "
        "days. There is nothing left to do.",
    ),
    (_E.GOODWILL_REFUNDED, _T): Words(
        "{amount} went back to the customer",
        "{amount} of your pay for this delivery went back to the customer. We take it back from "
        "your account with us or from later payouts; support answers your questions.",
    ),
    (_E.TRANSFER_REVERSED, _T): Words(
        "We took {amount} back",
        "We took {amount} back from your account with us for the refund to the customer. There "
        "is nothing left to do.",
    ),
    (_E.TRAVELER_COMPENSATED, _T): Words(
        "You get {amount} from us",
        "We give you {amount} for this delivery. We send it to your bank now and tell you when it "
        "is on its way.",
    ),
    (_E.TIP_UNSETTLED, _C): Words(
        "Your tip is not complete",
        "Your tip of {amount} is not complete. Your bank may ask you to approve it: please do so "
        "{by}, or nothing is charged.",
    ),
    (_E.TIP_DECLINED, _C): Words(
        "Your tip did not work",
        "Your tip of {amount} did not work and nothing was charged. You can give it again with "
        "another payment method whenever you like.",
    ),
    (_E.TIP_SENT, _C): Words(
        "Your tip was sent",
        "Your tip of {amount} was sent to the traveler, all of it. Thank you.",
    ),
    (_E.TIP_SENT, _T): Words(
        "You got a tip of {amount}",
        "The customer gave you a tip of {amount}, and all of it is yours. We send it to your bank "
        "now and tell you when it is on its way.",
    ),
    (_E.EXTRA_COST_ASKED, _C): Words(
        "The traveler asks for {amount} of extra costs",
        "The traveler asks you to pay {amount} of extra costs. Please look at what they are for and "
        "agree or refuse {by}. Without your consent nothing is paid; your parcel travels on.",
    ),
    (_E.EXTRA_COST_REFUSED, _T): Words(
        "Your extra costs were not agreed to",
        "The customer did not agree to pay {amount} of extra costs, so nothing was charged for "
        "them. The delivery goes on as agreed.",
    ),
    (_E.EXTRA_COST_WITHDRAWN, _C): Words(
        "The traveler took the request back",
        "The traveler no longer asks for {amount} of extra costs. There is nothing left to do.",
    ),
    (_E.EXTRA_COST_UNSETTLED, _C): Words(
        "The extra costs are not paid yet",
        "Your payment of {amount} of extra costs is not complete. Your bank may ask you to approve "
        "it: please do so {by}, or nothing is charged.",
    ),
    (_E.EXTRA_COST_DECLINED, _C): Words(
        "The extra costs could not be charged",
        "Your payment of {amount} of extra costs did not work and nothing was charged. Your parcel "
        "travels on; the traveler may ask again.",
    ),
    (_E.EXTRA_COST_DECLINED, _T): Words(
        "The extra costs could not be charged",
        "The customer's payment of {amount} of extra costs did not work. The delivery goes on; you "
        "can ask again.",
    ),
    (_E.EXTRA_COST_SENT, _C): Words(
        "The extra costs were paid",
        "Your payment of {amount} of extra costs was sent to the traveler, all of it. There is "
        "nothing left to do.",
    ),
    (_E.EXTRA_COST_SENT, _T): Words(
        "The customer paid your extra costs",
        "The customer paid {amount} of extra costs. All of it is yours; we send it to your bank "
        "now and tell you when it is on its way.",
    ),
    (_E.EXTRA_PAID_OUT, _T): Words(
        "Your money is on its way",
        "We sent {amount} to your bank. It arrives as fast as your bank allows, usually within a "
        "few days. There is nothing left to do.",
    ),
    (_E.EXTRA_PAYOUT_SKIPPED, _T): Words(
        "We could not pay you yet",
        "We could not send {amount} to your bank. The money stays yours, and support will contact "
        "you about how to get it to you.",
    ),
    (_E.DEBT_WRITTEN_OFF, _C): _WRITTEN_OFF,
    (_E.DEBT_WRITTEN_OFF, _T): _WRITTEN_OFF,
    (_E.DEBT_PAID, _C): _DEBT_PAID,
    (_E.DEBT_PAID, _T): _DEBT_PAID,
    (_E.REFUND_UNDONE, _C): Words(
        "Your refund came back to us",
        "Your bank sent our refund of {amount} back. We keep the money for you, and support will "
        "ask you where it can go.",
    ),
    (_E.REFUNDED_AGAIN, _C): Words(
        "{amount} was refunded again",
        "We sent your refund of {amount} again. Your bank usually shows it within ten days. There "
        "is nothing left to do.",
    ),
    (_E.PAYOUT_UNDONE, _T): Words(
        "Your bank sent {amount} back",
        "Your bank sent our payout of {amount} back. The money stays yours: please check your bank "
        "details in Sendalong, and support will send it again.",
    ),
    (_E.PAID_OUT_AGAIN, _T): Words(
        "Your money is on its way again",
        "We sent {amount} to your bank again. It arrives as fast as your bank allows, usually "
        "within a few days. There is nothing left to do.",
    ),
    (_E.CHARGE_UNDONE, _C): Words(
        "Your payment was taken back",
        "Your payment of {amount} was taken back by your bank after all. Support will contact you "
        "about how to pay it.",
    ),
}
