"""Quarrels about the parcel, and how far up the ladder they go."""

from __future__ import annotations

from typing import Any

from infra.robo.scenario import Ending, Scenario, Step, asks, becomes, later, looks
from infra.robo.scenarios.usual import CARRIED, EARNED, FEE, HELD, PICKED_UP, PRICE

_DISPUTE = "/v1/disputes/{dispute}"
_REFUNDED = Ending(status="refunded", escrow="refunded", refunded=PRICE)
_RELEASED = Ending(status="completed", escrow="released", traveler=EARNED, platform=FEE)
_DELIVERED = (*HELD, *CARRIED)


def _disputed(who: str, tells: str, reason: str) -> Step:
    return asks(who, tells, "dispute", {"reason": reason}, keeps={"dispute": "dispute_id"})


def _verdict(outcome: str, note: str, **more: Any) -> tuple[Step, ...]:
    """Return an agent's verdict, and the days in which nobody appeals."""
    decided = {"outcome": outcome, "note": note, **more}
    return (
        asks("agent", f"decides: {outcome}. {note}", f"{_DISPUTE}/verdict", decided),
        later("P3DT1H", "three days pass without an appeal"),
    )


_DAMAGED = _disputed("customer", "complains: the guitar's neck is broken", "damaged")
_PHOTO = asks(
    "customer",
    "adds a photo of the broken neck",
    f"{_DISPUTE}/evidence",
    {"kind": "photo", "description": "The neck is broken at the third fret."},
    keeps={"photo": "evidence_id"},
)

QUARREL_SCENARIOS = (
    Scenario(
        "damage",
        "The parcel arrives broken; with photos an agent splits the money.",
        (
            *_DELIVERED,
            _DAMAGED,
            _PHOTO,
            asks(
                "traveler",
                "says that it was broken at the pickup already",
                f"{_DISPUTE}/messages",
                {"text": "It was broken at pickup already."},
            ),
            *_verdict("split", "Damaged, but it can be mended.", refund_minor=1_500),
            becomes("settled"),
        ),
        Ending(status="settled", escrow="split", refunded=1_500, traveler=2_430, platform=270),
    ),
    Scenario(
        "verdict-release",
        "The customer complains without proof; the agent releases the payment.",
        (
            *_DELIVERED,
            _disputed("customer", "says that something is missing", "other"),
            *_verdict("release", "Nothing shows that anything is missing."),
            becomes("completed"),
        ),
        _RELEASED,
    ),
    Scenario(
        "verdict-refund",
        "The parcel is broken beyond repair; the agent refunds the payment.",
        (
            *_DELIVERED,
            _DAMAGED,
            _PHOTO,
            *_verdict("refund", "Broken beyond repair."),
            becomes("refunded"),
        ),
        _REFUNDED,
    ),
    Scenario(
        "lost",
        "The parcel never arrives: after ten days an agent looks into it and refunds.",
        (
            *HELD,
            *PICKED_UP,
            later("P10DT1H", "ten days pass and the parcel is nowhere"),
            becomes("disputed", keeps={"dispute": "dispute_id"}),
            *_verdict("refund", "The parcel is lost."),
            becomes("refunded"),
        ),
        _REFUNDED,
    ),
    Scenario(
        "undecided",
        "No agent decides for two weeks: what was handed over with proof is paid.",
        (
            *_DELIVERED,
            _DAMAGED,
            later("P30D", "a month passes and nobody decides"),
            becomes("completed"),
        ),
        _RELEASED,
    ),
)
"""Scenarios with a dispute."""

LADDER_SCENARIOS = (
    Scenario(
        "dispute-answer",
        "The traveler accepts at once what the customer asks for.",
        (
            *_DELIVERED,
            _DAMAGED,
            asks("traveler", "accepts it", f"{_DISPUTE}/answer", {"accepts": True}),
            becomes("refunded"),
        ),
        _REFUNDED,
    ),
    Scenario(
        "dispute-unanswered",
        "The traveler says nothing: an agent decides by what the customer has shown.",
        (
            *_DELIVERED,
            _DAMAGED,
            _PHOTO,
            later("P2DT1H", "two days pass and the traveler does not answer"),
            *_verdict("refund", "The photo shows it, and nobody says otherwise."),
            becomes("refunded"),
        ),
        _REFUNDED,
    ),
    Scenario(
        "dispute-negotiation",
        "The sides agree on a split between themselves.",
        (
            *_DELIVERED,
            _DAMAGED,
            asks("traveler", "does not accept it", f"{_DISPUTE}/answer", {"accepts": False}),
            asks(
                "traveler",
                "would give EUR 10.00 back",
                f"{_DISPUTE}/proposals",
                {"outcome": "split", "refund_minor": 1_000},
            ),
            looks(
                "customer",
                "reads the proposal",
                _DISPUTE,
                "proposals.0.proposal_id",
                keeps={"proposal": "proposals.0.proposal_id"},
            ),
            asks("customer", "accepts it", f"{_DISPUTE}/proposals/{{proposal}}/accept"),
            becomes("settled"),
        ),
        Ending(status="settled", escrow="split", refunded=1_000, traveler=2_880, platform=320),
    ),
    Scenario(
        "dispute-appeal",
        "The first agent releases; with new evidence a second agent refunds, for good.",
        (
            *_DELIVERED,
            _DAMAGED,
            asks(
                "agent",
                "decides: release. Nothing shows the damage.",
                f"{_DISPUTE}/verdict",
                {"outcome": "release", "note": "Nothing shows the damage."},
            ),
            _PHOTO,
            asks("customer", "appeals with it", f"{_DISPUTE}/appeal", {"evidence_id": "{photo}"}),
            asks(
                "second_agent",
                "decides for good: refund",
                f"{_DISPUTE}/verdict",
                {"outcome": "refund", "note": "The photo shows it."},
            ),
            becomes("refunded"),
        ),
        _REFUNDED,
    ),
)
"""Disputes at each level of the ladder."""
