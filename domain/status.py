"""Where a delivery, its held payment and its dispute stand, and the table of legal moves."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar


class DeliveryStatus(StrEnum):
    """Stage of a delivery as its parties see it."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    PAYMENT_DUE = "payment_due"
    SCHEDULED = "scheduled"
    AWAITING_PICKUP = "awaiting_pickup"
    CAPTURING = "capturing"
    IN_TRANSIT = "in_transit"
    ARRIVED = "arrived"
    DELIVERED = "delivered"
    RETURNING = "returning"
    RETURNED = "returned"
    DISPUTED = "disputed"
    RELEASING = "releasing"
    SETTLING = "settling"
    REFUNDING = "refunding"
    PAYING_OUT = "paying_out"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUNDED = "refunded"
    SETTLED = "settled"
    CHARGED_BACK = "charged_back"


class EscrowStatus(StrEnum):
    """State of the held payment."""

    NONE = "none"
    HOLDING = "holding"
    SAVED = "saved"
    AUTHORISED = "authorised"
    CAPTURING = "capturing"
    VOIDING = "voiding"
    VOIDED = "voided"
    HELD = "held"
    RELEASING = "releasing"
    RELEASED = "released"
    REFUNDING = "refunding"
    REFUNDED = "refunded"
    SPLITTING = "splitting"
    SPLIT = "split"
    CHARGED_BACK = "charged_back"


class DisputeStatus(StrEnum):
    """State of the dispute about a delivery."""

    NONE = "none"
    OPEN = "open"
    DECIDED = "decided"


class OfferStatus(StrEnum):
    """State of one traveler's offer."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


S = TypeVar("S", bound=StrEnum)

_D = DeliveryStatus
_E = EscrowStatus

DELIVERY_MOVES: Mapping[DeliveryStatus, frozenset[DeliveryStatus]] = {
    _D.REQUESTED: frozenset({_D.ACCEPTED, _D.CANCELLED, _D.EXPIRED}),
    _D.ACCEPTED: frozenset({_D.AWAITING_PICKUP, _D.SCHEDULED, _D.PAYMENT_DUE}),
    _D.PAYMENT_DUE: frozenset(
        {_D.REQUESTED, _D.ACCEPTED, _D.AWAITING_PICKUP, _D.SCHEDULED, _D.CANCELLED}
    ),
    _D.SCHEDULED: frozenset({_D.REQUESTED, _D.ACCEPTED, _D.PAYMENT_DUE, _D.CANCELLED}),
    _D.AWAITING_PICKUP: frozenset(
        {_D.CAPTURING, _D.IN_TRANSIT, _D.DISPUTED, _D.REFUNDING, _D.SETTLING}
    ),
    _D.CAPTURING: frozenset({_D.AWAITING_PICKUP, _D.PAYMENT_DUE}),
    _D.IN_TRANSIT: frozenset(
        {_D.AWAITING_PICKUP, _D.ARRIVED, _D.DELIVERED, _D.RETURNING, _D.DISPUTED}
    ),
    _D.ARRIVED: frozenset({_D.AWAITING_PICKUP, _D.DELIVERED, _D.RETURNING, _D.DISPUTED}),
    _D.RETURNING: frozenset({_D.RETURNED, _D.DISPUTED}),
    _D.RETURNED: frozenset({_D.SETTLING, _D.REFUNDING, _D.DISPUTED}),
    _D.DELIVERED: frozenset({_D.IN_TRANSIT, _D.ARRIVED, _D.RELEASING, _D.DISPUTED}),
    _D.DISPUTED: frozenset({_D.RELEASING, _D.REFUNDING, _D.SETTLING}),
    _D.RELEASING: frozenset({_D.PAYING_OUT, _D.CHARGED_BACK}),
    _D.SETTLING: frozenset({_D.PAYING_OUT, _D.CHARGED_BACK}),
    _D.PAYING_OUT: frozenset({_D.COMPLETED, _D.SETTLED, _D.CANCELLED}),
    _D.REFUNDING: frozenset({_D.REQUESTED, _D.CANCELLED, _D.REFUNDED, _D.CHARGED_BACK}),
    _D.COMPLETED: frozenset(),
    _D.CANCELLED: frozenset(),
    _D.EXPIRED: frozenset(),
    _D.REFUNDED: frozenset(),
    _D.SETTLED: frozenset(),
    _D.CHARGED_BACK: frozenset(),
}
"""The only moves a delivery can make; a status with no move is closed."""

ESCROW_MOVES: Mapping[EscrowStatus, frozenset[EscrowStatus]] = {
    _E.NONE: frozenset({_E.HOLDING}),
    _E.HOLDING: frozenset({_E.HELD, _E.AUTHORISED, _E.SAVED, _E.NONE}),
    _E.SAVED: frozenset({_E.HOLDING, _E.NONE}),
    _E.AUTHORISED: frozenset({_E.CAPTURING, _E.VOIDING}),
    _E.CAPTURING: frozenset({_E.HELD, _E.NONE}),
    _E.VOIDING: frozenset({_E.VOIDED, _E.NONE}),
    _E.VOIDED: frozenset(),
    _E.HELD: frozenset({_E.RELEASING, _E.REFUNDING, _E.SPLITTING}),
    _E.RELEASING: frozenset({_E.RELEASED, _E.CHARGED_BACK}),
    _E.REFUNDING: frozenset({_E.REFUNDED, _E.CHARGED_BACK, _E.NONE}),
    _E.SPLITTING: frozenset({_E.SPLIT, _E.CHARGED_BACK}),
    _E.RELEASED: frozenset(),
    _E.REFUNDED: frozenset(),
    _E.SPLIT: frozenset(),
    _E.CHARGED_BACK: frozenset(),
}
"""Invariant I3: a held payment has at most one terminal outcome, and no way from one to another.

