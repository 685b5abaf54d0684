"""What may become of a delivery, and in which statuses each of these stories may end."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from domain.status import DeliveryStatus


class Story(StrEnum):
    """What people mean to do with one delivery."""

    CONFIRMED = "confirmed by the customer"
    UNDISPUTED = "the dispute window runs out"
    PHONES = "rotating codes, scanned by phones"
    CANCELLED_BY_CUSTOMER = "cancelled by the customer"
    NOT_COLLECTED = "never collected"
    DECLINED_FIRST = "declined, then another method"
    SLOW_BANK = "the bank takes its time"
    SPLIT = "disputed, split"
    ACCOUNT_LATER = "the traveler's account comes later"
    RESERVED = "reserved, captured at pickup"
    CANCELLED_BY_TRAVELER = "cancelled by the traveler"
    REFUNDED = "disputed, refunded"
    RELEASED = "disputed, released"
    SAVED = "saved, charged later"
    UNWANTED = "nobody offers"


_S, _D = Story, DeliveryStatus

EXITS: Mapping[Story, frozenset[DeliveryStatus]] = {
    _S.CONFIRMED: frozenset({_D.COMPLETED}),
    _S.UNDISPUTED: frozenset({_D.COMPLETED}),
    _S.PHONES: frozenset({_D.COMPLETED}),
    _S.CANCELLED_BY_CUSTOMER: frozenset({_D.CANCELLED}),
    _S.NOT_COLLECTED: frozenset({_D.CANCELLED}),
    _S.DECLINED_FIRST: frozenset({_D.COMPLETED}),
    _S.SLOW_BANK: frozenset({_D.COMPLETED}),
    _S.SPLIT: frozenset({_D.SETTLED}),
    _S.ACCOUNT_LATER: frozenset({_D.COMPLETED}),
    _S.RESERVED: frozenset({_D.COMPLETED}),
    _S.CANCELLED_BY_TRAVELER: frozenset({_D.CANCELLED}),
    _S.REFUNDED: frozenset({_D.REFUNDED}),
    _S.RELEASED: frozenset({_D.COMPLETED}),
    _S.SAVED: frozenset({_D.COMPLETED}),
    _S.UNWANTED: frozenset({_D.EXPIRED}),
}
"""Where a story ends when everybody comes in time."""

LATE_EXITS: Mapping[Story, frozenset[DeliveryStatus]] = {
    **dict.fromkeys((_S.SPLIT, _S.REFUNDED), frozenset({_D.COMPLETED})),
}
"""Where it may end besides, when the platform was away for longer than a clock of people's own."""

OVERDUE_EXIT = _D.REFUNDED
"""Where a delivery ends whose recipient got no code: an agent refunds what was never handed over."""

DISPUTED = frozenset({_S.SPLIT, _S.REFUNDED, _S.RELEASED})
"""Stories with a dispute that the customer opens."""
