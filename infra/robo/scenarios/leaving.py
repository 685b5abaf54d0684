"""The delivery ends before the parcel is picked up."""

from __future__ import annotations

from infra.robo.scenario import Ending, Scenario, asks, becomes, later
from infra.robo.scenarios.usual import ACCOUNT, HELD, OFFERED, PRICE, agreed, requested

_NOTHING = Ending(status="cancelled", escrow="none")
_ALL_BACK = Ending(status="cancelled", escrow="refunded", refunded=PRICE)

LEAVING_SCENARIOS = (
    Scenario(
        "unwanted",
        "Nobody offers to carry it for a week.",
        (requested(), later("P7DT1H", "a week passes without an offer"), becomes("expired")),
        Ending(status="expired", escrow="none"),
    ),
    Scenario(
        "cancel-early",
        "The customer changes their mind before accepting an offer.",
        (
            ACCOUNT,
            requested(),
            OFFERED,
            asks("customer", "changes their mind", "cancel"),
            becomes("cancelled"),
        ),
        _NOTHING,
    ),
    Scenario(
        "cancel-in-grace",
        "The customer cancels minutes after the payment was held: all of it goes back.",
        (*HELD, asks("customer", "cancels at once", "cancel"), becomes("cancelled")),
        _ALL_BACK,
    ),
    Scenario(
        "no-show",
        "Nobody collects the parcel for as long as was agreed.",
        (*HELD, later("P3DT1H", "three days pass at the sender's door"), becomes("cancelled")),
        _ALL_BACK,
    ),
    Scenario(
        "cancel-reserved",
        "The customer cancels while the payment is only reserved: nothing was ever taken.",
        (
            *agreed(pickup_by="{+P3D}", deliver_by="{+P4D}"),
            becomes("awaiting_pickup"),
            asks("customer", "cancels at once", "cancel"),
            becomes("cancelled"),
        ),
        Ending(status="cancelled", escrow="voided"),
    ),
)
"""Scenarios without a parcel on its way."""
