"""Steps that many scenarios have in common."""

from __future__ import annotations

from typing import Any

from infra.demo.people import HOME
from infra.demo.scenes import BERLIN, MUNICH
from infra.robo.scenario import Step, asks, becomes, later, looks

PRICE = 4_200
FEE = 420
"""The platform's share of the price: ten per cent."""
EARNED = PRICE - FEE
POSITIONS = 20
"""Positions on the way from Berlin to Munich."""

_PARCEL: dict[str, Any] = {
    "description": "A guitar in a hard case",
    "weight_grams": 6_500,
    "currency": "EUR",
    "declared_value_minor": 90_000,
    "pickup": BERLIN,
    "destination": MUNICH,
    "recipient": {"name": "Mara Lindt", "person_id": "{recipient}"},
}


def requested(**changes: Any) -> Step:
    """Return the opening of a request; what is named is another than usual."""
    return asks(
        "customer",
        "asks for a guitar to be brought from Berlin to Munich",
        "/v1/deliveries",
        {**_PARCEL, **changes},
        keeps={"delivery": "delivery_id"},
    )


def accepted(method: str = "pm_sandbox_ok", price_minor: int = PRICE) -> Step:
    """Return the acceptance of the traveler's offer."""
    return asks(
        "customer",
        f"accepts the traveler's EUR {price_minor / 100:.2f}",
        "offers/{offer}/accept",
        {"payment_method": method, "price_minor": price_minor},
    )


def agreed(method: str = "pm_sandbox_ok", **changes: Any) -> tuple[Step, ...]:
    """Return everything up to the acceptance."""
    return (ACCOUNT, requested(**changes), OFFERED, accepted(method))


def position(at: dict[str, Any], minutes_ago: int = 0) -> dict[str, Any]:
    """Return a position of the traveler's phone, by everybody's clock."""
    return {
        "latitude": at["latitude"],
        "longitude": at["longitude"],
        "accuracy_m": 12.0,
        "taken_at": f"{{now-PT{minutes_ago}M}}",
    }


def _on_the_way(step: int) -> dict[str, Any]:
    share = step / POSITIONS
    return {
        axis: BERLIN[axis] + (MUNICH[axis] - BERLIN[axis]) * share  # type: ignore[operator]
        for axis in ("latitude", "longitude")
    }


ACCOUNT = asks(
    "traveler",
    "opens an account to be paid to",
    "/v1/me/payout-account",
    {"country": HOME, "return_url": "{home}docs", "refresh_url": "{home}docs"},
)
OFFERED = asks(
    "traveler",
    "offers to carry it for EUR 42.00",
    "offers",
    {"price_minor": PRICE},
    keeps={"offer": "offer_id"},
)
HELD = (*agreed(), becomes("awaiting_pickup"))
"""The payment is held and the parcel waits for its traveler."""

SHOWN_AT_PICKUP = looks(
    "customer",
    "shows the pickup code",
    "codes/pickup",
    "code",
    keeps={"pickup_code": "code", "pickup_pin": "pin"},
)
SCANNED_AT_PICKUP = asks(
    "traveler", "scans it and takes the parcel along", "pickup", {"code": "{pickup_code}"}
)
PICKED_UP = (SHOWN_AT_PICKUP, SCANNED_AT_PICKUP)
SHOWN_AT_HANDOVER = looks(
    "recipient",
    "shows the handover code",
    "codes/handover",
    "code",
    keeps={"handover_code": "code", "handover_pin": "pin"},
)
SCANNED_AT_HANDOVER = asks(
    "traveler", "scans it and hands the parcel over", "handover", {"code": "{handover_code}"}
)
HANDED_OVER = (SHOWN_AT_HANDOVER, SCANNED_AT_HANDOVER)
ARRIVED = (
    asks(
        "traveler",
        f"sends {POSITIONS} positions on the way to Munich",
        "positions",
        {
            "positions": [
                position(_on_the_way(step), POSITIONS - step) for step in range(1, POSITIONS + 1)
            ]
        },
    ),
    becomes("arrived"),
)
CARRIED = (*PICKED_UP, *ARRIVED, *HANDED_OVER)
"""From the sender to the recipient, all proven."""
CONTENT = (
    asks("customer", "is content: the traveler may be paid", "confirm"),
    becomes("completed"),
)
UNDISPUTED = (
    later("P2DT1H", "two days pass in which nobody complains"),
    becomes("completed"),
)
