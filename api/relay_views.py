"""Shapes relays: what the customer and both travelers may know of a parcel that is handed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.models.relays import RelayView
from api.models.types import MoneyView, money_view
from api.views import ROUGH_DIGITS, deadline_view
from domain.contracts import Standing
from domain.journey.relay import RELAY_CLOCKS, Relay, RelayStatus, giver_share, status_now
from domain.money import Money
from domain.policies import FeePolicy
from domain.pricing import price_shares


@dataclass(frozen=True, slots=True)
class ShownRelay:
    """A relay with where its delivery stands."""

    relay: Relay
    standing: Standing
    because: str = ""


def relay_in(row: Mapping[str, Any], standing: Standing) -> ShownRelay:
    """Return the relay in a row whose columns begin with `relay_`."""
    deliver_by: datetime = row["relay_deliver_by"]
    relay = Relay(
        row["relay_id"],
        row["relay_giver_id"],
        row["relay_taker_id"],
        row["relay_share_points"],
        deliver_by,
        RelayStatus(row["relay_status"]),
    )
    return ShownRelay(relay, standing, row["relay_because"])


def relay_view(row: Mapping[str, Any], shown: ShownRelay) -> RelayView:
    """Return a relay as it is now; `row` says what is carried and at which price."""
    relay, standing = shown.relay, shown.standing
    status = status_now(relay.status, standing.deadline_kind)
    giver, taker = _earnings(row, relay.share_points)
    is_waiting = standing.deadline_kind in RELAY_CLOCKS and status not in (
        RelayStatus.DONE,
        RelayStatus.ENDED,
    )
    return RelayView(
        relay_id=relay.relay_id,
        delivery_id=row["delivery_id"],
        status=status,
        because=shown.because,
        giver_id=relay.giver_id,
        taker_id=relay.taker_id,
        share_points=relay.share_points,
        giver_earns=giver,
        taker_earns=taker,
        description=row["description"],
        weight_grams=row["weight_grams"],
        destination_latitude=round(row["destination_latitude"], ROUGH_DIGITS),
        destination_longitude=round(row["destination_longitude"], ROUGH_DIGITS),
        deliver_by=relay.deliver_by,
        deadline=deadline_view(standing) if is_waiting else None,
    )


def _earnings(
    row: Mapping[str, Any], share_points: int
) -> tuple[MoneyView | None, MoneyView | None]:
    if row["price_minor"] is None:
        return None, None
    price = Money(row["price_minor"], row["currency"])
    earned = price_shares(FeePolicy(**(row["relay_fees"] or {})), price).traveler
    giver = giver_share(earned, share_points)
    return money_view(giver), money_view(earned - giver)
