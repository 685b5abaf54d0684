"""Trouble with the customer's card, before and after the traveler has the parcel."""

from __future__ import annotations

from infra.robo.scenario import Ending, Scenario, asks, bank, becomes, later, looks
from infra.robo.scenarios.usual import (
    CARRIED,
    CONTENT,
    EARNED,
    FEE,
    HELD,
    PICKED_UP,
    PRICE,
    SHOWN_AT_PICKUP,
    UNDISPUTED,
    agreed,
)

_NEAR = {"pickup_by": "{+P3D}", "deliver_by": "{+P4D}"}
"""So near that the payment is only reserved until the pickup."""
_PAID = Ending(status="completed", escrow="released", traveler=EARNED, platform=FEE)
_ANOTHER_CARD = (
    asks("customer", "names another card", "payment-method", {"payment_method": "pm_sandbox_ok"}),
    becomes("awaiting_pickup"),
)
_SEEN = looks(
    "agent",
    "sees that the bank has taken the payment back",
    "chargebacks",
    "chargebacks.0.status",
    "open",
    keeps={"chargeback": "chargebacks.0.chargeback_id"},
)

PAYMENT_SCENARIOS = (
    Scenario(
        "decline",
        "The first card is declined; another one works.",
        (
            *agreed("pm_sandbox_declined_insufficient_funds"),
            becomes("payment_due"),
            *_ANOTHER_CARD,
            *CARRIED,
            *CONTENT,
        ),
        _PAID,
    ),
    Scenario(
        "never-paid",
        "The card is declined and a day passes without another one.",
        (
            *agreed("pm_sandbox_declined"),
            becomes("payment_due"),
            later("P1DT1H", "a day passes without another card"),
            becomes("cancelled"),
        ),
        Ending(status="cancelled", escrow="none"),
    ),
    Scenario(
        "authorisation-expiry",
        "The bank lets the reservation go early: the parcel stays until another card holds.",
        (
            *agreed(**_NEAR),
            becomes("awaiting_pickup"),
            bank("lapse", "lets the reserved money go"),
            SHOWN_AT_PICKUP,
            asks(
                "traveler",
                "scans the pickup code: nothing is held, the parcel stays",
                "pickup",
                {"code": "{pickup_code}"},
                refused="payment_not_captured",
            ),
            becomes("payment_due"),
            *_ANOTHER_CARD,
            *CARRIED,
            *CONTENT,
        ),
        _PAID,
    ),
    Scenario(
        "reserved",
        "The payment is only reserved at first and is taken at the pickup.",
        (*agreed(**_NEAR), becomes("awaiting_pickup"), *CARRIED, *UNDISPUTED),
        _PAID,
    ),
    Scenario(
        "inquiry",
        "The bank only asks; it is answered and closes without taking anything.",
        (
            *HELD,
            bank("inquire", "asks about the payment"),
            looks(
                "agent",
                "sees the bank's question",
                "chargebacks",
                "chargebacks.0.status",
                "inquiry",
                keeps={"chargeback": "chargebacks.0.chargeback_id"},
            ),
            asks("agent", "answers with evidence", "/v1/chargebacks/{chargeback}/evidence"),
            bank("close", "is satisfied"),
            looks(
                "agent",
                "sees that it is over",
                "chargebacks",
                "chargebacks.0.status",
                "closed_without_loss",
            ),
            *CARRIED,
            *CONTENT,
        ),
        _PAID,
    ),
    Scenario(
        "chargeback-before-release",
        "The bank takes the payment back while the parcel is on its way, and keeps it.",
        (
            *HELD,
            *PICKED_UP,
            bank("take", "takes the payment back"),
            _SEEN,
            *CARRIED[len(PICKED_UP) :],
            asks("customer", "is content: the traveler may be paid", "confirm"),
            becomes("releasing"),
            bank("lose", "decides for its customer"),
            becomes("charged_back"),
        ),
        Ending(status="charged_back", escrow="charged_back", bank=PRICE),
    ),
    Scenario(
        "chargeback-won",
        "The bank takes the payment back before the release, and returns it.",
        (
            *HELD,
            *PICKED_UP,
            bank("take", "takes the payment back"),
            _SEEN,
            *CARRIED[len(PICKED_UP) :],
            asks("agent", "hands in the evidence", "/v1/chargebacks/{chargeback}/evidence"),
            bank("win", "decides for the platform"),
            asks("customer", "is content: the traveler may be paid", "confirm"),
            becomes("completed"),
        ),
        _PAID,
    ),
    Scenario(
        "chargeback-after-payout",
        "Weeks after the traveler was paid the bank takes the payment back, and keeps it.",
        (
            *HELD,
            *CARRIED,
            *CONTENT,
            later("P21D", "three weeks pass"),
            bank("take", "takes the payment back"),
            _SEEN,
            bank("lose", "decides for its customer"),
            looks("agent", "sees that it is lost", "chargebacks", "chargebacks.0.status", "lost"),
        ),
        Ending(status="completed", escrow="released", traveler=EARNED, platform=FEE, bank=PRICE),
    ),
)
"""Scenarios about cards and banks."""
