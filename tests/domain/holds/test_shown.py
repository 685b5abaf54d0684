"""A call for help is shown to parties with the clock of a hold that staff have placed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.contracts import Actor, Role
from domain.holds.policy import HoldPolicy
from domain.holds.rules import Hold, next_telling
from domain.holds.shown import usual_telling

SINCE = datetime(2026, 5, 1, 12, tzinfo=UTC)
A_MOMENT = timedelta(seconds=1)


@pytest.mark.parametrize("tellings", range(5))
def test_it_is_due_when_a_hold_of_staff_would_be(tellings: int) -> None:
    policy = HoldPolicy()
    hold = Hold("Fraud is reported.", Actor(Role.OPERATOR), SINCE, tellings)
    before = next_telling(replace(hold, tellings=tellings - 1), policy) if tellings else SINCE
    due_at = next_telling(hold, policy)
    for now in (before, before + A_MOMENT, due_at - A_MOMENT):
        assert usual_telling(SINCE, policy, now) == due_at
