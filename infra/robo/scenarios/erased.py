"""The customer asks to be erased while a delivery is open."""

from __future__ import annotations

from domain.erasing.rules import ERASED_TEXT
from infra.robo.scenario import Ending, Scenario, asks, becomes, later, looks
from infra.robo.scenarios.usual import (
    ACCOUNT,
    CARRIED,
    CONTENT,
    EARNED,
    FEE,
    OFFERED,
    accepted,
    requested,
)

ERASURE = "/v1/me/erasure"

ERASED_SCENARIOS = (
    Scenario(
        "erasure",
        "The customer asks to be erased: it waits for the delivery, and goes on by itself.",
        (
            ACCOUNT,
            requested(),
            OFFERED,
            asks("customer", "asks that everything about them is erased", ERASURE),
            looks(
                "customer",
                "reads that the delivery must be closed first",
                ERASURE,
                "waits_for.0.kind",
                "delivery_open",
            ),
            later("P6D", "six days pass in which the customer could take it back"),
            accepted(),
            becomes("awaiting_pickup"),
            later("P1DT2H", "the week is over"),
            looks(
                "customer", "is told that it waits for the delivery", ERASURE, "status", "waiting"
            ),
            *CARRIED,
            *CONTENT,
            asks(
                "operator",
                "lets a day pass",
                "/v1/sandbox/deliveries/{delivery}/advance",
                {"by": "P1D"},
            ),
            looks(
                "agent",
                "reads no address any more where the parcel came from",
                "",
                "pickup.address",
                ERASED_TEXT,
            ),
        ),
        Ending(status="completed", escrow="released", traveler=EARNED, platform=FEE),
    ),
)
"""Scenarios of people who leave the platform."""
