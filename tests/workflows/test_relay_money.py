"""What two travelers earn of one payment: exactly all of it, and neither waits for the other's trouble."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from domain.chargebacks import ChargebackStatus
from domain.contracts import AttentionAction, CodePurpose, ResolveAttention
from domain.journey.terms import HandoverObstacle, UndeliverableAction
from domain.policies import VerdictOutcome
from domain.status import DeliveryStatus
from infra.database.schema import notification
from infra.identifiers import new_id
from tests.workflows.charging_back import ChargingBack
from tests.workflows.correcting import Correcting
from tests.workflows.play import Play
from tests.workflows.relaying import agreed, handed_on, scan_relay
from tests.workflows.test_account import awaited, tell_of_account
from tests.workflows.test_chargeback import network_of, operations, tell
from tests.workflows.undelivered import fail

REFUSED = "acct_sandbox_t_refused"


def by_hand() -> ResolveAttention:
    """What an operator sends who did it at the provider."""
    return ResolveAttention(AttentionAction.DONE_BY_HAND, new_id(), "sent at the provider")


async def arrives(relayed: Play) -> None:
    """Bring the parcel to its recipient, who says that all is well."""
    await relayed.scan(CodePurpose.HANDOVER)
    await relayed.confirm()


async def paid(play: Play) -> dict[str, int]:
    """Return what was paid out and given back, by the name behind the delivery's id."""
    return {
        name: amount
        for name, (state, amount) in (await operations(play)).items()
        if state == "succeeded" and not name.startswith("transfer")
    }


async def test_the_share_that_was_agreed_is_paid_to_the_cent(play: Play) -> None:
    relayed = await handed_on(play, share_points=3_333)
    await arrives(relayed)
    assert await relayed.closed() is DeliveryStatus.COMPLETED
    assert await paid(relayed) == {"payout:giver": 2_520, "payout": 1_260}
    assert await relayed.balance("fee_revenue") >= 420


async def test_a_verdict_reduces_both_shares_alike(play: Play) -> None:
    relayed = await handed_on(play)
    await relayed.scan(CodePurpose.HANDOVER)
    await relayed.dispute()
    await relayed.decide(VerdictOutcome.SPLIT, 2_200)
    assert await relayed.closed() is DeliveryStatus.SETTLED
    assert await paid(relayed) == {"refund": 2_200, "payout:giver": 900, "payout": 900}


async def test_a_full_refund_leaves_nothing_of_either_share(play: Play) -> None:
    relayed = await handed_on(play)
    await relayed.scan(CodePurpose.HANDOVER)
    await relayed.dispute()
    await relayed.decide(VerdictOutcome.REFUND)
    assert await relayed.closed() is DeliveryStatus.REFUNDED
    assert await paid(relayed) == {"refund": 4_200}


async def test_both_ways_of_a_returned_parcel_are_shared(play: Play) -> None:
    play.order = replace(play.order, undeliverable_action=UndeliverableAction.RETURN)
    relayed = await handed_on(play)
    await fail(relayed, HandoverObstacle.RECIPIENT_REFUSES)
    await relayed.scan(CodePurpose.RETURN)
    await relayed.confirm()
    assert await relayed.closed() is DeliveryStatus.SETTLED
    assert await paid(relayed) == {"refund": 2_100, "payout:giver": 945, "payout": 945}


async def test_trouble_with_the_giver_does_not_keep_the_taker_waiting(play: Play) -> None:
    relayed = await handed_on(play, REFUSED)
    await arrives(relayed)
    await relayed.parked("release_giver_share")
    assert await paid(relayed) == {"payout": 1_890}
    await relayed.resolve(by_hand())
    await relayed.parked("pay_out_giver")
    await relayed.resolve(ResolveAttention(AttentionAction.SKIP))
    assert await relayed.closed() is DeliveryStatus.COMPLETED
    assert await relayed.balance(f"traveler_payable:{play.traveler.person_id}") == 1_890


async def test_trouble_with_the_taker_does_not_keep_the_giver_waiting(play: Play) -> None:
    relayed = await handed_on(play, taker_account=REFUSED)
    await arrives(relayed)
    await relayed.parked("release_funds")
    assert await paid(relayed) == {"payout:giver": 1_890}
    await relayed.resolve(by_hand())
    await relayed.parked("pay_out")
    await relayed.resolve(ResolveAttention(AttentionAction.SKIP))
    assert await relayed.closed() is DeliveryStatus.COMPLETED


async def test_the_share_of_a_giver_without_an_account_waits_for_it(play: Play) -> None:
    relayed = await handed_on(play, "acct_sandbox_t_not_ready_2")
    await arrives(relayed)
    await awaited(relayed)
    assert await paid(relayed) == {"payout": 1_890}
    await tell_of_account(relayed)
    assert await relayed.closed() is DeliveryStatus.COMPLETED
    assert await paid(relayed) == {"payout": 1_890, "payout:giver": 1_890}


