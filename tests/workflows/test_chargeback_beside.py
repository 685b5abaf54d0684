"""A chargeback takes from whoever answers for the payment, and from nobody else's money."""

from __future__ import annotations

from domain.contracts import AttentionAction, CodePurpose, ResolveAttention
from domain.correcting.rules import CorrectionKind, CorrectionStatus
from domain.status import DeliveryStatus
from infra.database.invariants import check_invariants
from infra.identifiers import new_id
from tests.workflows.charging_back import PLENTY, SKIP, ChargingBack, own, paid_out
from tests.workflows.correcting import Correcting
from tests.workflows.play import Play
from tests.workflows.relaying import handed_on
from tests.workflows.test_extra_costs import DONE, agree, cost

TAKER, TAKER_UNPAID = "acct_sandbox_t", "acct_sandbox_t_payout_refused"


async def relayed_after_inquiry(play: Play, taker: str) -> tuple[Play, ChargingBack]:
    """Have the bank ask, and only then the parcel handed on and brought to its recipient."""
    await play.held(account=own("acct_sandbox_t", play))
    charging_back = ChargingBack(play)
    await charging_back.fill("acct_sandbox_other", PLENTY)
    await charging_back.open(inquiry=True)
    await charging_back.stands(status="inquiry")
    return await handed_on(play, taker_account=own(taker, play), is_held=True), charging_back


async def owed_by(play: Play) -> list[int]:
    """Return what the first and the second traveler owe."""
    people = play.rival, play.traveler
    return [await play.balance(f"traveler_dues:{each.person_id}") for each in people]


async def sound(play: Play) -> bool:
    return not (await check_invariants(play.engine, play.order.delivery_id)).violations


async def test_who_took_the_parcel_over_owes_only_what_that_one_got(play: Play) -> None:
    relayed, charging_back = await relayed_after_inquiry(play, TAKER)
    await relayed.scan(CodePurpose.HANDOVER)
    await relayed.confirm()
    assert await relayed.closed() is DeliveryStatus.COMPLETED
    await charging_back.escalate()
    await charging_back.met("transfer_recall_refused")
    await charging_back.decide(won=False)
    assert await charging_back.ended() == "lost"
    assert await owed_by(relayed) == [0, 1_890]
    totals = await charging_back.totals()
    assert (totals.dues, totals.losses, totals.held) == (1_890, 2_310, 0)
    assert await sound(play)


async def test_what_was_not_paid_out_yet_is_called_back_from_who_took_over_alone(
    play: Play,
) -> None:
    relayed, charging_back = await relayed_after_inquiry(play, TAKER_UNPAID)
    await relayed.scan(CodePurpose.HANDOVER)
    await relayed.confirm()
    await relayed.parked("pay_out")
    await relayed.resolve(SKIP)
    await charging_back.escalate()
    await charging_back.stands(status="open", recalled_minor=1_890)
    assert await owed_by(relayed) == [0, 0]
    assert await relayed.balance(f"traveler_payable:{relayed.traveler.person_id}") == 0
    await charging_back.decide(won=True)
    await charging_back.stands(status="won", attention="pay_out_again")
    by_hand = ResolveAttention(AttentionAction.DONE_BY_HAND, new_id(), "sent by hand")
    await charging_back.resolve(by_hand)
    assert await charging_back.ended() == "won"
    assert (await charging_back.totals()).is_settled
    assert await sound(play)


async def test_extra_costs_that_a_bank_takes_back_are_the_platforms_loss(play: Play) -> None:
    await play.held(account=own("acct_sandbox_t", play))
    await play.scan(CodePurpose.PICKUP)
    during = Correcting(play)
    order = await cost(during, 600)
    await during.start(order)
    await agree(during, order)
    assert await during.over(order) is DONE
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED
    await charged_back(play, during.operation("charge", order), 600)


async def test_a_tip_that_a_bank_takes_back_is_the_platforms_loss(play: Play) -> None:
    await paid_out(play, own("acct_sandbox_t", play))
    after = Correcting(play)
    order = await after.order(CorrectionKind.TIP, 600)
    await after.start(order)
    assert await after.over(order) is CorrectionStatus.DONE
    await charged_back(play, after.operation("charge", order), 600)


async def charged_back(play: Play, charge_id: str, amount_minor: int) -> None:
    """Lose a chargeback of what was paid on top; the account holds enough to call it back from."""
    charging_back = ChargingBack(play, of=charge_id)
    await charging_back.fill(own("acct_sandbox_t", play), PLENTY)
    await charging_back.open()
    await charging_back.stands(status="open", withdrawn_minor=amount_minor, recalled_minor=0)
    await charging_back.decide(won=False)
    assert await charging_back.ended() == "lost"
    totals = await charging_back.totals()
    assert (totals.reversed, totals.dues, totals.losses, totals.held) == (0, 0, amount_minor, 0)
    assert await sound(play)
