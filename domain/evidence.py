"""What a bank is told about a delivery when its payment is disputed."""

from __future__ import annotations

from dataclasses import dataclass

TEXT_LENGTH_MAX = 20_000
"""Characters of one text of evidence: no provider takes many times more of all of them together."""


@dataclass(frozen=True, slots=True)
class DisputeEvidence:
    """What the platform knows about a delivery, in the fields that banks read."""

    product_description: str = ""
    """What was carried for whom."""
    service_date: str = ""
    """When it was handed over, as an ISO date."""
    service_documentation: str = ""
    """The provider's id of an uploaded file that proves the service."""
    shipping_carrier: str = ""
    """Who carried it; no name of a person is needed."""
    shipping_tracking_number: str = ""
    """The delivery's id."""
    shipping_date: str = ""
    """When it was picked up, as an ISO date."""
    shipping_documentation: str = ""
    """The provider's id of an uploaded file that proves the handover."""
    cancellation_policy_disclosure: str = ""
    """How the customer was told of the terms."""
    uncategorized_text: str = ""
    """Everything else: scans, positions, messages."""
