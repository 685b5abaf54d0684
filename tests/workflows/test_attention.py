"""Steps that fail for good: parked, shown to operators, and resolved by one update."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from domain.contracts import AttentionAction, ResolveAttention
from domain.policies import Policies, VerdictOutcome
from domain.status import DeliveryStatus, EscrowStatus
from infra.database.schema import payment_operation
from infra.identifiers import new_id
from infra.payments.sandbox import SandboxProvider
from tests.waiting import until
from tests.workflows.conftest import Stage
from tests.workflows.play import Play, refusal_of

RETRY = ResolveAttention()
SKIP = ResolveAttention(AttentionAction.SKIP, reason="the bank is closed")


def by_hand() -> ResolveAttention:
    """What an operator sends who did it at the provider; each reference settles one operation."""
    return ResolveAttention(AttentionAction.DONE_BY_HAND, new_id(), "phoned the provider")


async def test_a_refund_refused_for_good_is_parked_and_booked_by_hand(play: Play) -> None:
    await play.held(method="pm_sandbox_ok_refund_refused")
    await play.cancel()
    await play.parked("refund_funds")
    assert (await play.standing())["status"] == DeliveryStatus.REFUNDING
    resolution = by_hand()
    await play.resolve(resolution)
    assert await play.closed() is DeliveryStatus.CANCELLED
    rows = await play.read(
        select(payment_operation.c.provider_id).where(
            payment_operation.c.operation_id == f"{play.order.delivery_id}:refund"
        )
    )
    assert rows[0][0] == resolution.reference


async def test_retrying_a_step_that_still_fails_parks_it_again(play: Play) -> None:
    await play.held(method="pm_sandbox_ok_refund_refused")
    await play.cancel()
    await play.parked("refund_funds")
    await play.resolve(RETRY)
    await play.parked("refund_funds")
    await play.resolve(by_hand())
    assert await play.closed() is DeliveryStatus.CANCELLED
    assert (await play.events()).count("attention_raised") == 2


async def test_a_release_cannot_be_skipped_but_done_by_hand(play: Play) -> None:
    await play.delivered(account="acct_sandbox_t_refused")
    await play.confirm()
    await play.parked("release_funds")
    assert await refusal_of(play.resolve(SKIP)) == "skip_not_safe"
    no_reference = ResolveAttention(AttentionAction.DONE_BY_HAND)
    assert await refusal_of(play.resolve(no_reference)) == "wrong_state"
    await play.resolve(by_hand())
    await play.parked("pay_out")
    await play.resolve(by_hand())
    assert await play.closed() is DeliveryStatus.COMPLETED


async def test_news_of_anything_moves_no_money_of_a_parked_step(play: Play) -> None:
    """What staff have done elsewhere, and changes of the traveler's account, are news too."""
    await play.delivered(account="acct_sandbox_t_refused")
    await play.confirm()
    await play.parked("release_funds")
    await play.news()

    async def is_parked_again() -> bool:
        return (await play.events()).count("attention_raised") == 2

    await until(is_parked_again)
    assert "released" not in await play.events()
    await play.resolve(by_hand())
    await play.parked("pay_out")
    await play.resolve(by_hand())
    assert await play.closed() is DeliveryStatus.COMPLETED


async def test_one_transfer_by_hand_cannot_be_given_for_two_steps(play: Play) -> None:
    await play.delivered(account="acct_sandbox_t_refused")
    await play.confirm()
    await play.parked("release_funds")
    released = by_hand()
    await play.resolve(released)
    await play.parked("pay_out")
    await play.resolve(released)

    async def is_parked_again() -> bool:
        return (await play.events()).count("attention_raised") == 3

    await until(is_parked_again)
    assert "paid_out" not in await play.events()
    await play.resolve(by_hand())
    assert await play.closed() is DeliveryStatus.COMPLETED


async def test_a_skipped_payout_stays_owed_to_the_traveler(play: Play) -> None:
    await play.delivered(account="acct_sandbox_t_payout_refused")
    await play.confirm()
    await play.parked("pay_out")
    await play.resolve(SKIP)
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert await play.balance(f"traveler_payable:{play.traveler.person_id}") == 3_780
    assert (await play.events())[-1] == "payout_skipped"


async def test_an_alarm_that_nobody_answers_is_raised_again(play: Play) -> None:
    await play.held(method="pm_sandbox_ok_refund_refused")
    await play.cancel()
    await play.parked("refund_funds")
    await play.pass_time(timedelta(days=1, seconds=1))
    await play.resolve(by_hand())
    assert await play.closed() is DeliveryStatus.CANCELLED
    assert (await play.events()).count("attention_raised") >= 2


async def test_nothing_to_resolve_is_said_so(play: Play) -> None:
    await play.held()
    assert await refusal_of(play.resolve(RETRY)) == "nothing_needs_attention"


async def test_an_outage_longer_than_the_tries_is_parked_and_a_retry_ends_it(stage: Stage) -> None:
    policies = Policies()
    play = await stage(replace(policies, retries=replace(policies.retries, tries_max=2)))
    await play.delivered(account="acct_sandbox_t_unavailable_3")
    await play.confirm()
    await play.parked("release_funds")
    await play.resolve(RETRY)
    assert await play.closed() is DeliveryStatus.COMPLETED


async def test_a_split_whose_release_is_parked_ends_after_a_retry(play: Play) -> None:
    await play.delivered(account="acct_sandbox_t_refused")
    await play.dispute()
    await play.decide(VerdictOutcome.SPLIT, 1_000)
    await play.parked("release_funds")
    assert (await play.standing())["escrow"] == EscrowStatus.SPLITTING
    await play.resolve(by_hand())
    await play.parked("pay_out")
    await play.resolve(SKIP)
    assert await play.closed() is DeliveryStatus.SETTLED


async def test_a_payout_that_was_made_after_all_is_booked_when_it_is_skipped(stage: Stage) -> None:
    policies = Policies()
    play = await stage(replace(policies, retries=replace(policies.retries, tries_max=1)))
    await play.delivered(account="acct_sandbox_t_payout_timeout_after_success")
    await play.confirm()
    await play.parked("pay_out")
    await play.resolve(SKIP)
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert (await play.events())[-1] == "paid_out"
    assert await play.balance(f"traveler_payable:{play.traveler.person_id}") == 0


async def test_a_transfer_that_was_made_after_all_is_not_booked_under_another_name(
    stage: Stage, provider: SandboxProvider
) -> None:
    policies = Policies()
    play = await stage(replace(policies, retries=replace(policies.retries, tries_max=1)))
    await play.delivered(account="acct_sandbox_t_timeout_after_success")
    await play.confirm()
    await play.parked("release_funds")
    await play.resolve(by_hand())
    assert await play.closed() is DeliveryStatus.COMPLETED
    operation_id = f"{play.order.delivery_id}:transfer"
    made = [each.provider_id for each in await provider.objects(operation_id)]
    booked = await play.read(
        select(payment_operation.c.provider_id).where(
            payment_operation.c.operation_id == operation_id
        )
    )
    assert [booked[0][0]] == made
