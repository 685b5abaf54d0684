"""What people are told of a scan that was made without network and is in doubt."""

from __future__ import annotations

from collections.abc import Mapping

from domain.contracts import Role
from domain.transitions import EventKind
from domain.words.form import Words

_IN_REVIEW = Words(
    "A scan is being checked",
    "A scan that was made without network has come in, and our staff check it before the parcel counts "
    "as handed on. No money moves meanwhile. We tell you what comes of it.",
)
_REFUSED = Words(
    "A scan does not count",
    "Our staff have checked the scan that was made without network: it does not count. Your delivery "
    "goes on as if it had not been made.",
)

OFFLINE_WORDS: Mapping[tuple[EventKind, Role], Words] = {
    (EventKind.CLAIM_IN_REVIEW, role): _IN_REVIEW for role in (Role.CUSTOMER, Role.TRAVELER)
} | {(EventKind.CLAIM_REFUSED, role): _REFUSED for role in (Role.CUSTOMER, Role.TRAVELER)}
