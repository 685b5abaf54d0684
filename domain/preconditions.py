"""What somebody has seen of a delivery or an offer when they sent a command about it.

It travels in the id of the Update, which is all that a workflow is told of a request besides the
command itself. A request that names what it has seen is another request than one which does not, so
the id stays what it is for: the same request has the same id.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.errors import Refusal, RefusalCode
from domain.ids import OfferId

_CONDITIONAL = re.compile(r"[0-9a-f]{64}\.([0-9]{1,9})(?:\.([0-9a-f-]{36}))?")


@dataclass(frozen=True, slots=True)
class Seen:
    """The state that a command is meant for."""

    sequence: int
    """Number of the latest event of the delivery, or of the latest change of the offer."""
    offer_id: OfferId | None = None
    """The offer, when it is about one; otherwise it is about the delivery."""


def conditional_id(update_id: str, seen: Seen | None) -> str:
    """Return the id of an Update that is carried out only while what was seen is still so."""
    if seen is None:
        return update_id
    parts = (update_id, str(seen.sequence), *([seen.offer_id] if seen.offer_id else []))
    return ".".join(parts)


def seen_in(update_id: str) -> Seen | None:
    """Return what the sender of an Update has seen, or none when they did not say."""
    found = _CONDITIONAL.fullmatch(update_id)
    if found is None:
        return None
    return Seen(int(found[1]), OfferId(found[2]) if found[2] else None)


def require_unchanged(seen: Seen, sequence: int | None) -> None:
    """Check that what was seen is still so.

    Raises:
        Refusal: `delivery_changed` or `offer_changed`.
    """
    if sequence != seen.sequence:
        raise changed(seen)


def changed(seen: Seen) -> Refusal:
    """Return the refusal of a command that was meant for another state."""
    if seen.offer_id is None:
        code, what = RefusalCode.DELIVERY_CHANGED, "delivery"
    else:
        code, what = RefusalCode.OFFER_CHANGED, "offer"
    return Refusal(code, f"The {what} has changed since you looked at it.")