async def test_a_lost_chargeback_reduces_what_is_held_for_both(play: Play) -> None:
    relayed = await handed_on(play)
    await relayed.scan(CodePurpose.HANDOVER)
    network = network_of(relayed, 1_000)
    await network.take()
    await relayed.confirm()
    await relayed.happened("release_frozen")
    await network.keep()
    await tell(relayed, network, ChargebackStatus.LOST, 1_000)
    assert await relayed.closed() is DeliveryStatus.COMPLETED
    assert await paid(relayed) == {"payout": 1_440, "payout:giver": 1_440}


async def test_what_the_giver_got_stays_the_givers_when_a_chargeback_takes_the_rest(
    play: Play,
) -> None:
    relayed = await handed_on(play, taker_account="acct_sandbox_taker_not_ready")
    await arrives(relayed)
    await awaited(relayed)
    network = network_of(relayed)
    await network.take()
    await network.keep(held_minor=2_310)
    await tell(relayed, network, ChargebackStatus.LOST, 2_310)
    await tell_of_account(relayed)
    assert await relayed.closed() is DeliveryStatus.CHARGED_BACK
    assert await paid(relayed) == {"payout:giver": 1_890}


async def refused_and_waiting(play: Play) -> tuple[Play, ChargingBack]:
    """Have the giver refused, the taker's account awaited, and the payment disputed only then."""
    relayed = await handed_on(play, REFUSED, taker_account="acct_sandbox_taker_not_ready_1")
    await arrives(relayed)
    await awaited(relayed)
    return relayed, ChargingBack(relayed)


async def test_what_was_set_aside_for_a_refused_giver_is_not_kept_from_a_chargeback(
    play: Play,
) -> None:
    relayed, charging_back = await refused_and_waiting(play)
    await charging_back.open()
    await charging_back.stands(status="open", withdrawn_minor=4_200)
    await tell_of_account(relayed)
    await relayed.happened("release_frozen")
    await charging_back.decide(won=False)
    assert await relayed.closed() is DeliveryStatus.CHARGED_BACK
    assert await charging_back.ended() == "lost"
    totals = await charging_back.totals()
    assert (totals.transferred, totals.losses, totals.dues, totals.held) == (0, 0, 0, 0)


async def test_a_refused_giver_and_a_lost_chargeback_leave_the_taker_what_is_left(
    play: Play,
) -> None:
    relayed, charging_back = await refused_and_waiting(play)
    await charging_back.open()
    await charging_back.decide(won=False)
    assert await charging_back.ended() == "lost"
    assert (await charging_back.row())["taken_from_held_minor"] == 2_310
    await tell_of_account(relayed)
    await awaited(relayed, 2)
    await tell_of_account(relayed)
    await relayed.parked("release_giver_share")
    assert await paid(relayed) == {"payout": 851}
    await relayed.resolve(by_hand())
    await relayed.parked("pay_out_giver")
    await relayed.resolve(ResolveAttention(AttentionAction.SKIP))
    assert await relayed.closed() is DeliveryStatus.COMPLETED
    totals = await charging_back.totals()
    assert (totals.transferred, totals.fees, totals.losses, totals.held) == (1_701, 189, 1_890, 0)


async def test_what_waits_for_the_giver_goes_to_a_chargeback_first(play: Play) -> None:
    relayed = await handed_on(play, "acct_sandbox_t_not_ready")
    await arrives(relayed)
    await awaited(relayed)
    network = network_of(relayed)
    await network.take()
    await network.keep(held_minor=1_890)
    await tell(relayed, network, ChargebackStatus.LOST, 1_890)
    await tell_of_account(relayed)
    assert await relayed.closed() is DeliveryStatus.COMPLETED
    assert "giver_share_taken" in await relayed.events()
    assert await paid(relayed) == {"payout": 1_890}


async def test_a_payout_of_the_giver_that_comes_back_is_owed_to_the_giver(play: Play) -> None:
    relayed = await handed_on(play)
    await arrives(relayed)
    await relayed.closed()
    after = Correcting(relayed)
    await after.provider.fail_payout(after.operation("payout:giver"), "acct_sandbox_t")
    await after.undone(after.operation("payout:giver"))
    await relayed.happened("payout_undone")
    assert await relayed.balance(f"traveler_payable:{play.traveler.person_id}") == 1_890
    told = select(notification.c.person_id).where(
        notification.c.delivery_id == play.order.delivery_id,
        notification.c.kind == "payout_undone",
    )
    assert [str(row.person_id) for row in await play.read(told)] == [play.traveler.person_id]


async def test_a_relay_without_a_handover_pays_nobody(play: Play) -> None:
    await agreed(play)
    await scan_relay(play)
    assert await paid(play) == {}
    assert await play.balance(f"escrow:{play.order.delivery_id}") == 4_200
