"""Everything that is kept about a person, as they read it."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from api.models.types import Answer
from infra.exporting.document import FORMAT
from infra.exporting.sections import SECTIONS

Rows = list[dict[str, Any]]


class ExportView(Answer):
    """Your document: each section is a list, in the order in which things happened."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "format": FORMAT,
                    "person_id": "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21",
                    "made_at": "2026-05-01T09:30:00+00:00",
                    **{name: [] for name in SECTIONS},
                }
            ]
        }
    )

    format: str = Field(description="Name of this shape.")
    person_id: str
    made_at: str = Field(description="When it was made.")
    profile: Rows = Field(description="Who you are here: one row.")
    addresses: Rows = Field(description="Places that you keep.")
    sessions: Rows = Field(description="Devices that you were signed in on.")
    passkeys: Rows
    devices: Rows = Field(description="Devices that show and scan codes for you.")
    presences: Rows = Field(description="Where you have shown to be at a handover, by a passkey.")
    linked_accounts: Rows = Field(description="Providers that sign you in.")
    api_keys: Rows = Field(description="Keys of your programs, by name and beginning.")
    deliveries: Rows = Field(description="Deliveries that you have a part in, with what you gave.")
    offers: Rows = Field(description="Offers that you made.")
    positions: Rows = Field(description="Where you were while you carried a parcel.")
    messages_to_you: Rows = Field(description="What we sent you, when and where to.")
    messages_of_yours: Rows = Field(description="What you wrote in disputes.")
    evidence_of_yours: Rows = Field(description="What you gave as evidence.")
    proofs_of_yours: Rows = Field(description="What proves handovers, by you or about you.")
    scans_of_yours: Rows = Field(description="Scans that you tried, and what became of each.")
    offline_claims_of_yours: Rows = Field(
        description="Scans without network, as your phone has signed them."
    )
    reviews_of_yours: Rows = Field(description="What you wrote of others after a delivery.")
    strikes: Rows = Field(description="Deliveries that you gave back, or did not come to.")
    ledger: Rows = Field(description="Bookings on your accounts; a debit is above zero.")
    audit: Rows = Field(description="What happened to your account.")
