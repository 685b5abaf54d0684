"""Plans that once did not end well, each with what was wrong; they are played before any new one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest

from tests.money_machine.installation import Installation, installed
from tests.money_machine.plan import Plan, Step, Trouble
from tests.money_machine.playing import play
from worker import CACHED_WORKFLOWS_MAX

KNOWN = {
    "a slow capture was booked after its step had been given up, and nobody was told": Plan(
        card="pm_card_pendingRefund",
        horizon="authorise",
        account="late",
        steps=(Step("pick_up"), Step("pass_time", "two hours"), Step("hand_over")),
        troubles=(
            Trouble("GET *", "late"),
            Trouble("POST *", "late", 2),
            Trouble("GET *", "drop_after", 2),
        ),
        crashes=(8, 17, 34),
    ),
    "the charge of a saved method took the answer to its saving for its own": Plan(
        card="pm_card_threeDSecureRequired",
        price_minor=100,
        horizon="save",
        steps=(Step("authenticate", "yes"), Step("pick_up"), Step("news", 3)),
    ),
    "a slow refund took the alarm away after its step had been given up": Plan(
        card="pm_card_pendingRefund",
        price_minor=100,
        steps=(
            Step("pick_up"),
            Step("hand_over"),
            Step("dispute", "recipient"),
            Step("decide", 97),
            Step("pass_time", "two minutes"),
            Step("pass_time", "a day"),
        ),
        troubles=(
            Trouble("GET *", "late", 5),
            Trouble("POST *", "conflict", 3),
            Trouble("GET *", "conflict", 5),
            Trouble("GET *", "cached_500"),
        ),
    ),
    "the second netting of a delivery was counted as a part of the first": Plan(
        card="pm_card_pendingRefund",
        price_minor=1_000_000,
        horizon="save",
        account="late",
        steps=(
            Step("news", 1),
            Step("wait_for_departure"),
            Step("pick_up"),
            Step("hand_over"),
            Step("confirm"),
            Step("complain", "chargeback"),
            Step("pass_time", "two weeks"),
        ),
        owes_minor=1_000,
    ),
    "news of a refund that came back was put off, and nobody waited for its next turn": Plan(
        card="pm_card_threeDSecureRequired",
        steps=(
            Step("authenticate", "yes"),
            Step("pick_up"),
            Step("hand_over"),
            Step("dispute", "customer"),
            Step("decide", 96),
            Step("pass_time", "four days"),
            Step("refund_bounces"),
        ),
        troubles=(
            Trouble("POST *", "rate_limit", 5),
            Trouble("GET *", "lock_timeout", 4),
            Trouble("POST *", "late", 3),
            Trouble("POST *", "cached_500_after"),
        ),
        crashes=(3, 7, 11),
    ),
    "a refund came back of which a lost chargeback had taken a part, and the rest stayed here": Plan(
        steps=(
            Step("pick_up"),
            Step("hand_over"),
            Step("dispute", "customer"),
            Step("decide", 50),
            Step("reach_bank", "arrives"),
            Step("complain", "smaller"),
            Step("refund_bounces"),
            Step("rule", "lost"),
            Step("news", 1),
            Step("settle_correction", "again"),
        ),
    ),
    "a chargeback reported before a relay was booked on the first traveler": Plan(
        steps=(
            Step("pick_up"),
            Step("complain", "inquiry"),
            Step("news", 1),
            Step("relay", "hand over"),
            Step("hand_over"),
            Step("confirm"),
            Step("reach_bank", "arrives"),
            Step("rule", "escalate"),
            Step("news", 1),
            Step("rule", "lost"),
        ),
    ),
    "what was called back of a tip stayed here once its chargeback was lost": Plan(
        steps=(
            Step("pick_up"),
            Step("hand_over"),
            Step("confirm"),
            Step("tip", "pm_card_bypassPending"),
            Step("complain", "of the latest"),
            Step("news", 1),
            Step("rule", "lost"),
        ),
    ),
    "a giver without an answer and a lost chargeback blocked the shares of both": Plan(
        steps=(
            Step("pick_up"),
            Step("relay", "hand over"),
            Step("account", "restrict"),
            Step("hand_over"),
            Step("confirm"),
            Step("complain", "chargeback"),
            Step("news", 1),
            Step("rule", "lost"),
        ),
        troubles=tuple(Trouble("POST /v1/transfers", "drop_before", nth) for nth in range(1, 5)),
    ),
}


@pytest.fixture(scope="module")
def installation(database_url: str, quiet: None, runner: asyncio.Runner) -> Iterator[Installation]:
    stack = AsyncExitStack()
    running = installed(database_url, 1, CACHED_WORKFLOWS_MAX)
    yield runner.run(stack.enter_async_context(running))
    runner.run(stack.aclose())


@pytest.mark.parametrize("plan", KNOWN.values(), ids=KNOWN)
def test_a_plan_that_once_failed_ends_well(
    installation: Installation, runner: asyncio.Runner, plan: Plan
) -> None:
    assert runner.run(play(installation, installation.lanes[0], plan)) is not None
