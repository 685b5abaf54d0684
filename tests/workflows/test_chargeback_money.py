"""What a chargeback does to the money: who has it, who owes it and who bears it."""

from __future__ import annotations

import pytest

from domain.contracts import AttentionAction, ResolveAttention
from domain.ledger import Bearer
from domain.policies import VerdictOutcome
from domain.status import DeliveryStatus, EscrowStatus
from infra.identifiers import new_id
from tests.waiting import until
from tests.workflows.charging_back import PLENTY, ChargingBack, own, paid_out, unpaid
from tests.workflows.play import Play


@pytest.fixture
def charging_back(play: Play) -> ChargingBack:
    return ChargingBack(play)


async def test_a_lost_chargeback_after_the_payout_is_the_travelers_debt(
    charging_back: ChargingBack,
) -> None:
    play = charging_back.play
    await paid_out(play, own("acct_sandbox_t", play))
    await charging_back.open()
    await charging_back.stands(status="open", withdrawn_minor=4_200, fee_minor=1_500)
    await charging_back.met("transfer_recall_refused")
    await until(lambda: _has_items(charging_back, ["evidence", "recall"]))
    await charging_back.decide(won=False)
    assert await charging_back.ended() == "lost"
    totals = await charging_back.totals()
    assert (totals.charged_back, totals.dues, totals.losses) == (4_200, 3_780, 420)
    assert await play.balance(f"traveler_dues:{play.traveler.person_id}") == 3_780
    assert await charging_back.items() == []


async def _has_items(charging_back: ChargingBack, expected: list[str]) -> bool:
    return await charging_back.items() == expected


async def test_what_is_still_with_the_traveler_is_recalled_and_lost(
    charging_back: ChargingBack,
) -> None:
    play = charging_back.play
    await unpaid(play, own("acct_sandbox_t_payout_refused", play))
    await charging_back.open()
    await charging_back.stands(status="open", recalled_minor=3_780)
    assert await play.balance(f"escrow:{play.order.delivery_id}") == 3_780
    await charging_back.decide(won=False)
    assert await charging_back.ended() == "lost"
    totals = await charging_back.totals()
    assert (totals.reversed, totals.dues, totals.losses, totals.held) == (3_780, 0, 420, 0)
    assert (await charging_back.row())["taken_from_held_minor"] == 3_780


async def test_what_was_recalled_is_released_again_when_it_is_won(
    charging_back: ChargingBack,
) -> None:
    play = charging_back.play
    await charging_back.fill("acct_sandbox_other", PLENTY)
    await unpaid(play, own("acct_sandbox_t_payout_refused", play))
    await charging_back.open()
    await charging_back.stands(recalled_minor=3_780)
    await charging_back.decide(won=True)
    await charging_back.stands(status="won", attention="pay_out_again")
    handle = await charging_back.handle()
    by_hand = ResolveAttention(AttentionAction.DONE_BY_HAND, new_id(), "sent by hand")
    await charging_back.resolve(by_hand)
    assert await handle.result() == "won"
    totals = await charging_back.totals()
    assert (totals.charged_back, totals.held, totals.dues, totals.losses) == (0, 0, 0, 0)
    assert await play.balance(f"traveler_payable:{play.traveler.person_id}") == 0
    row = await charging_back.row()
    assert (row["recalled_minor"], row["withdrawn_minor"], row["attention"]) == (0, 0, None)
    assert (await play.events())[-2:] == ["share_paid_out_again", "chargeback_resumed"] or (
        await play.events()
    )[-1] == "share_paid_out_again"


async def test_a_recall_may_take_what_another_delivery_brought_and_the_traveler_owes_it(
    charging_back: ChargingBack,
) -> None:
    play = charging_back.play
    account = own("acct_sandbox_t", play)
    await paid_out(play, account)
    await charging_back.fill(account, 5_000)
    await charging_back.open()
    await charging_back.stands(recalled_minor=3_780)
    assert await play.balance(f"traveler_dues:{play.traveler.person_id}") == 3_780
    await charging_back.decide(won=True)
    assert await charging_back.ended() == "won"
    assert await play.balance(f"traveler_dues:{play.traveler.person_id}") == 0
    assert (await charging_back.totals()).is_settled


