"""Bodies of answers about deliveries and offers."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import ConfigDict, Field

from api.models.examples import DELIVERY, OFFER
from api.models.types import Answer, Moment, MoneyView

T = TypeVar("T")


class Page(Answer, Generic[T]):
    """One page of a list."""

    items: list[T]
    next_cursor: str | None = Field(
        None, description="Send it as `cursor` for the next page; none on the last page."
    )


class DeadlineView(Answer):
    """A clock that is running: who must act, by when, and what happens otherwise."""

    kind: str
    owner: str = Field(description="Who must act.")
    action: str = Field(description="What they must do.")
    due_at: Moment
    default: str = Field(description="What happens by itself when nobody acts.")
    money_effect: str = Field(description="What that does to the money.")


class DeadlinesView(Answer):
    """Every clock that is running, the armed one first; for a closed delivery only corrections'."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"deadlines": [DELIVERY["deadline"]]}]}
    )

    deadlines: list[DeadlineView]


class PlaceView(Answer):
    """A place, exact for those who need it."""

    address: str | None = Field(description="None for those who must not know it (yet).")
    latitude: float
    longitude: float
    is_exact: bool = Field(description="False when the point is rounded to about ten kilometres.")


class RecipientView(Answer):
    """Who receives the parcel."""

    name: str
    phone: str | None
    email: str | None


class HeldPaymentView(Answer):
    """The payment that the platform holds for this delivery."""

    status: str = Field(description="none, holding, held, releasing, released, refunding, ...")
    amount: MoneyView | None = Field(description="The agreed price; none before an acceptance.")


class DeliveryView(Answer):
    """A delivery as far as the asking person may see it."""

    model_config = ConfigDict(json_schema_extra={"examples": [DELIVERY]})

    delivery_id: str
    status: str = Field(
        description="Where it stands; `closed` for a traveler whose offer was not accepted."
    )
    is_closed: bool
    your_roles: list[str] = Field(description="Your part in this delivery.")
    description: str
    weight_grams: int
    declared_value: MoneyView | None
    suggested_price: MoneyView
    price: MoneyView | None = Field(description="The agreed price.")
    held_payment: HeldPaymentView | None = Field(description="None for those it does not concern.")
    pickup: PlaceView
    destination: PlaceView
    recipient: RecipientView | None
    traveler_id: str | None
    dispute: str
    dispute_id: str | None
    needs_attention: bool = Field(description="A step is parked; operations staff are on it.")
    on_hold: bool = Field(
        description="Staff have frozen it: deadlines stand still, no money leaves."
    )
    deadline: DeadlineView | None
    request_expires_at: Moment
    pickup_by: Moment | None
    deliver_by: Moment | None
    undeliverable_action: str | None = Field(
        description="What is done when the parcel cannot be handed over."
    )
    proof_level: str = Field(
        description="How much proof its handovers need: standard, high or maximum."
    )
    created_at: Moment


class OfferView(Answer):
    """A traveler's price for a delivery."""

    model_config = ConfigDict(json_schema_extra={"examples": [OFFER]})

    offer_id: str
    delivery_id: str
    traveler_id: str
    status: str
    price: MoneyView
    proposed_by: str = Field(description="customer or traveler: who named the price last.")
    awaits: str | None = Field(description="Who has to answer; none once the offer is closed.")
    etag: str | None = Field(
        None,
        description="Send it as `If-Match` with what you do about the offer next; none in the answer "
        "to a change.",
    )


class PositionsView(Answer):
    """A batch of positions is stored."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"received": 200}]})

    received: int = Field(description="Positions in the batch; those known already count too.")
