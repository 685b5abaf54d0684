"""The delivery ends before the parcel is picked up."""

from __future__ import annotations

from infra.demo.scenes import BERLIN
from infra.robo.scenario import Ending, Scenario, asks, becomes, later
from infra.robo.scenarios.usual import ACCOUNT, HELD, OFFERED, PRICE, agreed, requested

_NOTHING = Ending(status="cancelled", escrow="none")
_ALL_BACK = Ending(status="cancelled", escrow="refunded", refunded=PRICE)

_AT_PICKUP = {
    "latitude": BERLIN["latitude"],
    "longitude": BERLIN["longitude"],
    "accuracy_m": 12.0,
}

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
        "cancel-late",
        "The customer cancels on the last day: the traveler is compensated.",
        (
            *HELD,
            later("P2DT1H", "two of the three days pass"),
            asks("customer", "cancels late", "cancel", {"cost_minor_max": 1_050}),
            becomes("cancelled"),
        ),
        Ending(status="cancelled", escrow="split", refunded=3_150, traveler=840, platform=210),
    ),
    Scenario(
        "sender-absent",
        "The traveler comes on the last day and nobody is there: the journey in vain is paid.",
        (
            *HELD,
            later("P2DT1H", "two of the three days pass"),
            asks("traveler", "waits at the pickup", "no-show", {"position": _AT_PICKUP}),
            later("PT2H5M", "two hours pass at the door"),
            becomes("cancelled"),
        ),
        Ending(status="cancelled", escrow="split", refunded=1_890, traveler=2_100, platform=210),
    ),
    Scenario(
        "traveler-absent",
        "The traveler does not come: all goes back, and the request is open to others again.",
        (
            *HELD,
            later("P2DT23H", "the last hour begins"),
            asks("customer", "waits with the parcel", "no-show"),
            later("PT2H5M", "two hours pass"),
            becomes("requested"),
            asks("customer", "has lost patience", "cancel"),
            becomes("cancelled"),
        ),
        Ending(status="cancelled", escrow="none", refunded=PRICE),
    ),
    Scenario(
        "withdrawn",
        "The traveler gives the delivery back: all of it goes back, and others may offer.",
        (
            *HELD,
            asks("traveler", "gives the delivery back", "withdraw"),
            becomes("requested"),
            asks("customer", "has found another way", "cancel"),
            becomes("cancelled"),
        ),
        Ending(status="cancelled", escrow="none", refunded=PRICE),
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
