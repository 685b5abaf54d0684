"""What people are told of a parcel that cannot be handed over, and of its way back."""

from __future__ import annotations

from collections.abc import Mapping

from domain.contracts import Role
from domain.journey.terms import HandoverObstacle, UndeliverableAction
from domain.transitions import EventKind
from domain.words.form import Words

_C, _S, _R, _T = Role.CUSTOMER, Role.SENDER, Role.RECIPIENT, Role.TRAVELER
_E = EventKind

UNDELIVERED_WORDS: Mapping[tuple[EventKind, Role], Words] = {
    (_E.TRAVELER_NUDGED, _T): Words(
        "Is everything all right?",
        "We have heard nothing of your parcel for a while. Open Sendalong so that your position comes "
        "in, or check in there {by}. After that we tell the customer.",
    ),
    (_E.TRAVELER_URGED, _T): Words(
        "Please answer at once",
        "We still hear nothing of the parcel you carry, and the customer knows it now. Check in at "
        "Sendalong {by}; otherwise support looks for the parcel.",
    ),
    (_E.TRAVELER_URGED, _C): Words(
        "We are looking for your traveler",
        "We have heard nothing of your parcel's traveler for a while and asked for an answer {by}. "
        "You need not do anything: your {price} stays held.",
    ),
    (_E.TRAVELER_MISSING, _T): Words(
        "Support looks for you",
        "You did not answer, so support looks for you and the parcel. Check in at Sendalong. If the "
        "parcel is not handed over {by}, it comes to a dispute about your pay.",
    ),
    (_E.TRAVELER_MISSING, _C): Words(
        "Support looks for your parcel",
        "Your parcel's traveler does not answer, so support looks for it. If it is not handed over "
        "{by}, an agent decides about the payment. Your {price} stays held.",
    ),
    (_E.TRAVELER_HEARD, _C): Words(
        "Your traveler is back",
        "We heard of your parcel's traveler again, and your parcel is on its way. It should be handed "
        "over {by}. There is nothing left to do.",
    ),
    (_E.HANDOVER_DUE_SOON, _T): Words(
        "Please hand the parcel over soon",
        "The parcel you carry has to be handed over {by}. If you are late, tell the recipient; after "
        "that support looks into it and your pay waits.",
    ),
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
