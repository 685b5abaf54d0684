"""The words of every message: short, plain, saying what happens next and by when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.contracts import DisputeReason, Role
from domain.messages import Parameter
from domain.transitions import EventKind
from domain.words import OVERRIDE_REASONS, REASONS_ON_THE_WAY, VERDICT_WORDS, WORDS, Words

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
    words = words or WORDS.get((kind, audience))
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
    DisputeReason.LOST: "the parcel is lost",
    DisputeReason.STOLEN: "the parcel was stolen",
    DisputeReason.OTHER: "something else went wrong",
    DisputeReason.HANDOVER_OVERDUE: "the handover is overdue",
    DisputeReason.STOPPED_BY_OPERATOR: "our staff stopped the delivery",
    DisputeReason.HANDOVER_FAILED: "the parcel could not be handed over",
    DisputeReason.RETURN_OVERDUE: "the parcel did not come back in time",
    DisputeReason.NO_SHOW_CONTESTED: "who came to the pickup is contested",
    **REASONS_ON_THE_WAY,
    **OVERRIDE_REASONS,
}


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


def _verdict_words(audience: Role, parameters: Mapping[str, str]) -> Words | None:
    return VERDICT_WORDS.get((parameters.get(Parameter.OUTCOME, ""), audience))
