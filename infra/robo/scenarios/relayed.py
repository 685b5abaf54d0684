"""The parcel changes hands on its way, or was to."""

from __future__ import annotations

from infra.demo.people import HOME
from infra.robo.scenario import Ending, Scenario, asks, becomes, looks
from infra.robo.scenarios.usual import (
    CARRIED,
    CONTENT,
    EARNED,
    FEE,
    HELD,
    PICKED_UP,
    SHOWN_AT_HANDOVER,
    position,
)

_NUREMBERG = {"latitude": 49.4457, "longitude": 11.0829, "accuracy_m": 12.0}
_PAID = Ending(status="completed", escrow="released", traveler=EARNED, platform=FEE)
_ASKED = asks(
    "traveler",
    "cannot go on and asks to hand the parcel on to the rival, for 40 % of what both earn",
    "relays",
    {"taker_id": "{rival}", "share_points": 4_000},
    keeps={"relay": "relay_id"},
)
_SCAN = {"code": "{relay_code}", "position": _NUREMBERG}

RELAY_SCENARIOS = (
    Scenario(
        "relay",
        "Two travelers meet in Nuremberg: the second one carries the parcel on, and both are paid.",
        (
            asks(
                "rival",
                "opens an account to be paid to",
                "/v1/me/payout-account",
                {"country": HOME, "return_url": "{home}docs", "refresh_url": "{home}docs"},
            ),
            *HELD,
            *PICKED_UP,
            _ASKED,
            asks("customer", "agrees", "relays/{relay}/answer", {"agrees": True}),
            looks("rival", "reads the terms", "/v1/relays", "items"),
            asks("rival", "accepts them", "relays/{relay}/take", {"takes": True}),
            looks(
                "traveler",
                "shows the code of the relay",
                "codes/relay",
                "code",
                keeps={"relay_code": "code"},
            ),
            asks(
                "rival",
                "cannot scan it before the traveler is there",
                "relays/{relay}/scan",
                _SCAN,
                refused="position_not_near",
            ),
            asks(
                "traveler",
                "comes to the meeting",
                "positions",
                {"positions": [position(_NUREMBERG)]},
            ),
            asks("rival", "scans the code and has the parcel", "relays/{relay}/scan", _SCAN),
            SHOWN_AT_HANDOVER,
            asks(
                "traveler",
                "cannot hand over what others carry",
                "handover",
                {"code": "{handover_code}"},
                refused="not_your_role",
            ),
            asks("rival", "scans the recipient's code", "handover", {"code": "{handover_code}"}),
            *CONTENT,
        ),
        _PAID,
    ),
    Scenario(
        "relay-declined",
        "The customer wants no other traveler, and the parcel arrives with the first one.",
        (
            *HELD,
            *PICKED_UP,
            _ASKED,
            asks("customer", "declines", "relays/{relay}/answer", {"agrees": False}),
            becomes("in_transit"),
            *CARRIED[len(PICKED_UP) :],
            *CONTENT,
        ),
        _PAID,
    ),
)
"""Scenarios about parcels that are handed on to a second traveler."""