async def test_a_reason_of_the_platforms_own_is_never_taken_from_the_traveler(
    charging_back: ChargingBack,
) -> None:
    play = charging_back.play
    await unpaid(play, own("acct_sandbox_t_payout_refused", play))
    await charging_back.open(reason="duplicate")
    await charging_back.stands(status="open", withdrawn_minor=4_200)
    await charging_back.decide(won=False)
    assert await charging_back.ended() == "lost"
    totals = await charging_back.totals()
    assert (totals.reversed, totals.dues, totals.losses) == (0, 0, 4_200)


@pytest.mark.parametrize(
    ("bearer", "dues", "losses"), [(None, 3_780, 1_220), (Bearer.CUSTOMER, 5_000, 0)]
)
async def test_a_chargeback_may_be_larger_than_the_payment(
    charging_back: ChargingBack, bearer: Bearer | None, dues: int, losses: int
) -> None:
    play = charging_back.play
    await paid_out(play, own("acct_sandbox_t", play))
    await charging_back.open(5_000)
    await charging_back.met("transfer_recall_refused")
    if bearer is not None:
        await charging_back.name_bearer(bearer)
    await charging_back.decide(won=False)
    assert await charging_back.ended() == "lost"
    totals = await charging_back.totals()
    assert (totals.charged_back, totals.dues, totals.losses) == (5_000, dues, losses)


async def test_a_part_of_the_payment_may_be_charged_back(charging_back: ChargingBack) -> None:
    play = charging_back.play
    await unpaid(play, own("acct_sandbox_t_payout_refused", play))
    await charging_back.open(1_000)
    await charging_back.stands(recalled_minor=1_000)
    await charging_back.decide(won=False)
    assert await charging_back.ended() == "lost"
    totals = await charging_back.totals()
    assert (totals.reversed, totals.dues, totals.losses) == (1_000, 0, 0)


@pytest.mark.parametrize(
    ("won", "closed", "escrow"),
    [
        (True, DeliveryStatus.COMPLETED, EscrowStatus.RELEASED),
        (False, DeliveryStatus.CHARGED_BACK, EscrowStatus.CHARGED_BACK),
    ],
)
async def test_before_the_release_it_is_frozen_until_the_bank_decides(
    charging_back: ChargingBack, *, won: bool, closed: DeliveryStatus, escrow: EscrowStatus
) -> None:
    play = charging_back.play
    await play.delivered(account=own("acct_sandbox_t", play))
    await charging_back.open()
    await charging_back.stands(status="open", withdrawn_minor=4_200)
    await play.confirm()
    await charging_back.met("release_frozen")
    await charging_back.decide(won=won)
    assert await play.closed() is closed
    assert (await play.standing())["escrow"] == escrow
    assert await charging_back.ended() == ("won" if won else "lost")
    totals = await charging_back.totals()
    assert (totals.charged_back, totals.transferred) == ((0, 3_780) if won else (4_200, 0))
    assert (totals.losses, totals.dues, totals.held) == (0, 0, 0)


async def test_a_lost_part_leaves_the_rest_to_be_released(charging_back: ChargingBack) -> None:
    play = charging_back.play
    await play.delivered(account=own("acct_sandbox_t", play))
    await charging_back.open(1_200)
    await charging_back.stands(status="open", withdrawn_minor=1_200)
    await play.confirm()
    await charging_back.met("release_frozen")
    await charging_back.decide(won=False)
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert await charging_back.ended() == "lost"
    totals = await charging_back.totals()
    assert (totals.charged_back, totals.transferred, totals.fees) == (1_200, 2_700, 300)


@pytest.mark.parametrize("outcome", [VerdictOutcome.REFUND, VerdictOutcome.RELEASE])
async def test_during_a_dispute_nothing_is_given_back_that_the_bank_gave_back_already(
    charging_back: ChargingBack, outcome: VerdictOutcome
) -> None:
    play = charging_back.play
    await play.delivered(account=own("acct_sandbox_t", play))
    await play.dispute()
    await charging_back.open()
    await charging_back.stands(status="open", withdrawn_minor=4_200)
    await play.decide(outcome)
    await charging_back.met("release_frozen")
    await charging_back.decide(won=False)
    assert await play.closed() is DeliveryStatus.CHARGED_BACK
    assert await charging_back.ended() == "lost"
    totals = await charging_back.totals()
    assert (totals.charged_back, totals.refunded, totals.transferred) == (4_200, 0, 0)
