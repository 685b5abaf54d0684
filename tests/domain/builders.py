"""Deliveries, people and amounts for the tests of the rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import strategies as st

from domain.contracts import PLATFORM, Actor, DeliveryOrder, Role, Standing
from domain.errors import Refusal, RefusalCode
from domain.ids import DeliveryId, DisputeId, OfferId, PersonId
from domain.lifecycle import DeliveryState
from domain.money import AMOUNT_MINOR_MAX, MINOR_DIGITS, Money
from domain.policies import Policies
from domain.status import CLOSED, DeliveryStatus, DisputeStatus, EscrowStatus, OfferStatus
from domain.transitions import OfferChange

DELIVERY = DeliveryId("0199a1b2-0000-7000-8000-0000003f9a2c")
OTHER_DELIVERY = DeliveryId("0199a1b2-0000-7000-8000-0000003f9a2d")
DISPUTE = DisputeId("0199a1b2-0000-7000-8000-00000000d15e")
OFFER = OfferId("offer-1")
NOW = datetime(2026, 10, 7, 12, tzinfo=UTC)
PRICE = Money(4_200, "EUR")

CUSTOMER = Actor(Role.CUSTOMER, PersonId("customer"))
SENDER = Actor(Role.SENDER, PersonId("sender"))
RECIPIENT = Actor(Role.RECIPIENT, PersonId("recipient"))
TRAVELER = Actor(Role.TRAVELER, PersonId("traveler"))
OTHER_TRAVELER = Actor(Role.TRAVELER, PersonId("other-traveler"))
STRANGER = Actor(Role.CUSTOMER, PersonId("stranger"))
AGENT = Actor(Role.AGENT, PersonId("agent"))
OPERATOR = Actor(Role.OPERATOR)
EVERYBODY: Mapping[str, Actor] = {
    "customer": CUSTOMER,
    "sender": SENDER,
    "recipient": RECIPIENT,
    "traveler": TRAVELER,
    "other traveler": OTHER_TRAVELER,
    "stranger": STRANGER,
    "agent": AGENT,
    "operator": OPERATOR,
    "platform": PLATFORM,
}

ORDER = DeliveryOrder(
    delivery_id=DELIVERY,
    customer_id=PersonId("customer"),
    sender_id=PersonId("sender"),
    recipient_id=PersonId("recipient"),
    currency="EUR",
    request_expires_at=NOW,
    pickup_by=None,
    deliver_by=None,
    policies=Policies(),
)

_D, _E = DeliveryStatus, EscrowStatus
_ESCROW_AT: Mapping[DeliveryStatus, EscrowStatus] = {
    _D.ACCEPTED: _E.HOLDING,
    _D.AWAITING_PICKUP: _E.HELD,
    _D.IN_TRANSIT: _E.HELD,
    _D.ARRIVED: _E.HELD,
    _D.DELIVERED: _E.HELD,
    _D.RETURNING: _E.HELD,
    _D.RETURNED: _E.HELD,
    _D.DISPUTED: _E.HELD,
    _D.RELEASING: _E.RELEASING,
    _D.SETTLING: _E.SPLITTING,
    _D.REFUNDING: _E.REFUNDING,
    _D.PAYING_OUT: _E.RELEASED,
    _D.COMPLETED: _E.RELEASED,
    _D.REFUNDED: _E.REFUNDED,
    _D.SETTLED: _E.SPLIT,
}
_DISPUTE_AT: Mapping[DeliveryStatus, DisputeStatus] = {
    _D.DISPUTED: DisputeStatus.OPEN,
    _D.SETTLING: DisputeStatus.DECIDED,
    _D.REFUNDED: DisputeStatus.DECIDED,
    _D.SETTLED: DisputeStatus.DECIDED,
}


def standing_at(status: DeliveryStatus, dispute: DisputeStatus | None = None) -> Standing:
    """Return a standing that a delivery can have at a status, with an agreed price if it may."""
    agreed = status not in {_D.REQUESTED, _D.EXPIRED}
    return Standing(
        status=status,
        escrow=_ESCROW_AT.get(status, _E.NONE),
        dispute=dispute or _DISPUTE_AT.get(status, DisputeStatus.NONE),
        traveler_id=TRAVELER.person_id if agreed else None,
        price=PRICE if agreed else None,
    )


def state_at(status: DeliveryStatus, dispute: DisputeStatus | None = None) -> DeliveryState:
    """Return a delivery at a status, with one open offer of the traveler."""
    return DeliveryState(ORDER, standing_at(status, dispute), offers={OFFER: offer_of(TRAVELER)})


def offer_of(
    traveler: Actor, status: OfferStatus = OfferStatus.OPEN, proposed_by: Role = Role.TRAVELER
) -> OfferChange:
    """Return the traveler's offer of the usual price."""
    return OfferChange(OFFER, traveler.person_id or PersonId(""), status, PRICE, proposed_by)


def with_limits(state: DeliveryState, **limits: int) -> DeliveryState:
    """Return the same delivery opened under other limits."""
    policies = replace(ORDER.policies, limits=replace(ORDER.policies.limits, **limits))
    return replace(state, order=replace(state.order, policies=policies))


def refusal_of(
    check: Callable[..., object], *arguments: object, **named: object
) -> RefusalCode | None:
    """Return the code with which a check refuses, or none when it allows."""
    try:
        check(*arguments, **named)
    except Refusal as refusal:
        return refusal.code
    return None


def refusals_by_status(
    allowed: set[DeliveryStatus], special: Mapping[DeliveryStatus, RefusalCode] | None = None
) -> list[tuple[DeliveryStatus, RefusalCode | None]]:
    """Return the usual answer at every status: allowed, closed, or the wrong state."""
    table: dict[DeliveryStatus, RefusalCode | None] = dict.fromkeys(
        DeliveryStatus, RefusalCode.WRONG_STATE
    )
    table.update(dict.fromkeys(CLOSED, RefusalCode.DELIVERY_CLOSED))
    table.update(special or {})
    table.update(dict.fromkeys(allowed, None))
    return list(table.items())


currencies = st.sampled_from(sorted(MINOR_DIGITS))
amounts = st.integers(0, AMOUNT_MINOR_MAX)
payments = st.builds(Money, st.integers(1, AMOUNT_MINOR_MAX), currencies)
