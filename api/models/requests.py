"""Bodies of requests."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from api.models.types import (
    Accuracy,
    AmountMinor,
    Currency,
    Email,
    Id,
    Latitude,
    Line,
    Longitude,
    Moment,
    Phone,
    Remark,
    Request,
    Text,
    Token,
)
from api.models.wanted_proofs import WantedProofs
from domain.contracts import PLATFORM_REASONS, AttentionAction, DisputeReason
from domain.handover.levels import ProofLevel
from domain.journey.terms import UndeliverableAction
from domain.policies import VerdictOutcome

WEIGHT_GRAMS_MAX = 100_000
"""Heaviest parcel: a hundred kilograms is more than one person carries."""
REASON_CHARS_MAX = 500
NOTE_CHARS_MAX = 1_000


class PlaceIn(Request):
    """An address with its coordinates."""

    address: Line = Field(description="Address as a driver needs it.")
    latitude: Latitude = Field(description="Degrees north, WGS 84.")
    longitude: Longitude = Field(description="Degrees east, WGS 84.")


class RecipientIn(Request):
    """Who receives the parcel, and how to reach them."""

    name: Line
    phone: Phone | None = Field(None, description="As in E.164, for example +4915112345678.")
    email: Email | None = None
    person_id: Id | None = Field(None, description="The recipient's account, if they have one.")

    @model_validator(mode="after")
    def _require_a_way_to_reach_them(self) -> Self:
        if self.phone is None and self.email is None and self.person_id is None:
            raise ValueError(
                "Name a phone, an e-mail address or an account: the handover code goes there."
            )
        return self


class NewDelivery(Request):
    """A parcel that has to get from one place to another."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "description": "A guitar in a hard case",
                    "weight_grams": 6500,
                    "currency": "EUR",
                    "declared_value_minor": 90000,
                    "pickup": {
                        "address": "Kastanienallee 1, 10435 Berlin",
                        "latitude": 52.5401,
                        "longitude": 13.4105,
                    },
                    "destination": {
                        "address": "Sendlinger Straße 8, 80331 München",
                        "latitude": 48.1353,
                        "longitude": 11.5690,
                    },
                    "recipient": {"name": "Mara Lindt", "phone": "+4915112345678"},
                    "deliver_by": "2030-05-04T18:00:00Z",
                    "undeliverable_action": "neighbour",
                }
            ]
        }
    )

    description: Text
    weight_grams: Annotated[int, Field(gt=0, le=WEIGHT_GRAMS_MAX)]
    currency: Currency = Field(description="ISO 4217 code of every amount of the delivery.")
    declared_value_minor: Annotated[int, Field(ge=0)] | None = Field(
        None, description="What the contents are worth, in minor units."
    )
    pickup: PlaceIn
    destination: PlaceIn
    recipient: RecipientIn
    sender_id: Id | None = Field(
        None, description="Who hands the parcel over at pickup; you, unless named."
    )
    pickup_by: Moment | None = Field(None, description="Latest pickup.")
    deliver_by: Moment | None = Field(None, description="Latest handover.")
    undeliverable_action: Annotated[UndeliverableAction, Field(strict=False)] = Field(
        UndeliverableAction.RETURN,
        description="What is done when the parcel cannot be handed over: retry, neighbour or "
        "safe_place (it may be left there while the recipient is absent), or return.",
    )
    reopens: bool = Field(
        True,
        description="Whether to look for another traveler when the one you chose leaves before pickup.",
    )
    proof_level: Annotated[ProofLevel, Field(strict=False)] = Field(
        ProofLevel.STANDARD,
        description="How much proof its handovers need at least; its declared value may ask for more. "
        "The level maximum is for recipients with an account.",
    )
    proofs: WantedProofs | None = Field(
        None, description="What has to be proven besides the handover codes."
    )