A payment that went back whole because its traveler had left makes room for the next one: the delivery
is then open again, and holds nothing.
"""

ENDED: frozenset[EscrowStatus] = frozenset(s for s, next_ in ESCROW_MOVES.items() if not next_)
"""The outcomes of a held payment."""

DISPUTE_MOVES: Mapping[DisputeStatus, frozenset[DisputeStatus]] = {
    DisputeStatus.NONE: frozenset({DisputeStatus.OPEN}),
    DisputeStatus.OPEN: frozenset({DisputeStatus.DECIDED}),
    DisputeStatus.DECIDED: frozenset(),
}

CLOSED: frozenset[DeliveryStatus] = frozenset(s for s, next_ in DELIVERY_MOVES.items() if not next_)
"""Statuses that end a delivery."""

BEFORE_PICKUP: frozenset[DeliveryStatus] = frozenset(
    {
        _D.REQUESTED,
        _D.ACCEPTED,
        _D.PAYMENT_DUE,
        _D.SCHEDULED,
        _D.AWAITING_PICKUP,
        _D.CAPTURING,
    }
)
"""Statuses in which the parcel is still with its sender."""

IN_CUSTODY: frozenset[DeliveryStatus] = frozenset({_D.IN_TRANSIT, _D.ARRIVED})
"""Statuses in which the traveler carries the parcel to its recipient."""

WITH_TRAVELER: frozenset[DeliveryStatus] = IN_CUSTODY | {_D.RETURNING}
"""Statuses in which the parcel is with the traveler, on its way or on its way back."""


class IllegalMove(Exception):
    """A status was asked to make a move that its table does not hold: a fault of ours."""


def require_move(moves: Mapping[S, frozenset[S]], old: S, new: S) -> None:
    """Check one move against its table; staying put is always legal.

    Raises:
        IllegalMove: the table does not hold the move.
    """
    if old != new and new not in moves[old]:
        raise IllegalMove(f"{old} cannot become {new}")
