"""Which details of a delivery whom concern, and from when on: one row per detail.

Everybody who may know the delivery reads the rest of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.identity.roles import PARTIES, STAFF, Relation
from domain.status import IN_CUSTODY, WITH_TRAVELER, DeliveryStatus


class Detail(StrEnum):
    """What not everybody reads who may know a delivery."""

    PICKUP_ADDRESS = "pickup_address"
    """To the house; the others read the area, ten kilometres wide."""
    DESTINATION_ADDRESS = "destination_address"
    """The same."""
    RECIPIENT_NAME = "recipient_name"
    RECIPIENT_PHONE = "recipient_phone"
    RECIPIENT_EMAIL = "recipient_email"
    TRAVELER = "traveler"
    """Who carries it."""
    PRICE = "price"
    """What was agreed, and how much of it is held."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who reads a detail."""

    always: frozenset[Relation]
    """In every status."""
    traveler_in: frozenset[DeliveryStatus] = frozenset()
    """Where the delivery has to stand for its traveler to read it as well."""


_R = Relation
_OWNERS = STAFF | {_R.CUSTOMER, _R.SENDER}
"""Those who gave the addresses, and those who settle quarrels about them."""
_CARRYING = WITH_TRAVELER | {DeliveryStatus.AWAITING_PICKUP, DeliveryStatus.CAPTURING}
"""From the held payment until the parcel is gone."""

AUDIENCES: Mapping[Detail, Audience] = {
    Detail.PICKUP_ADDRESS: Audience(_OWNERS, _CARRYING),
    Detail.DESTINATION_ADDRESS: Audience(_OWNERS | {_R.RECIPIENT}, _CARRYING),
    Detail.RECIPIENT_NAME: Audience(_OWNERS | {_R.RECIPIENT}, _CARRYING),
    Detail.RECIPIENT_PHONE: Audience(_OWNERS | {_R.RECIPIENT}, frozenset(IN_CUSTODY)),
    Detail.RECIPIENT_EMAIL: Audience(_OWNERS | {_R.RECIPIENT}),
    Detail.TRAVELER: Audience(PARTIES | STAFF),
    # Who gets a parcel need not know what was paid for it.
    Detail.PRICE: Audience(STAFF | {_R.CUSTOMER, _R.SENDER, _R.TRAVELER}),
}


def reads(detail: Detail, relations: Collection[Relation], status: DeliveryStatus) -> bool:
    """Tell whether a detail is for somebody, where the delivery stands now."""
    audience = AUDIENCES[detail]
    if audience.always.intersection(relations):
        return True
    return Relation.TRAVELER in relations and status in audience.traveler_in
