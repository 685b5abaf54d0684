"""Travelers whose account is not set up: the release waits, reminds, and is parked in the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from domain.contracts import AttentionAction, ResolveAttention
from domain.deadlines import DeadlineKind
from domain.policies import Policies, VerdictOutcome
from domain.provider_news import PaymentNews
from domain.status import DeliveryStatus, EscrowStatus
from infra.identifiers import new_id
from infra.payments.sandbox_tables import sandbox_attempt
from tests.waiting import until
from tests.workflows.conftest import Stage
from tests.workflows.play import Play
from workflows.delivery import DeliveryWorkflow

NEVER_READY = "acct_sandbox_t_not_ready"
READY_AT_THE_SECOND_TRY = "acct_sandbox_t_not_ready_1"
READY_AT_THE_THIRD_TRY = "acct_sandbox_t_not_ready_2"
WEEK = timedelta(seconds=Policies().windows.account_reminder_s + 1)


async def awaited(play: Play, times: int = 1) -> None:
    """Wait until the traveler was reminded so often."""

    async def is_reminded() -> bool:
        return (await play.events()).count("account_awaited") == times

    await until(is_reminded)


async def tell_of_account(play: Play, operation_id: str = "") -> None:
    news = PaymentNews(operation_id, "acct_sandbox_t")
    await play.handle.signal(DeliveryWorkflow.payment_news, news)


async def tried(play: Play, times: int) -> bool:
    """Tell whether the provider was asked so often in vain."""
    tries = select(sandbox_attempt.c.tries).where(
        sandbox_attempt.c.operation_id == f"{play.order.delivery_id}:transfer"
    )
    return bool((await play.read(tries))[0][0] == times)


async def test_the_release_waits_for_the_account_and_goes_on_at_once_when_there_is_news(
    play: Play,
) -> None:
    await play.delivered(account=READY_AT_THE_SECOND_TRY)
    await play.confirm()
    await awaited(play)
    standing = await play.standing()
    assert standing["deadline_kind"] == DeadlineKind.ACCOUNT
    assert standing["escrow"] == EscrowStatus.RELEASING
    assert standing["attention"] is None
    assert await play.balance(f"escrow:{play.order.delivery_id}") == 4_200
    await tell_of_account(play)
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert (await play.events()).count("account_awaited") == 1
    assert await play.balance(f"escrow:{play.order.delivery_id}") == 0


async def test_without_news_the_traveler_is_reminded_every_week(play: Play) -> None:
    await play.delivered(account=READY_AT_THE_THIRD_TRY)
    await play.confirm()
    await awaited(play)
    await play.pass_time(WEEK)
    await awaited(play, 2)
    await play.pass_time(WEEK)
    assert await play.closed() is DeliveryStatus.COMPLETED


async def test_news_that_changes_nothing_reminds_nobody(play: Play) -> None:
    await play.delivered(account=READY_AT_THE_THIRD_TRY)
    await play.confirm()
    await awaited(play)
    await tell_of_account(play)
    await until(lambda: tried(play, 2))
    await tell_of_account(play)
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert (await play.events()).count("account_awaited") == 1


async def test_a_split_refunds_once_and_waits_with_the_rest(play: Play) -> None:
    await play.delivered(account=READY_AT_THE_SECOND_TRY)
    await play.dispute()
    await play.decide(VerdictOutcome.SPLIT, 1_000)
    await awaited(play)
    assert (await play.standing())["status"] == DeliveryStatus.SETTLING
    await tell_of_account(play)
    assert await play.closed() is DeliveryStatus.SETTLED
    assert (await play.events()).count("share_refunded") == 1


async def test_an_account_that_is_never_set_up_is_parked_before_money_may_not_be_held_any_more(
    play: Play,
) -> None:
    await play.delivered(account=NEVER_READY)
    await play.confirm()
    await awaited(play)
    windows = play.order.policies.windows
    reminders = windows.account_s_max // windows.account_reminder_s
    for time in range(2, reminders + 1):
        await play.pass_time(WEEK)
        await awaited(play, time)
    await play.pass_time(WEEK)
    await play.parked("release_funds")
    by_hand = ResolveAttention(AttentionAction.DONE_BY_HAND, new_id(), "sent to a new account")
    await play.resolve(by_hand)
    await play.parked("pay_out")
    await play.resolve(ResolveAttention(AttentionAction.SKIP, reason="it has the money already"))
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert (await play.handle.fetch_history()).events[-1].event_id < 600


async def test_a_retry_of_the_parked_release_finds_the_account(stage: Stage) -> None:
    policies = Policies()
    windows = replace(policies.windows, account_s_max=0)
    play = await stage(replace(policies, windows=windows))
    await play.delivered(account=READY_AT_THE_SECOND_TRY)
    await play.confirm()
    await play.parked("release_funds")
    assert "account_awaited" not in await play.events()
    await play.resolve(ResolveAttention())
    assert await play.closed() is DeliveryStatus.COMPLETED
