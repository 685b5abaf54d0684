"""What the database says about the asking person and the delivery, typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self

from domain.contracts import Role, Standing
from domain.identity.roles import INSIDERS, PARTIES, STAFF, Relation, staff_relations
from domain.ids import DeliveryId, DisputeId, OfferId, PersonId
from domain.money import Money
from domain.status import CLOSED, DeliveryStatus

__all__ = [
    "INSIDERS",
    "PARTIES",
    "STAFF",
    "Asker",
    "DeliveryRow",
    "OfferRow",
    "Relation",
    "Sight",
    "offer_tag",
    "relations_of",
]

CLOSED_TO_OUTSIDERS = "closed"
"""What a traveler whose offer was not taken sees instead of the status of others' delivery."""


@dataclass(frozen=True, slots=True)
class Asker:
    """The person whose token came with the request."""

    person_id: PersonId
    roles: frozenset[str]
    payout_account: str | None
    """The person's account at the payment provider."""


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A parcel and where its delivery stands."""

    delivery_id: DeliveryId
    customer_id: PersonId
    sender_id: PersonId
    recipient_id: PersonId | None
    recipient_name: str
    recipient_phone: str | None
    recipient_email: str | None
    description: str
    weight_grams: int
    declared_value_minor: int | None
    currency: str
    pickup_address: str
    pickup_latitude: float
    pickup_longitude: float
    destination_address: str
    destination_latitude: float
    destination_longitude: float
    suggested_price_minor: int
    request_expires_at: datetime
    pickup_by: datetime | None
    deliver_by: datetime | None
    undeliverable_action: str | None
    """What the customer wants done when it cannot be handed over; none if never asked."""
    proof_level: str
    """How much proof its handovers need."""
    created_at: datetime
    traveler_id: PersonId | None
    status: str
    escrow: str
    dispute: str
    dispute_id: DisputeId | None
    price_minor: int | None
    deadline_kind: str | None
    deadline_at: datetime | None
    attention: str | None
    is_offering: bool
    """Whether the asking person has made an offer."""
    head_sequence: int
    """Number of the latest event."""
    held_since: datetime | None = None
    """When a hold was placed that somebody has called for help in; none for every other one."""

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        """Return the delivery in a row that has a column for every field."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})

    @property
    def standing(self) -> Standing:
        """Where the delivery stands."""
        price = self.price_minor
        return Standing(
            status=self.status,
            escrow=self.escrow,
            dispute=self.dispute,
            traveler_id=self.traveler_id,
            price=Money(price, self.currency) if price is not None else None,
            deadline_kind=self.deadline_kind,
            deadline_at=self.deadline_at,
            dispute_id=self.dispute_id,
            attention=self.attention,
        )

    @property
    def is_closed(self) -> bool:
        """Whether nothing can happen to the delivery any more."""
        return DeliveryStatus(self.status) in CLOSED


@dataclass(frozen=True, slots=True)
class OfferRow:
    """An offer, with what is needed to accept it."""

    offer_id: OfferId
    traveler_id: PersonId
    status: str
    price_minor: int
    proposed_by: str
    payout_account: str | None
    """The traveler's account at the payment provider."""
    sequence: int | None = None
    """Number of its latest change; none while that is not known."""


def offer_tag(sequence: int) -> str:
    """Return the entity tag of an offer by the number of its latest change."""
    return f'"{sequence}"'


@dataclass(frozen=True, slots=True)
class Sight:
    """A delivery as one person comes to it."""

    asker: Asker
    delivery: DeliveryRow

    @property
    def relations(self) -> frozenset[Relation]:
        """What the person is to the delivery; never empty, for strangers are turned away."""
        return relations_of(self.asker, self.delivery)

    @property
    def known_status(self) -> str:
        """Where the delivery stands, as far as the person may know."""
        return self.shown(self.delivery.status)

    def shown(self, status: str) -> str:
        """Return a status as the person may know it: outsiders learn that the request is closed."""
        is_open = status == DeliveryStatus.REQUESTED
        return status if is_open or self.relations & INSIDERS else CLOSED_TO_OUTSIDERS


def relations_of(asker: Asker, delivery: DeliveryRow) -> frozenset[Relation]:
    """Return everything a person is to a delivery."""
    requested = delivery.status == DeliveryStatus.REQUESTED
    held = {
        Relation.CUSTOMER: delivery.customer_id == asker.person_id,
        Relation.SENDER: delivery.sender_id == asker.person_id,
        Relation.RECIPIENT: delivery.recipient_id == asker.person_id,
        Relation.TRAVELER: delivery.traveler_id == asker.person_id,
        Relation.OFFERING: delivery.is_offering and delivery.traveler_id != asker.person_id,
        Relation.BROWSING: requested and Role.TRAVELER in asker.roles,
    }
    own = frozenset(relation for relation, is_held in held.items() if is_held)
    return own | staff_relations(asker.roles)
