"""What the checks call a violation: money missing or doubled, a wrong exit, a refused command."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from domain.status import DeliveryStatus
from tests.chaos.checks import differences, problems_of
from tests.chaos.movements import Movements, expected, without_fees
from tests.chaos.people import Ending
from tests.chaos.plan import Play
from tests.chaos.stories import Story

PLAY = Play(
    number=1,
    story=Story.SPLIT,
    price_minor=6_000,
    methods=("pm_sandbox_ok",),
    account=None,
    reserved=False,
    recipient_has_account=True,
    cancels_at=DeliveryStatus.AWAITING_PICKUP,
    bank_rejects=False,
    pause_s=0.0,
)
SPLIT: Movements = Counter(
    {
        ("charge", 6_000): 1,
        ("refund", 2_000): 1,
        ("transfer", 3_600): 1,
        ("payout", 3_600): 1,
        ("fee", 400): 1,
    }
)


def ending(story: Story, status: DeliveryStatus, escrow: str = "none") -> Ending:
    return Ending(replace(PLAY, story=story), status=status, escrow=escrow, is_closed=True)


@pytest.mark.parametrize(
    ("escrow", "moved"),
    [
        ("none", Counter()),
        ("voided", Counter()),
        ("refunded", Counter({("charge", 6_000): 1, ("refund", 6_000): 1})),
        (
            "released",
            Counter(
                {
                    ("charge", 6_000): 1,
                    ("transfer", 5_400): 1,
                    ("payout", 5_400): 1,
                    ("fee", 600): 1,
                }
            ),
        ),
        ("split", SPLIT),
    ],
)
def test_how_the_held_payment_ended_says_what_moved(escrow: str, moved: Movements) -> None:
    assert expected(ending(Story.SPLIT, DeliveryStatus.SETTLED, escrow)) == moved


def test_what_is_missing_or_doubled_is_named() -> None:
    assert differences(SPLIT, SPLIT, "the ledger") == []
    lacking = without_fees(SPLIT)
    assert differences(SPLIT, lacking, "the ledger") == ["the ledger lacks 1 x fee of 400"]
    doubled = SPLIT + Counter({("payout", 3_600): 1})
    assert differences(SPLIT, doubled, "the provider") == [
        "the provider has 1 x payout of 3600 too many"
    ]


def test_only_a_clock_that_ran_out_excuses_another_exit() -> None:
    in_time = ending(Story.REFUNDED, DeliveryStatus.COMPLETED)
    assert problems_of(in_time) == ["it ended completed, not refunded"]
    assert problems_of(replace(in_time, is_overtaken=True)) == []
    not_handed_over = ending(Story.CONFIRMED, DeliveryStatus.REFUNDED)
    assert problems_of(not_handed_over) == ["it ended refunded, not completed"]
    assert problems_of(replace(not_handed_over, is_overdue=True)) == []


def test_what_people_met_with_is_kept() -> None:
    met = ending(Story.CONFIRMED, DeliveryStatus.COMPLETED)
    met.faults.append("refused")
    assert problems_of(met) == ["refused"]
