"""Parcels that change hands where there is no network."""

from __future__ import annotations

from infra.robo.scenario import Ending, Scenario, asks, looks, phones
from infra.robo.scenarios.usual import CONTENT, EARNED, FEE, HELD, PICKED_UP, SHOWN_AT_HANDOVER

_CLAIMS = {
    "sent_at": "{sent_at}",
    "claims": [{"device_id": "{device_id}", "claim": "{claim}", "signature": "{signature}"}],
}

OFFLINE_SCENARIOS = (
    Scenario(
        "offline",
        "The parcel is handed over without network; custody moves once the phone is back in one.",
        (
            *HELD,
            *PICKED_UP,
            phones("traveler", "takes a phone into use", "activate"),
            asks(
                "traveler",
                "takes a manifest along",
                "offline-manifest",
                keeps={"manifest": "manifest"},
                signed=True,
            ),
            SHOWN_AT_HANDOVER,
            phones(
                "traveler",
                "scans it without network",
                "claim handover",
                body={"manifest": "{manifest}", "code": "{handover_code}"},
                keeps={name: name for name in ("claim", "signature", "sent_at", "device_id")},
            ),
            looks("customer", "sees it carried still", "", "status", "in_transit"),
            asks(
                "traveler",
                "is back in a network and brings the claim back",
                "offline-claims",
                _CLAIMS,
                answer_lost=True,
            ),
            looks("customer", "sees it handed over", "", "status", "delivered"),
            *CONTENT,
        ),
        Ending(status="completed", escrow="released", traveler=EARNED, platform=FEE),
    ),
)
