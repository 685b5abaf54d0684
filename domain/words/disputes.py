"""What the sides and the agents are told on the ladder of a dispute."""

from __future__ import annotations

from collections.abc import Mapping

from domain.contracts import Role
from domain.transitions import EventKind
from domain.words.form import Words

_C, _R, _T, _A = Role.CUSTOMER, Role.RECIPIENT, Role.TRAVELER, Role.AGENT
_E = EventKind

_AGENT_CALLED = Words(
    "Support decides your dispute",
    "You found no agreement, so support decides your dispute {by}. Until then {price} stays held; "
    "you can still add evidence and messages, or agree, in Sendalong.",
)
_YOUR_DISPUTE = Words(
    "A dispute is yours",
    "A dispute over {price} waits for your verdict {by}. Look at the evidence of both sides in "
    "Sendalong before you decide.",
)
_UNANSWERED = Words(
    "Support decides your dispute",
    "The other side did not answer in time, so support decides the dispute {by}. Until then {price} "
    "stays held, and both sides can add evidence and messages in Sendalong.",
)
_CONTESTED = Words(
    "The dispute is contested",
    "The other side does not agree. You have time {by} to settle it among yourselves: make a "
    "proposal in Sendalong, or accept one. After that support decides; {price} stays held.",
)
_ASKED = Words(
    "Support has a question",
    "Support has a question about your dispute. Please reply in Sendalong {by}; after that support "
    "decides without your reply.",
)
_AGREED = Words(
    "Your dispute is settled",
    "You have agreed: {refund} goes back to the customer and {release} is released on the "
    "traveler's side, less our fee. There is nothing left to do.",
)
_FIRST_VERDICT = Words(
    "Your dispute is decided",
    "The dispute is decided: {refund} for the customer, {release} on the traveler's side. With new "
    "evidence you can appeal in Sendalong {by}; otherwise it is final.",
)
_APPEALED = Words(
    "The decision is reviewed",
    "One side has new evidence, so somebody else in support reviews the decision {by}. Until then "
    "{price} stays held; you can add evidence and messages in Sendalong.",
)
_STANDS = Words(
    "Your dispute is closed",
    "The decision is final: {refund} goes back to the customer and {release} is released on the "
    "traveler's side, less our fee. There is nothing left to do.",
)
_PROPOSED = Words(
    "A proposal in your dispute",
    "The other side proposes {refund} for the customer and {release} on the traveler's side. Accept "
    "it in Sendalong {by} or propose something else; after that support goes on.",
)
_REMINDED = Words(
    "Your dispute waits for you",
    "Please look at your dispute in Sendalong: you have time {by} to do what is asked of you there. "
    "After that it goes on without you; {price} stays held until it is settled.",
)

DISPUTE_WORDS: Mapping[tuple[EventKind, Role], Words] = {
    (_E.DISPUTE_CONTESTED, _C): _CONTESTED,
    (_E.DISPUTE_CONTESTED, _T): _CONTESTED,
    (_E.DISPUTE_UNANSWERED, _C): _UNANSWERED,
    (_E.DISPUTE_UNANSWERED, _T): _UNANSWERED,
    (_E.DISPUTE_UNANSWERED, _A): _YOUR_DISPUTE,
    (_E.PROPOSAL_MADE, _C): _PROPOSED,
    (_E.PROPOSAL_MADE, _T): _PROPOSED,
    (_E.AGENT_CALLED, _C): _AGENT_CALLED,
    (_E.AGENT_CALLED, _T): _AGENT_CALLED,
    (_E.AGENT_CALLED, _A): _YOUR_DISPUTE,
    (_E.SIDE_ASKED, _C): _ASKED,
    (_E.SIDE_ASKED, _T): _ASKED,
    (_E.SIDE_REPLIED, _A): Words(
        "Your question was answered",
        "The side that you asked has replied. Your clock goes on: please decide the dispute {by}.",
    ),
    (_E.DISPUTE_AGREED, _C): _AGREED,
    (_E.DISPUTE_AGREED, _T): _AGREED,
    (_E.FIRST_VERDICT_GIVEN, _C): _FIRST_VERDICT,
    (_E.FIRST_VERDICT_GIVEN, _T): _FIRST_VERDICT,
    (_E.VERDICT_APPEALED, _C): _APPEALED,
    (_E.VERDICT_APPEALED, _T): _APPEALED,
    (_E.VERDICT_APPEALED, _A): Words(
        "A verdict is yours to review",
        "A verdict over {price} was appealed with new evidence and waits for your review {by}; "
        "otherwise it stands as it is.",
    ),
    (_E.VERDICT_STANDS, _C): _STANDS,
    (_E.VERDICT_STANDS, _T): _STANDS,
    (_E.DISPUTE_REMINDED, _C): _REMINDED,
    (_E.DISPUTE_REMINDED, _T): _REMINDED,
    (_E.DISPUTE_REMINDED, _A): Words(
        "A dispute waits for you",
        "Your dispute over {price} is due {by}. Please decide it, or ask a side what you still need "
        "to know: your clock stands still until the reply.",
    ),
    (_E.HANDED_OVER_LATE, _C): Words(
        "The parcel has arrived",
        "The parcel was handed over after all, while its dispute is open. That counts as proof of "
        "the handover. If something is wrong with it, say so in the dispute {by}.",
    ),
    (_E.HANDED_OVER_LATE, _R): Words(
        "The parcel was handed over",
        "Your code was accepted: the parcel counts as handed over to you, although its dispute is "
        "still open. Tell support in Sendalong if you do not have it.",
    ),
}
