"""One seed gives one plan, and a plan kills every part as often as it promises."""

from __future__ import annotations

from collections import Counter

import pytest

from domain.money import Money
from domain.policies import FeePolicy
from domain.pricing import price_shares
from infra.local_stack.program import Part
from infra.payments.sandbox_scripts import account_scripts, method_scripts
from tests.chaos.movements import FEE_PARTS
from tests.chaos.plan import make_plan
from tests.chaos.stories import Story


def test_the_same_seed_gives_the_same_plan_and_another_one_another() -> None:
    assert make_plan(40, seed=7) == make_plan(40, seed=7)
    assert make_plan(40, seed=7).plays != make_plan(40, seed=8).plays


@pytest.mark.parametrize(("deliveries", "kills"), [(1, 1), (8, 1), (20, 1), (21, 2), (200, 10)])
def test_every_part_is_killed_once_per_twenty_deliveries(deliveries: int, kills: int) -> None:
    strikes = make_plan(deliveries, seed=3).strikes
    victims = Counter(part for strike in strikes for part in strike.parts)
    assert victims == dict.fromkeys(Part, kills)
    assert all(1 <= strike.after <= deliveries for strike in strikes)
    assert all(len(set(strike.parts)) == len(strike.parts) for strike in strikes)


def test_every_story_is_played_as_often_as_any_other() -> None:
    played = Counter(play.story for play in make_plan(200, seed=1).plays)
    assert set(played) == set(Story)
    assert max(played.values()) - min(played.values()) <= 1


def test_the_sandbox_knows_every_token_and_prices_share_without_a_rest() -> None:
    for play in make_plan(200, seed=5).plays:
        assert len([method_scripts(method) for method in play.methods]) in (1, 2)
        account_scripts(play.account or "acct_sandbox_1")
        for earned in (play.price_minor, play.price_minor - play.refund_minor):
            shares = price_shares(FeePolicy(), Money(earned, "EUR"))
            assert shares.fee.amount_minor * FEE_PARTS == earned
