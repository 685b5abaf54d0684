"""The traveler is there, and the parcel cannot be handed over."""

from __future__ import annotations

from typing import Any

from infra.demo.scenes import MUNICH
from infra.robo.scenario import Ending, Scenario, Step, asks, becomes, later, looks
from infra.robo.scenarios.usual import (
    ARRIVED,
    CONTENT,
    EARNED,
    FEE,
    HANDED_OVER,
    PICKED_UP,
    PRICE,
    UNDISPUTED,
    agreed,
)

_THERE: dict[str, Any] = {
    "latitude": MUNICH["latitude"],
    "longitude": MUNICH["longitude"],
    "accuracy_m": 12.0,
}
_PAID = Ending(status="completed", escrow="released", traveler=EARNED, platform=FEE)
_HALF_EACH = Ending(status="settled", escrow="split", refunded=2_100, traveler=1_890, platform=210)
"""What a parcel that came back leaves: half the price, the platform's share out of the traveler's."""


def _at_the_door(wish: str) -> tuple[Step, ...]:
    """Return everything up to the arrival, with what the customer wants done then."""
    parts = (*agreed(undeliverable_action=wish), becomes("awaiting_pickup"))
    return (*parts, *PICKED_UP, *ARRIVED)


def _failed(reason: str, tells: str) -> Step:
    return asks("traveler", tells, "handover-failed", {"reason": reason, "position": _THERE})


_BROUGHT_BACK = (
    becomes("returning"),
    looks("customer", "shows the return code", "codes/return", "code", keeps={"back": "code"}),
    asks("traveler", "scans it and gives the parcel back", "return", {"code": "{back}"}),
    later("P2DT1H", "two days pass in which nobody complains"),
    becomes("settled"),
)

UNDELIVERED_SCENARIOS = (
    Scenario(
        "refusal",
        "The recipient does not take the parcel at the door: it comes back, for half the price.",
        (
            *_at_the_door("return"),
            _failed("recipient_refuses", "is sent away at the door"),
            *_BROUGHT_BACK,
        ),
        _HALF_EACH,
    ),
    Scenario(
        "absent-retry",
        "Nobody is at home; a second try on the same day works.",
        (
            *_at_the_door("retry"),
            _failed("recipient_absent", "rings in vain"),
            *HANDED_OVER,
            *CONTENT,
        ),
        _PAID,
    ),
    Scenario(
        "absent-neighbour",
        "Nobody is at home; a neighbour takes the parcel, as the customer allowed.",
        (
            *_at_the_door("neighbour"),
            _failed("recipient_absent", "rings in vain"),
            asks(
                "traveler",
                "leaves it with the neighbour",
                "left",
                {"where": "neighbour", "position": _THERE, "note": "Second floor, left door."},
            ),
            *UNDISPUTED,
        ),
        _PAID,
    ),
    Scenario(
        "absent-return",
        "Nobody is at home, and nobody for a day: the parcel comes back.",
        (
            *_at_the_door("retry"),
            _failed("recipient_absent", "rings in vain"),
            later("P1DT1H", "a day passes without another try"),
            *_BROUGHT_BACK,
        ),
        _HALF_EACH,
    ),
    Scenario(
        "not-brought-back",
        "The parcel should come back and does not: an agent refunds the customer.",
        (
            *_at_the_door("return"),
            _failed("recipient_absent", "rings in vain"),
            becomes("returning"),
            later("P7DT1H", "a week passes and the parcel is nowhere"),
            becomes("disputed", keeps={"dispute": "dispute_id"}),
            asks(
                "agent",
                "decides: refund. The parcel did not come back.",
                "/v1/disputes/{dispute}/verdict",
                {"outcome": "refund", "note": "The parcel did not come back."},
            ),
            later("P3DT1H", "three days pass without an appeal"),
            becomes("refunded"),
        ),
        Ending(status="refunded", escrow="refunded", refunded=PRICE),
    ),
)
"""Scenarios with a handover that failed."""
