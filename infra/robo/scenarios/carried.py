"""The parcel arrives, sooner or later and with more or less trouble at the scanner."""

from __future__ import annotations

from infra.demo.scenes import BERLIN, MUNICH
from infra.robo.scenario import Ending, Scenario, asks, becomes, later, looks
from infra.robo.scenarios.usual import (
    ACCOUNT,
    ARRIVED,
    CARRIED,
    CONTENT,
    EARNED,
    FEE,
    HANDED_OVER,
    HELD,
    OFFERED,
    PICKED_UP,
    SCANNED_AT_HANDOVER,
    SHOWN_AT_HANDOVER,
    UNDISPUTED,
    accepted,
    position,
    requested,
)

_PAID = Ending(status="completed", escrow="released", traveler=EARNED, platform=FEE)
_LISBON = {"latitude": 38.7223, "longitude": -9.1393}

CARRIED_SCENARIOS = (
    Scenario(
        "happy",
        "The parcel arrives, nobody complains, the traveler is paid.",
        (*HELD, *CARRIED, *UNDISPUTED),
        _PAID,
    ),
    Scenario(
        "late",
        "The traveler takes nine of the ten days that a journey may last.",
        (
            *HELD,
            *PICKED_UP,
            later("P9D", "nine days pass on the way"),
            *ARRIVED,
            *HANDED_OVER,
            *CONTENT,
        ),
        _PAID,
    ),
    Scenario(
        "wrong-pin",
        "Five wrong PINs lock the PIN of the handover; the full code still works.",
        (
            *HELD,
            *PICKED_UP,
            *ARRIVED,
            SHOWN_AT_HANDOVER,
            *(
                asks(
                    "traveler",
                    f"types a wrong PIN, the {name} time",
                    "handover",
                    {"code": pin},
                    refused="code_wrong",
                )
                for name, pin in (
                    ("first", "000001"),
                    ("second", "000002"),
                    ("third", "000003"),
                    ("fourth", "000004"),
                    ("fifth", "000005"),
                )
            ),
            asks(
                "traveler",
                "types the right PIN, too late: it is locked",
                "handover",
                {"code": "{handover_pin}"},
                refused="code_locked",
            ),
            SCANNED_AT_HANDOVER,
            *CONTENT,
        ),
        _PAID,
    ),
    Scenario(
        "offline-scan",
        "The network dies at the door before the answer comes: the scan is repeated, and counts once.",
        (
            *HELD,
            *PICKED_UP,
            SHOWN_AT_HANDOVER,
            asks(
                "traveler",
                "scans at the door, and the network dies before the answer comes",
                "handover",
                {"code": "{handover_code}"},
                answer_lost=True,
            ),
            asks(
                "traveler",
                "scans it again as if it were new",
                "handover",
                {"code": "{handover_code}"},
                refused="code_already_used",
            ),
            looks("traveler", "sees that it was taken the first time", "", "status", "delivered"),
            *CONTENT,
        ),
        _PAID,
    ),
    Scenario(
        "old-code",
        "Screenshots of codes of another step, or already used, open nothing.",
        (
            *HELD,
            *PICKED_UP,
            looks(
                "traveler", "has kept a screenshot of the pickup code", "", "status", "in_transit"
            ),
            asks(
                "traveler",
                "shows the screenshot as if it were the handover code",
                "handover",
                {"code": "{pickup_code}"},
                refused="code_foreign",
            ),
            asks(
                "traveler",
                "scans the used code again at the sender's door",
                "pickup",
                {"code": "{pickup_code}"},
                refused="code_already_used",
            ),
            *ARRIVED,
            *HANDED_OVER,
            *CONTENT,
        ),
        _PAID,
    ),
    Scenario(
        "spoofed-positions",
        "Positions that cannot be: from the future they are refused, from afar they prove no arrival.",
        (
            *HELD,
            asks(
                "traveler",
                "sends a position before the parcel is there to carry",
                "positions",
                {"positions": [position(MUNICH)]},
                refused="wrong_state",
            ),
            *PICKED_UP,
            asks(
                "traveler",
                "sends a position that is taken tomorrow",
                "positions",
                {"positions": [{**position(MUNICH), "taken_at": "{now+P1D}"}]},
                refused="fields_invalid",
            ),
            asks(
                "traveler",
                "claims to have been in Lisbon and in Berlin within a minute",
                "positions",
                {"positions": [position(_LISBON, 1), position(BERLIN)]},
            ),
            looks(
                "customer", "sees that the parcel has not arrived", "track", "status", "in_transit"
            ),
            *ARRIVED,
            *HANDED_OVER,
            *CONTENT,
        ),
        _PAID,
    ),
    Scenario(
        "offer-withdrawn",
        "The traveler takes an offer back, which nobody can accept then, and makes another one.",
        (
            ACCOUNT,
            requested(),
            OFFERED,
            asks("traveler", "takes it back", "offers/{offer}/withdraw"),
            asks(
                "customer",
                "cannot accept what is not there",
                "offers/{offer}/accept",
                {"payment_method": "pm_sandbox_ok", "price_minor": 4_200},
                refused="offer_closed",
            ),
            asks(
                "traveler",
                "offers to carry it for EUR 40.00",
                "offers",
                {"price_minor": 4_000},
                keeps={"offer": "offer_id"},
            ),
            accepted(price_minor=4_000),
            becomes("awaiting_pickup"),
            *CARRIED,
            *CONTENT,
        ),
        Ending(status="completed", escrow="released", traveler=3_600, platform=400),
    ),
    Scenario(
        "haggling",
        "Two travelers offer; the customer names another price to one, who meets it half-way.",
        (
            ACCOUNT,
            requested(),
            OFFERED,
            asks("rival", "offers to carry it for EUR 49.00", "offers", {"price_minor": 4_900}),
            asks(
                "customer",
                "would pay the traveler EUR 36.00",
                "offers/{offer}/counter",
                {"price_minor": 3_600},
            ),
            asks(
                "customer",
                "cannot accept what only the traveler may answer",
                "offers/{offer}/accept",
                {"payment_method": "pm_sandbox_ok", "price_minor": 3_600},
                refused="offer_awaits_other_side",
            ),
            asks(
                "traveler",
                "meets the customer at EUR 40.00",
                "offers/{offer}/counter",
                {"price_minor": 4_000},
            ),
            accepted(price_minor=4_000),
            becomes("awaiting_pickup"),
            *CARRIED,
            *CONTENT,
        ),
        Ending(status="completed", escrow="released", traveler=3_600, platform=400),
    ),
)
"""Scenarios that end with the parcel at its recipient and the money with the traveler."""
