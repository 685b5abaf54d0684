"""Search attributes of the workflows: ids, enums, figures and times only, never personal data.

SQL visibility allows ten attributes of type Keyword and three of each other type.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from domain.contracts import DeliveryOrder, Standing
from domain.deadlines import DeadlineKind

_OF_HOLDS = frozenset({DeadlineKind.HOLD, DeadlineKind.SOS})


class AttributeType(StrEnum):
    """Types of search attributes, as Temporal names them."""

    KEYWORD = "Keyword"
    BOOL = "Bool"
    INT = "Int"
    DATETIME = "Datetime"


class Attribute(StrEnum):
    """Names of the search attributes."""

    DELIVERY_STATUS = "DeliveryStatus"
    ESCROW_STATUS = "EscrowStatus"
    DISPUTE_STATUS = "DisputeStatus"
    CUSTOMER_ID = "CustomerId"
    TRAVELER_ID = "TravelerId"
    CURRENCY = "Currency"
    NEEDS_ATTENTION = "NeedsAttention"
    AMOUNT_MINOR = "AmountMinor"
    NEXT_DEADLINE = "NextDeadline"
    ON_HOLD = "OnHold"


ATTRIBUTE_TYPES: dict[Attribute, AttributeType] = {
    Attribute.DELIVERY_STATUS: AttributeType.KEYWORD,
    Attribute.ESCROW_STATUS: AttributeType.KEYWORD,
    Attribute.DISPUTE_STATUS: AttributeType.KEYWORD,
    Attribute.CUSTOMER_ID: AttributeType.KEYWORD,
    Attribute.TRAVELER_ID: AttributeType.KEYWORD,
    Attribute.CURRENCY: AttributeType.KEYWORD,
    Attribute.NEEDS_ATTENTION: AttributeType.BOOL,
    Attribute.AMOUNT_MINOR: AttributeType.INT,
    Attribute.NEXT_DEADLINE: AttributeType.DATETIME,
    Attribute.ON_HOLD: AttributeType.BOOL,
}
"""Every attribute that is registered, with its type."""


def attribute_values(
    order: DeliveryOrder, standing: Standing
) -> dict[Attribute, str | int | bool | datetime | None]:
    """Return the search attributes of a delivery; none means that the attribute is not set."""
    return {
        Attribute.DELIVERY_STATUS: standing.status,
        Attribute.ESCROW_STATUS: standing.escrow,
        Attribute.DISPUTE_STATUS: standing.dispute,
        Attribute.CUSTOMER_ID: order.customer_id,
        Attribute.TRAVELER_ID: standing.traveler_id,
        Attribute.CURRENCY: order.currency,
        Attribute.NEEDS_ATTENTION: standing.attention is not None,
        Attribute.AMOUNT_MINOR: standing.price.amount_minor if standing.price else None,
        Attribute.NEXT_DEADLINE: standing.deadline_at,
        # Not set otherwise: an attribute that is never written costs no history.
        Attribute.ON_HOLD: True if standing.deadline_kind in _OF_HOLDS else None,
    }


class TaskQueue(StrEnum):
    """Task queues; each can be rate-limited, paused and scaled by itself."""

    SAGAS = "sendalong"
    """Workflows and the local activities that write transitions."""
    PAYMENTS = "sendalong-payments"
    """Calls of the payment provider."""
    NOTIFICATIONS = "sendalong-notifications"
    """Messages to people."""
    WEBHOOKS = "sendalong-webhooks"
    """News of payment providers, handed on to those whom it concerns."""
    RECONCILIATION = "sendalong-reconciliation"
    """The provider's statement, read and compared; it must not take places from money that moves."""
    ROBO = "sendalong-robo"
    """Robots that play scenarios in sandbox mode, for minutes each."""
