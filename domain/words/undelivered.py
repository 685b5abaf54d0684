"""What people are told of a parcel that cannot be handed over, and of its way back."""

from __future__ import annotations

from collections.abc import Mapping

from domain.contracts import Role
from domain.journey_terms import HandoverObstacle, UndeliverableAction
from domain.transitions import EventKind
from domain.words.form import Words

_C, _S, _R, _T = Role.CUSTOMER, Role.SENDER, Role.RECIPIENT, Role.TRAVELER
_E = EventKind

UNDELIVERED_WORDS: Mapping[tuple[EventKind, Role], Words] = {
    (_E.HANDOVER_FAILED, _C): Words(
        "Your parcel could not be handed over",
        "The traveler could not hand your parcel over: {reason}. As you chose, there is another way "
        "to bring it to its recipient {by}; otherwise it comes back. Your {price} stays held.",
    ),
    (_E.HANDOVER_FAILED, _R): Words(
        "A parcel could not be handed over to you",
        "The traveler could not hand your parcel over: {reason}. Please be reachable and have your "
        "code ready {by}; otherwise the parcel goes back to its sender.",
    ),
    (_E.PARCEL_LEFT, _C): Words(
        "Your parcel was left for its recipient",
        "The traveler left your parcel {reason}, as you had allowed. If it is not there or not "
        "well, open a dispute in Sendalong {by}. After that {price} is released to the traveler.",
    ),
    (_E.PARCEL_LEFT, _R): Words(
        "A parcel was left for you",
        "The traveler left your parcel {reason}. If it is not there or not well, tell the sender or "
        "open a dispute in Sendalong {by}.",
    ),
    (_E.RETURN_STARTED, _S): Words(
        "Your parcel comes back",
        "Nobody took the parcel: {reason}. It comes back to you {by}. Show this code when you hold "
        "it, not before: {link}",
    ),
    (_E.RETURN_STARTED, _C): Words(
        "Your parcel goes back to its sender",
        "The parcel could not be handed over: {reason}. The traveler brings it back to its sender "
        "{by}. Your {price} stays held until then; part of it pays for the ways.",
    ),
    (_E.RETURN_STARTED, _R): Words(
        "Your parcel goes back to its sender",
        "The parcel could not be handed over: {reason}. It goes back to its sender, and your code is "
        "of no use any more. There is nothing left to do.",
    ),
    (_E.RETURN_STARTED, _T): Words(
        "Please bring the parcel back",
        "Please bring the parcel back to its sender {by} and scan the code shown there. Your share "
        "for the ways is paid after that; without the scan support looks into it.",
    ),
    (_E.RETURNED, _C): Words(
        "Your parcel is back",
        "The sender has the parcel again. If it is not well, open a dispute in Sendalong {by}. After "
        "that you get {refund} back, and {release} goes to the traveler's side.",
    ),
    (_E.RETURN_SETTLED, _C): Words(
        "Your return is settled",
        "The return is settled: you get {refund} back and {release} goes to the traveler's side for "
        "the ways. We tell you when your money is sent.",
    ),
    (_E.RETURN_SETTLED, _T): Words(
        "The return is settled",
        "The return is settled: the customer gets {refund} back and {release} is released to you, "
        "less our fee.",
    ),
}

REASONS_ON_THE_WAY: Mapping[str, str] = {
    HandoverObstacle.RECIPIENT_ABSENT: "nobody was there",
    HandoverObstacle.RECIPIENT_REFUSES: "the recipient did not want it",
    HandoverObstacle.WRONG_ADDRESS: "the address is wrong",
    HandoverObstacle.PARCEL_DAMAGED: "the parcel is damaged",
    UndeliverableAction.NEIGHBOUR: "with a neighbour",
    UndeliverableAction.SAFE_PLACE: "at a safe place",
}
"""What `{reason}` says in these messages."""
