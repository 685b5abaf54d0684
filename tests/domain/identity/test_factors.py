"""Who needs a second factor, which one approves what, and what guessing costs."""

from __future__ import annotations

import pytest

from domain.identity.factors import (
    FACTORS,
    Method,
    approving_methods,
    may_remove_factor,
    needs_second_factor,
    steps_at,
)

DAYS_14_S = 14 * 24 * 3600


@pytest.mark.parametrize(
    ("roles", "needs"),
    [
        (["customer", "traveler"], False),
        (["agent"], True),
        (["customer", "senior_agent"], True),
        (["operator"], True),
        (["admin"], True),
        ([], False),
    ],
)
def test_staff_need_a_second_factor(roles: list[str], needs: bool) -> None:
    assert needs_second_factor(roles) is needs
    assert may_remove_factor(roles, factors_left=0) is not needs
    assert may_remove_factor(roles, factors_left=1)


def test_codes_on_paper_approve_nothing_but_changes_of_factors() -> None:
    held = [Method.RECOVERY_CODE, Method.TOTP]
    assert approving_methods(held, "/v1/disputes/1/verdict") == (Method.TOTP,)
    assert approving_methods(held, "/v1/me/second-factors/totp") == tuple(sorted(held)[::-1])
    assert approving_methods([], "/v1/me/second-factors/totp") == ()


def test_a_code_is_taken_one_step_around_its_own() -> None:
    now = 1_800_000_000
    own = now // FACTORS.step_s
    taken = [offset for offset in range(-20, 21) if own + offset in steps_at(now)]
    assert taken == [-1, 0, 1]


def test_guessing_codes_for_two_weeks_is_hopeless() -> None:
    tries, waited = 0, 0
    while waited < DAYS_14_S:
        tries += 1
        waited += FACTORS.waits_s[min(tries, len(FACTORS.waits_s)) - 1]
    codes_taken = 2 * FACTORS.steps_around + 1
    assert tries * codes_taken / 10**FACTORS.digits < 1.2e-3
    assert list(FACTORS.waits_s) == sorted(FACTORS.waits_s)
