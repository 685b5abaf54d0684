"""Staff and clocks look after a parcel that is on its way."""

from __future__ import annotations

from infra.robo.scenario import Ending, Scenario, asks, becomes, later, looks
from infra.robo.scenarios.usual import (
    ARRIVED,
    CARRIED,
    CONTENT,
    EARNED,
    FEE,
    HANDED_OVER,
    HELD,
    PICKED_UP,
    PRICE,
)

_CALLED = {"note": "I have called the station."}
_LOST = {"kind": "lost", "note": "Nobody answers."}
_PAID = Ending(status="completed", escrow="released", traveler=EARNED, platform=FEE)

WATCHED_SCENARIOS = (
    Scenario(
        "hold",
        "An operator freezes the delivery for a week; its clock stands still, then all goes on.",
        (
            *HELD,
            asks("operator", "freezes the delivery", "hold", {"reason": "A report of fraud."}),
            asks("customer", "may not cancel now", "cancel", refused="on_hold"),
            later("P7D", "a week passes: the pickup of three days does not run out"),
            asks("operator", "lets it go on", "resume", {"reason": "The card is theirs."}),
            becomes("awaiting_pickup"),
            *CARRIED,
            *CONTENT,
        ),
        _PAID,
    ),
    Scenario(
        "sos",
        "The traveler calls for help on the way; staff look into it, and the parcel arrives.",
        (
            *HELD,
            *PICKED_UP,
            asks(
                "traveler",
                "calls for help, and says from where",
                "sos",
                {
                    "position": {"latitude": 45.44, "longitude": 4.39, "accuracy_m": 8.0},
                    "note": "Somebody follows me.",
                },
            ),
            asks(
                "customer", "sees a hold, and may report nothing", "loss", _LOST, refused="on_hold"
            ),
            looks("operator", "reads from where", "sos", "calls.0.is_open"),
            asks(
                "operator",
                "has reached the traveler, who is safe",
                "resume",
                {"reason": "The traveler is safe."},
            ),
            *ARRIVED,
            *HANDED_OVER,
            *CONTENT,
        ),
        _PAID,
    ),
    Scenario(
        "override",
        "The police hold the traveler; two people of staff confirm the handover without a code.",
        (
            *HELD,
            *PICKED_UP,
            asks(
                "operator",
                "asks for an override, with the number of the case",
                "overrides",
                {
                    "step": "handover",
                    "cause": "police",
                    "explanation": "The police have brought the parcel to its recipient.",
                    "reference": "Case 4711",
                    "witness": "Officer Weber",
                    "evidence": ["9" * 64],
                },
                keeps={"override": "override_id"},
            ),
            asks(
                "operator",
                "may not approve it alone",
                "/v1/overrides/{override}/approve",
                _CALLED,
                refused="override_same_person",
            ),
            asks(
                "agent",
                "has called the police, and approves it",
                "/v1/overrides/{override}/approve",
                _CALLED,
            ),
            becomes("delivered"),
            later("P4D", "four days pass: the usual window is over, this one is not"),
            becomes("delivered"),
            later("P1DT1H", "the fifth day passes"),
            becomes("completed"),
        ),
        _PAID,
    ),
    Scenario(
        "silent",
        "Nothing is heard of the traveler for a day; then a sign of life, and the parcel arrives.",
        (
            *HELD,
            *PICKED_UP,
            later("P1DT1H", "a day passes without a position"),
            asks("traveler", "gives a sign of life", "check-in", {"note": "No network."}),
            *ARRIVED,
            *HANDED_OVER,
            *CONTENT,
        ),
        _PAID,
    ),
    Scenario(
        "silent-for-good",
        "Nothing is heard of the traveler until the time is over; an agent refunds the customer.",
        (
            *HELD,
            *PICKED_UP,
            later("P1DT1H", "a day passes without a position"),
            later("P10D", "nobody reaches the traveler, and the time for the handover is over"),
            becomes("disputed", keeps={"dispute": "dispute_id"}),
            asks(
                "agent",
                "decides: refund. Nobody knows where it is.",
                "/v1/disputes/{dispute}/verdict",
                {"outcome": "refund", "note": "Nobody knows where it is."},
            ),
            later("P3DT1H", "three days pass without an appeal"),
            becomes("refunded"),
        ),
        Ending(status="refunded", escrow="refunded", refunded=PRICE),
    ),
    Scenario(
        "stolen",
        "The traveler reports the parcel as stolen; an agent refunds the customer.",
        (
            *HELD,
            *PICKED_UP,
            asks(
                "traveler",
                "reports that it was taken on the night train",
                "loss",
                {"kind": "stolen", "note": "Taken on the night train."},
            ),
            becomes("disputed", keeps={"dispute": "dispute_id"}),
            asks(
                "agent",
                "decides: refund. The parcel is gone.",
                "/v1/disputes/{dispute}/verdict",
                {"outcome": "refund", "note": "The parcel is gone."},
            ),
            later("P3DT1H", "three days pass without an appeal"),
            becomes("refunded"),
        ),
        Ending(status="refunded", escrow="refunded", refunded=PRICE),
    ),
)
"""Scenarios about holds and signs of life."""
