"""Words about what keeps a payment back after the delivery, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping

from domain.contracts import Role
from domain.transitions import EventKind
from domain.words.form import Words

SETTLEMENT_WORDS: Mapping[tuple[EventKind, Role], Words] = {
    (EventKind.ACCOUNT_AWAITED, Role.TRAVELER): Words(
        "Your payout account is not ready",
        "{amount} is yours, but your payout account cannot be sent money yet. Please finish setting "
        "it up in Sendalong {by}; we remind you again if needed. Until then it stays held for you.",
    ),
    (EventKind.RELEASE_FROZEN, Role.TRAVELER): Words(
        "Your payment is frozen",
        "The customer's bank is looking into the payment, so {amount} stays frozen until it has "
        "decided; that can take two months. You need to do nothing, and we tell you the outcome.",
    ),
    (EventKind.RELEASE_FROZEN, Role.CUSTOMER): Words(
        "Your refund waits for your bank",
        "A chargeback of your payment is open at your bank, so your refund of {amount} waits until "
        "it has decided: what the bank gives back, we cannot give back too.",
    ),
    (EventKind.HELD_REDUCED, Role.TRAVELER): Words(
        "A part of the payment was charged back",
        "The customer's bank took {amount} of the payment back. What is left of it is settled now, "
        "and we tell you what you get.",
    ),
    (EventKind.HELD_REDUCED, Role.CUSTOMER): Words(
        "Your bank gave you a part back",
        "Your bank gave {amount} of your payment back to you. What is left of it is settled now.",
    ),
    (EventKind.CHARGED_BACK, Role.TRAVELER): Words(
        "The payment was charged back",
        "The customer's bank took the payment back. Nothing of it is left to settle, and the "
        "delivery is closed. Support can tell you more.",
    ),
    (EventKind.CHARGED_BACK, Role.CUSTOMER): Words(
        "Your bank gave you the payment back",
        "Your bank gave {amount} of your payment back to you. Nothing of it is left to settle, and "
        "the delivery is closed.",
    ),
    (EventKind.DUES_NETTED, Role.TRAVELER): Words(
        "We kept {amount} back",
        "We kept {amount} of your payment for this delivery back, because you owed it to us from an "
        "earlier one. What is left goes to your bank, and your statement shows both.",
    ),
    (EventKind.SURPLUS_RETURNED, Role.TRAVELER): Words(
        "You get {amount} of it after all",
        "{amount} of what we kept back was not owed any more when it came to it. It goes to your bank "
        "with the rest of your payment.",
    ),
}
