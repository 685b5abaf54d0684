"""The words of every message: short, plain, saying what happens next and by when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from domain.contracts import DisputeReason, Role
from domain.messages import Parameter
from domain.policies import VerdictOutcome
from domain.transitions import EventKind

SMS_CHARACTERS_MAX = 320
"""Longest text message: two or three parts of 153 characters, which phones show as one."""


class NoWords(LookupError):
    """There is no text for this event and audience."""


@dataclass(frozen=True, slots=True)
class RenderedText:
    """A message in words."""

    subject: str
    """Subject line; used by mail only."""
    body: str
    """Plain text in the basic character set of text messages, at most `SMS_CHARACTERS_MAX`."""


def render(
    kind: EventKind, audience: Role, parameters: Mapping[str, str], code_link: str = ""
) -> RenderedText:
    """Return the words of one message.

    Shape: a value that is missing is replaced by words that stay true without it.

    Raises:
        NoWords: nobody of this audience is told of this kind of event.
    """
    words = _verdict_words(audience, parameters) if kind is EventKind.VERDICT_GIVEN else None
    words = words or _WORDS.get((kind, audience))
    if words is None:
        raise NoWords(f"{kind} for {audience}")
    values = _values(parameters, audience, code_link)
    prefix = f"Sendalong {values['reference']}: "
    return RenderedText(
        prefix + words.subject.format_map(values), prefix + words.body.format_map(values)
    )


def moment(at: datetime) -> str:
    """Return a moment as people read it, for example `7 Oct 2026, 12:00 UTC`."""
    utc = at.astimezone(UTC)
    return f"{utc.day} {_MONTHS[utc.month - 1]} {utc.year}, {utc:%H:%M} UTC"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_CAUSES: Mapping[str, str] = {
    Role.CUSTOMER: "The customer cancelled",
    Role.TRAVELER: "The traveler cancelled",
    Role.AGENT: "Support cancelled",
    Role.OPERATOR: "Support cancelled",
    Role.PLATFORM: "A deadline passed",
}

_REASONS: Mapping[str, str] = {
    DisputeReason.DAMAGED: "the parcel is damaged",
    DisputeReason.MISSING_CONTENTS: "contents are missing",
    DisputeReason.WRONG_PARCEL: "it is the wrong parcel",
    DisputeReason.NOT_RECEIVED: "the parcel was not received",
    DisputeReason.OTHER: "something else went wrong",
    DisputeReason.HANDOVER_OVERDUE: "the handover is overdue",
    DisputeReason.STOPPED_BY_OPERATOR: "our staff stopped the delivery",
}


class _Words(NamedTuple):
    subject: str
    body: str


def _values(parameters: Mapping[str, str], audience: Role, code_link: str) -> dict[str, str]:
    due_at = parameters.get(Parameter.DUE_AT)
    cause = parameters.get(Parameter.CAUSE, "")
    return {
        "reference": parameters.get(Parameter.REFERENCE, ""),
        "price": parameters.get(Parameter.PRICE, "the agreed price"),
        "by": f"by {moment(datetime.fromisoformat(due_at))}" if due_at else "soon",
        "amount": parameters.get(Parameter.AMOUNT, "your money"),
        "refund": parameters.get(Parameter.REFUND, "part of the payment"),
        "release": parameters.get(Parameter.RELEASE, "the rest"),
        "reason": _REASONS.get(parameters.get(Parameter.REASON, ""), "something went wrong"),
        "cause": "You cancelled" if cause == audience else _CAUSES.get(cause, "It was cancelled"),
        "link": code_link or "(open Sendalong to see it)",
    }


def _verdict_words(audience: Role, parameters: Mapping[str, str]) -> _Words | None:
    return _VERDICT_WORDS.get((parameters.get(Parameter.OUTCOME, ""), audience))


_C, _S, _R, _T = Role.CUSTOMER, Role.SENDER, Role.RECIPIENT, Role.TRAVELER
_E = EventKind

_NOT_HELD_YET = _Words(
    "Please wait with the pickup",
    "The customer chose your offer of {price}, but the payment is not held yet. Please do not "
    "collect the parcel: you will hear from us {by}.",
)
_DISPUTED = _Words(
    "A dispute was opened",
    "A dispute was opened: {reason}. Support decides {by}. Until then {price} stays held, and you can "
    "add evidence and messages in Sendalong.",
)
_VERDICT_LATE = _Words(
    "The decision takes longer",
    "We are sorry: the decision about your dispute takes longer than promised. {price} stays held, "
    "and you will have the decision {by}.",
)

_WORDS: Mapping[tuple[EventKind, Role], _Words] = {
    (_E.OFFER_SUBMITTED, _C): _Words(
        "New offer of {price}",
        "A traveler offers to carry your parcel for {price}. Accept it or name another price {by}; "
        "otherwise your request ends and nothing is charged.",
    ),
    (_E.OFFER_COUNTERED, _C): _Words(
        "The traveler asks {price}",
        "The traveler now asks {price} for your parcel. Accept it or name another price {by}; "
        "otherwise your request ends and nothing is charged.",
    ),
    (_E.OFFER_COUNTERED, _T): _Words(
        "The customer proposes {price}",
        "The customer proposes {price} for your trip. To agree, send the same price back; or name "
        "another, or withdraw. The request ends if nothing is agreed {by}.",
    ),
    (_E.OFFER_WITHDRAWN, _C): _Words(
        "An offer was withdrawn",
        "A traveler took back the offer of {price}. Choose another offer {by}; otherwise your "
        "request ends and nothing is charged.",
    ),
    (_E.OFFER_ACCEPTED, _T): _Words(
        "The customer chose another traveler",
        "The customer chose another traveler, so your offer of {price} is closed. There is nothing "
        "left to do. Thank you for offering.",
    ),
    (_E.REQUEST_EXPIRED, _C): _Words(
        "Your request has ended",
        "No offer was accepted in time, so your request is closed. Nothing was charged. You can "
        "open a new request whenever you like.",
    ),
    (_E.REQUEST_EXPIRED, _T): _Words(
        "The request has ended",
        "The customer's request ended without a choice, so your offer of {price} is closed. There "
        "is nothing left to do.",
    ),
    (_E.PAYMENT_DECLINED, _C): _Words(
        "Your payment was declined",
        "Your payment of {price} was declined and nothing was charged. Give another payment method "
        "{by}, or the delivery is cancelled.",
    ),
    (_E.PAYMENT_DECLINED, _T): _NOT_HELD_YET,
    (_E.PAYMENT_UNSETTLED, _C): _Words(
        "Your payment is not complete",
        "Your payment of {price} is not complete. Your bank may ask you to approve it: please do "
        "so {by}, or the delivery is cancelled and nothing is charged.",
    ),
    (_E.PAYMENT_UNSETTLED, _T): _NOT_HELD_YET,
    (_E.PAYMENT_VOIDED, _C): _Words(
        "Your payment did not work",
        "Your payment of {price} did not work and you pay nothing for it. Give another payment "
        "method {by}, or the delivery is cancelled.",
    ),
    (_E.PAYMENT_HELD, _S): _Words(
        "Your code for the pickup",
        "{price} is held and a traveler will collect the parcel {by}. Show this code when you hand "
        "the parcel over, not before: {link}",
    ),
    (_E.PAYMENT_HELD, _C): _Words(
        "{price} is held",
        "Your payment of {price} is held and goes to the traveler only after the handover. The "
        "parcel is collected {by}; if nobody comes, you get all of it back.",
    ),
    (_E.PAYMENT_HELD, _T): _Words(
        "Your offer was accepted",
        "Your offer of {price} was accepted and the payment is held. Collect the parcel {by} and "
        "scan the sender's code; otherwise the delivery is cancelled.",
    ),
    (_E.PICKED_UP, _R): _Words(
        "A parcel is on its way to you",
        "A parcel for you is on its way and should be with you {by}. Show the traveler this code "
        "when you hold the parcel, not before: {link}",
    ),
    (_E.PICKED_UP, _C): _Words(
        "Your parcel was picked up",
        "The traveler has your parcel and must hand it over {by}. If that fails, support looks "
        "into it and your {price} stays held.",
    ),
    (_E.ARRIVED, _R): _Words(
        "Your parcel is close",
        "The traveler with your parcel is close. Show this code when you hold the parcel, not "
        "before: {link}",
    ),
    (_E.HANDED_OVER, _C): _Words(
        "Your parcel was handed over",
        "Your parcel was handed over. If all is well, confirm it in Sendalong. If not, open a "
        "dispute there {by}. After that {price} is released to the traveler.",
    ),
    (_E.RELEASED, _T): _Words(
        "Your payment is released",
        "The payment is released: {amount} is yours after our fee. We send it to your bank now and "
        "tell you when it is on its way.",
    ),
    (_E.RELEASED, _C): _Words(
        "Your delivery is complete",
        "Your delivery is complete and the {price} you paid was released. There is nothing left "
        "to do. Thank you.",
    ),
    (_E.PAID_OUT, _T): _Words(
        "Your money is on its way",
        "We sent {amount} to your bank. It arrives as fast as your bank allows, usually within a "
        "few days. There is nothing left to do.",
    ),
    (_E.PAYOUT_SKIPPED, _T): _Words(
        "We could not pay you yet",
        "We could not send {amount} to your bank. The money stays yours, and support will contact "
        "you about how to get it to you.",
    ),
    (_E.CANCELLED, _C): _Words(
        "Your delivery was cancelled",
        "{cause}, so your delivery is closed and you pay nothing. You can open a new request "
        "whenever you like.",
    ),
    (_E.CANCELLED, _T): _Words(
        "A delivery was cancelled",
        "{cause}, so this delivery is closed. Please do not collect the parcel. There is nothing "
        "left to do.",
    ),
    (_E.REFUND_STARTED, _C): _Words(
        "Your delivery was cancelled",
        "{cause}, so your delivery is cancelled. Your {price} goes back to you in full; we tell "
        "you when it is sent.",
    ),
    (_E.REFUND_STARTED, _S): _Words(
        "The pickup was cancelled",
        "{cause}, so nobody will collect the parcel. Please keep it, and do not show the pickup "
        "code to anyone.",
    ),
    (_E.REFUND_STARTED, _T): _Words(
        "A delivery was cancelled",
        "{cause}, so this delivery is cancelled. Please do not collect the parcel. There is "
        "nothing left to do.",
    ),
    (_E.REFUNDED, _C): _Words(
        "{price} was refunded",
        "We sent {price} back to you in full. Your bank usually shows it within ten days. There "
        "is nothing left to do.",
    ),
    (_E.SHARE_REFUNDED, _C): _Words(
        "Your refund was sent",
        "We sent {amount} back to you, as decided. Your bank usually shows it within ten days. "
        "There is nothing left to do.",
    ),
    (_E.DISPUTE_OPENED, _C): _DISPUTED,
    (_E.DISPUTE_OPENED, _T): _DISPUTED,
    (_E.VERDICT_OVERDUE, _C): _VERDICT_LATE,
    (_E.VERDICT_OVERDUE, _T): _VERDICT_LATE,
    (_E.VERDICT_GIVEN, _C): _Words(
        "Your dispute is decided",
        "The dispute is decided: you get {refund} back and {release} goes to the traveler's side. "
        "The reason is in the delivery's timeline.",
    ),
    (_E.VERDICT_GIVEN, _T): _Words(
        "Your dispute is decided",
        "The dispute is decided: the customer gets {refund} back and {release} is released to you, "
        "less our fee. The reason is in the delivery's timeline.",
    ),
}

_VERDICT_WORDS: Mapping[tuple[str, Role], _Words] = {
    (VerdictOutcome.RELEASE, _C): _Words(
        "Your dispute is decided",
        "The dispute is decided: {price} goes to the traveler's side and there is no refund. The "
        "reason is in the delivery's timeline.",
    ),
    (VerdictOutcome.RELEASE, _T): _Words(
        "Your dispute is decided",
        "The dispute is decided: {price} is released to you, less our fee. The reason is in the "
        "delivery's timeline.",
    ),
    (VerdictOutcome.REFUND, _C): _Words(
        "Your dispute is decided",
        "The dispute is decided: {price} goes back to you in full; we tell you when it is sent. "
        "The reason is in the delivery's timeline.",
    ),
    (VerdictOutcome.REFUND, _T): _Words(
        "Your dispute is decided",
        "The dispute is decided: {price} goes back to the customer and nothing is paid to you. "
        "The reason is in the delivery's timeline.",
    ),
}
"""A verdict that gives everything to one side names one amount; a split uses the general words."""
