"""Every scenario can be played: who acts is known, and what a step names was kept before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from domain.status import CLOSED, ENDED
from infra.robo.cast import ROLES
from infra.robo.scenario import Deed, Scenario, Step
from infra.robo.scenarios import SCENARIOS

NAME = re.compile(r"\{([a-z_]+)\}")
ALWAYS_KNOWN = {*ROLES, "home"}
BANK_PLAYS = {"inquire", "take", "escalate", "win", "lose", "close", "lapse"}
WANTED = {
    "happy",
    "late",
    "no-show",
    "wrong-pin",
    "old-code",
    "spoofed-positions",
    "refusal",
    "damage",
    "lost",
    "decline",
    "authorisation-expiry",
    "chargeback-before-release",
    "chargeback-after-payout",
    "dispute-answer",
    "dispute-negotiation",
    "dispute-appeal",
    "erasure",
    "high-proof",
    "maximum-proof",
}
"""What the guide for integrators promises."""


def texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    for member in content.values() if isinstance(content, dict) else ():
        yield from texts(member)
    for member in content if isinstance(content, list) else ():
        yield from texts(member)


def named_by(step: Step) -> set[str]:
    return {name for text in texts([step.path, dict(step.body)]) for name in NAME.findall(text)}


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=lambda each: each.name)
def test_a_scenario_names_only_what_is_known_by_then(scenario: Scenario) -> None:
    known = set(ALWAYS_KNOWN)
    for step in scenario.steps:
        if step.deed is Deed.BANK:
            assert step.path in BANK_PLAYS
        elif step.deed is not Deed.ADVANCE:
            assert step.who in ROLES
        assert named_by(step) <= known, step.tells
        known |= set(step.keeps)
    assert "delivery" in known
    assert scenario.ending.status in CLOSED
    assert scenario.ending.escrow in {*ENDED, "none"}


def test_the_promised_scenarios_are_there() -> None:
    assert set(SCENARIOS) >= WANTED


def test_who_gets_what_is_what_was_paid() -> None:
    twice_paid = {"withdraw", "extra-costs", "tip"}
    for scenario in SCENARIOS.values():
        ending = scenario.ending
        shared = ending.refunded + ending.traveler + ending.platform
        assert shared in (0, 4_000, 4_200) or scenario.name in twice_paid, scenario.name
