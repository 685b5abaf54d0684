"""What happens beside the way of a parcel: extra costs, steps confirmed by mistake, and reviews."""

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
)

_COST_MINOR = 650
_COST = "/v1/corrections/{cost}"
_REPUTATION = "/v1/people/{traveler}/reviews"
_FIVE_STARS = {"rating": 5, "tags": ["on_time", "careful"], "text": "In tune."}
_SEEN = "review_visible"
_PAID = Ending(status="completed", escrow="released", traveler=EARNED, platform=FEE)


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
    Scenario(
        "tip",
        "The customer gives the traveler a tip after the delivery is complete, all of it.",
        (
            *HELD,
            *CARRIED,
            *CONTENT,
            asks(
                "customer",
                "gives EUR 6.50 on top",
                "corrections",
                {"kind": "tip", "amount_minor": _COST_MINOR, "payment_method": "pm_sandbox_ok"},
                keeps={"cost": "correction_id"},
            ),
            looks("traveler", "sees that it is paid", _COST, "status", "done"),
        ),
        Ending(status="completed", escrow="released", traveler=EARNED + _COST_MINOR, platform=FEE),
    ),
    Scenario(
        "undo",
        "Pickup and handover are confirmed too early, undone within a minute and made again.",
        (
            *HELD,
            *PICKED_UP,
            asks("traveler", "has no say in it", "undo", refused="not_your_role"),
            asks("customer", "says that the parcel is still here", "undo"),
            becomes("awaiting_pickup"),
            asks(
                "traveler",
                "cannot use the old code",
                "pickup",
                {"code": "{pickup_code}"},
                refused="code_wrong",
            ),
            *CARRIED,
            asks("recipient", "has no say in it", "undo", refused="not_your_role"),
            asks("traveler", "scanned before the door was open", "undo"),
            becomes("arrived"),
            *HANDED_OVER,
            later("PT2M", "two minutes pass"),
            asks("traveler", "can no longer undo it", "undo", refused="undo_window_closed"),
            *CONTENT,
        ),
        _PAID,
    ),
    Scenario(
        "reviews",
        "Customer and traveler review each other; neither reads the other's before writing.",
        (
            *HELD,
            *CARRIED,
            *CONTENT,
            asks("customer", "gives the traveler five stars", "reviews", _FIVE_STARS),
            asks("traveler", "gives the customer four", "reviews", {"rating": 4}),
            looks("customer", "reads it", "reviews", "items.1.author_role", "traveler"),
            asks("customer", "cannot change it any more", "reviews", {"rating": 1}, refused=_SEEN),
            looks("rival", "sees the traveler's average", _REPUTATION, "items.0.rating", "5"),
        ),
        _PAID,
    ),
    Scenario(
        "review-unanswered",
        "Only the customer reviews: after a week everybody reads it, and nobody answers any more.",
        (
            *HELD,
            *CARRIED,
            *CONTENT,
            asks("customer", "gives the traveler five stars", "reviews", _FIVE_STARS),
            later("P7DT1H", "a week passes"),
            looks("traveler", "reads it", "reviews", "items.0.author_role", "customer"),
            asks(
                "traveler",
                "is too late to answer",
                "reviews",
                {"rating": 1},
                refused="review_window_closed",
            ),
        ),
        _PAID,
    ),
)
"""Scenarios in which more happens than a parcel that is brought."""
