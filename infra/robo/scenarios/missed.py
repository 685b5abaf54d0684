"""The pickup that was agreed does not come about: somebody leaves, or is not there."""

from __future__ import annotations

from typing import Any

from infra.demo.scenes import BERLIN
from infra.robo.scenario import Ending, Scenario, asks, becomes, later, looks
from infra.robo.scenarios.usual import CARRIED, CONTENT, EARNED, FEE, HELD, PRICE

_AT_THE_PICKUP: dict[str, Any] = {
    "latitude": BERLIN["latitude"],
    "longitude": BERLIN["longitude"],
    "accuracy_m": 12.0,
}
_LAST_DAY = later("P2DT1H", "two days pass; the pickup is due within the next one")
_ALL_BACK = Ending(status="cancelled", escrow="refunded", refunded=PRICE)

MISSED_SCENARIOS = (
    Scenario(
        "cancel-late",
        "The customer cancels on the last day and pays the traveler for the time.",
        (*HELD, _LAST_DAY, asks("customer", "cancels", "cancel"), becomes("cancelled")),
        Ending(status="cancelled", escrow="split", refunded=3_150, traveler=840, platform=210),
    ),
    Scenario(
        "cancel-too-dear",
        "The customer would cancel for less than it costs by now, and keeps the delivery.",
        (
            *HELD,
            _LAST_DAY,
            asks(
                "customer",
                "cancels if it costs nothing: it does by now",
                "cancel",
                {"cost_minor_max": 0},
                refused="cancellation_costs_more",
            ),
            *CARRIED,
            *CONTENT,
        ),
        Ending(status="completed", escrow="released", traveler=EARNED, platform=FEE),
    ),
    Scenario(
        "cancel-waived",
        "An agent cancels on the last day because of a flood: all of it goes back.",
        (
            *HELD,
            _LAST_DAY,
            asks("agent", "cancels for a good reason", "cancel", {"reason": "A flood."}),
            becomes("cancelled"),
        ),
        _ALL_BACK,
    ),
    Scenario(
        "withdraw",
        "The traveler gives the delivery back; another one carries it.",
        (
            *HELD,
            asks("traveler", "gives the delivery back", "withdraw"),
            becomes("requested"),
            asks(
                "rival",
                "opens an account to be paid to",
                "/v1/me/payout-account",
                {"country": "DE", "return_url": "{home}docs", "refresh_url": "{home}docs"},
            ),
            asks(
                "rival",
                "offers to carry it for EUR 40.00",
                "offers",
                {"price_minor": 4_000},
                keeps={"offer": "offer_id"},
            ),
            asks(
                "customer",
                "accepts that",
                "offers/{offer}/accept",
                {"payment_method": "pm_sandbox_ok", "price_minor": 4_000},
            ),
            becomes("awaiting_pickup"),
            looks("customer", "shows the new code", "codes/pickup", "code", keeps={"new": "code"}),
            asks("rival", "scans it and takes the parcel along", "pickup", {"code": "{new}"}),
            looks("recipient", "shows the code", "codes/handover", "code", keeps={"code": "code"}),
            asks("rival", "scans it and hands the parcel over", "handover", {"code": "{code}"}),
            *CONTENT,
        ),
        Ending(status="completed", escrow="released", refunded=PRICE, traveler=3_600, platform=400),
    ),
    Scenario(
        "sender-absent",
        "The traveler stands at the sender's door in vain, and is paid for coming.",
        (
            *HELD,
            _LAST_DAY,
            asks(
                "traveler",
                "reports from Lisbon that nobody is there",
                "no-show",
                {"position": {"latitude": 38.7223, "longitude": -9.1393, "accuracy_m": 12.0}},
                refused="position_not_near",
            ),
            asks(
                "traveler",
                "reports from the door that nobody is there",
                "no-show",
                {"position": _AT_THE_PICKUP},
            ),
            later("PT2H1M", "two hours pass and nobody comes"),
            becomes("cancelled"),
        ),
        Ending(status="cancelled", escrow="split", refunded=1_890, traveler=2_100, platform=210),
    ),
    Scenario(
        "no-show-contested",
        "The sender says that the traveler never came: an agent believes the positions.",
        (
            *HELD,
            _LAST_DAY,
            asks(
                "traveler",
                "reports from the door that nobody is there",
                "no-show",
                {"position": _AT_THE_PICKUP},
            ),
            asks("customer", "says that somebody is there", "no-show/contest"),
            becomes("disputed", keeps={"dispute": "dispute_id"}),
            asks(
                "agent",
                "decides: split. The positions show the door.",
                "/v1/disputes/{dispute}/verdict",
                {"outcome": "split", "note": "The positions show the door.", "refund_minor": 2_200},
            ),
            later("P3DT1H", "three days pass without an appeal"),
            becomes("settled"),
        ),
        Ending(status="settled", escrow="split", refunded=2_200, traveler=1_800, platform=200),
    ),
    Scenario(
        "traveler-absent",
        "The traveler does not come: the request is open to others, and nobody wants it.",
        (
            *HELD,
            later("P2DT23H", "the pickup is due within the hour"),
            asks("customer", "reports that the traveler has not come", "no-show"),
            later("PT2H1M", "two hours pass and nobody comes"),
            becomes("requested"),
            asks("customer", "changes their mind", "cancel"),
            becomes("cancelled"),
        ),
        Ending(status="cancelled", escrow="none", refunded=PRICE),
    ),
)
"""Scenarios without a pickup."""
