"""What happens beside a delivery, and never stops it: extra costs."""

from __future__ import annotations

from infra.robo.scenario import Ending, Scenario, asks, looks
from infra.robo.scenarios.usual import ARRIVED, CONTENT, EARNED, FEE, HANDED_OVER, HELD, PICKED_UP

_COST_MINOR = 650
_COST = "/v1/corrections/{cost}"


BESIDE_SCENARIOS = (
    Scenario(
        "extra-costs",
        "The traveler asks for extra costs twice: one is refused, the other agreed to and paid.",
        (
            *HELD,
            *PICKED_UP,
            asks(
                "traveler",
                "asks for EUR 6.50 for a coffee",
                "extra-costs",
                {"amount_minor": _COST_MINOR, "reason": "other", "receipt": "bar 17"},
                keeps={"cost": "correction_id"},
            ),
            asks("customer", "refuses to pay for it", f"{_COST}/refuse"),
            asks(
                "traveler",
                "asks for EUR 6.50 of toll: the tunnel was closed",
                "extra-costs",
                {"amount_minor": _COST_MINOR, "reason": "toll", "receipt": "A9-2026-118"},
                keeps={"cost": "correction_id"},
            ),
            asks("customer", "agrees", f"{_COST}/agree", {"payment_method": "pm_sandbox_ok"}),
            looks("traveler", "sees that it is paid", _COST, "status", "done"),
            *ARRIVED,
            *HANDED_OVER,
            *CONTENT,
        ),
        Ending(status="completed", escrow="released", traveler=EARNED + _COST_MINOR, platform=FEE),
    ),
)
"""Scenarios in which more happens than the delivery."""