class NewOffer(Request):
    """A traveler's price for a delivery, in its currency."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"price_minor": 4200}]})

    price_minor: AmountMinor = Field(description="In minor units of the delivery's currency.")


class CounterPrice(Request):
    """Another price for an open offer."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"price_minor": 3900}]})

    price_minor: AmountMinor = Field(description="In minor units of the delivery's currency.")


class Acceptance(Request):
    """The customer accepts an offer and names what pays for it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"payment_method": "pm_sandbox_ok", "price_minor": 4200}]}
    )

    payment_method: Token = Field(
        description="The payment provider's name of the method; never card data."
    )
    price_minor: AmountMinor = Field(
        description="The price you saw; another one by now refuses the acceptance."
    )


class PaymentMethod(Request):
    """Another payment method after a decline."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"payment_method": "pm_sandbox_ok"}]})

    payment_method: Token = Field(
        description="The payment provider's name of the method; never card data."
    )


class PositionIn(Request):
    """One position of the traveler's phone."""

    latitude: Latitude
    longitude: Longitude
    accuracy_m: Accuracy
    taken_at: Moment


class Positions(Request):
    """A batch of positions; the order does not matter."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "positions": [
                        {
                            "latitude": 51.3397,
                            "longitude": 12.3731,
                            "accuracy_m": 12.5,
                            "taken_at": "2026-05-02T10:15:00Z",
                        }
                    ]
                }
            ]
        }
    )

    positions: Annotated[list[PositionIn], Field(min_length=1)]


class NewDispute(Request):
    """Why a party disputes the delivery."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "damaged", "desired_outcome": "refund"}]}
    )

    reason: Annotated[DisputeReason, Field(strict=False)]
    desired_outcome: Annotated[VerdictOutcome, Field(strict=False)] | None = Field(
        None, description="How it should end; everything for your own side when left out."
    )
    desired_refund_minor: AmountMinor | None = Field(
        None, description="For a split: what the customer should get back, in minor units."
    )

    @model_validator(mode="after")
    def _require_a_person_s_reason(self) -> Self:
        if self.reason in PLATFORM_REASONS:
            raise ValueError("Only the platform gives this reason.")
        return self


class NewEvidence(Request):
    """Something that proves a party's side."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "photo",
                    "description": "The neck is broken at the third fret.",
                    "content_sha256": "9f86d081884c7d659a2feaa0c55ad015"
                    "a3bf4f1b2b0b822cd15d6c15b0f00a08",
                }
            ]
        }
    )

    kind: Annotated[str, Field(pattern="^(photo|document|receipt|statement)$")] = Field(
        description="photo, document, receipt or statement."
    )
    description: Text
    content_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = Field(
        None, description="Fingerprint of the file, so that it can be proven unchanged."
    )


class NewMessage(Request):
    """A message to the other party and the agent."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "I packed it well, see the photo at pickup."}]}
    )

    text: Text


class NewVerdict(Request):
    """An agent's decision about the held payment."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"outcome": "split", "refund_minor": 1500, "note": "Damaged, but usable."}]
        }
    )

    outcome: Annotated[VerdictOutcome, Field(strict=False)]
    refund_minor: AmountMinor | None = Field(
        None, description="For a split: what the customer gets back, in minor units."
    )
    note: Annotated[str, Field(max_length=NOTE_CHARS_MAX), Remark] = Field(
        "", description="Reason given to both parties, without personal data."
    )


class Resolution(Request):
    """How a parked step goes on."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"action": "retry", "reason": "The provider is back."}]}
    )

    action: Annotated[AttentionAction, Field(strict=False)] = AttentionAction.RETRY
    reference: Annotated[str, Field(max_length=255), Remark] = Field(
        "", description="For done_by_hand: the provider's id of what was done."
    )
    reason: Annotated[str, Field(max_length=REASON_CHARS_MAX), Remark] = Field(
        "", description="Why, for the audit trail; no personal data."
    )


class NoFields(Request):
    """An empty object; the body may also be left out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})
