"""Travelers who owe something: it is kept back from the next payout, once and openly."""

from __future__ import annotations

import asyncio

from sqlalchemy import select

from domain.contracts import AttentionAction, ResolveAttention
from domain.ledger import Bearer, dues_paid_booking
from domain.money import Money
from domain.policies import VerdictOutcome
from domain.status import DeliveryStatus
from infra.database.ledger import book
from infra.database.schema import notification, payment_operation
from infra.identifiers import new_id
from infra.payments.sandbox import SandboxProvider
from tests.card_network import CardNetwork
from tests.waiting import until
from tests.workflows.conftest import Stage
from tests.workflows.play import Play

SHARE = 3_780
SKIP = ResolveAttention(AttentionAction.SKIP, reason="the money has left the account")


async def owing(stage: Stage, owed_minor: int) -> Play:
    """Return a delivery whose traveler owes something from an earlier one."""
    earlier, play = await stage(), await stage()
    play.traveler = earlier.traveler
    await earlier.delivered()
    await earlier.confirm()
    assert await earlier.closed() is DeliveryStatus.COMPLETED
    network = CardNetwork(earlier.engine, earlier.order.delivery_id, owed_minor)
    await network.take()
    await network.keep(held_minor=0, traveler_id=earlier.traveler.person_id)
    assert await owed(play) == owed_minor
    return play


async def owed(play: Play) -> int:
    return await play.balance(f"traveler_dues:{play.traveler.person_id}")


async def payable(play: Play) -> int:
    return await play.balance(f"traveler_payable:{play.traveler.person_id}")


async def moved(play: Play, provider: SandboxProvider) -> list[tuple[str, int]]:
    """Return what the provider moved after the charge."""
    return [
        (each.kind.value, each.amount_minor)
        for each in await provider.objects(play.order.delivery_id)
        if each.kind != "charge"
    ]


async def states(play: Play) -> dict[str, str]:
    """Return what became of what was asked for after the release, by its name."""
    rows = await play.read(
        select(payment_operation.c.operation_id, payment_operation.c.state).where(
            payment_operation.c.delivery_id == play.order.delivery_id,
            payment_operation.c.kind.in_(["reversal", "payout"]),
        )
    )
    return {row.operation_id.partition(":")[2]: row.state for row in rows}


async def told(play: Play) -> dict[str, str]:
    """Return the amounts that the traveler was told after the release."""
    rows = await play.read(
        select(notification.c.kind, notification.c.parameters).where(
            notification.c.delivery_id == play.order.delivery_id,
            notification.c.audience == "traveler",
            notification.c.kind.in_(["dues_netted", "paid_out"]),
        )
    )
    return {row.kind: row.parameters["amount"] for row in rows}


async def test_a_debt_is_kept_back_and_the_rest_is_paid_out(
    stage: Stage, provider: SandboxProvider
) -> None:
    play = await owing(stage, 1_000)
    await play.delivered()
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert await moved(play, provider) == [
        ("transfer", SHARE),
        ("reversal", 1_000),
        ("payout", 2_780),
    ]
    assert await states(play) == {
        "payout": "failed",
        "reversal:netting": "succeeded",
        "payout:2": "succeeded",
    }
    assert (await owed(play), await payable(play)) == (0, 0)
    assert await told(play) == {"dues_netted": "EUR 10.00", "paid_out": "EUR 27.80"}


async def test_a_debt_that_takes_all_closes_the_delivery_at_once(
    stage: Stage, provider: SandboxProvider
) -> None:
    play = await owing(stage, 4_000)
    await play.delivered()
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert await moved(play, provider) == [("transfer", SHARE), ("reversal", SHARE)]
    assert (await owed(play), await payable(play)) == (220, 0)
    assert await told(play) == {"dues_netted": "EUR 37.80"}
    assert (await play.events())[-1] == "nothing_to_pay_out"


async def test_a_verdict_s_share_pays_debts_too(stage: Stage) -> None:
    play = await owing(stage, 1_000)
    await play.delivered()
    await play.dispute()
    await play.decide(VerdictOutcome.SPLIT, 1_200)
    assert await play.closed() is DeliveryStatus.SETTLED
    assert (await owed(play), await payable(play)) == (0, 0)
    assert await told(play) == {"dues_netted": "EUR 10.00", "paid_out": "EUR 17.00"}


async def test_what_cannot_be_taken_back_is_skipped_and_stays_owed(stage: Stage) -> None:
    play = await owing(stage, 1_000)
    await play.delivered(account="acct_sandbox_t_reversal_refused")
    await play.confirm()
    await play.parked("net_dues")
    await play.resolve(SKIP)
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert (await owed(play), await payable(play)) == (1_000, 0)
    assert await told(play) == {"paid_out": "EUR 37.80"}
    assert (await states(play))["reversal:netting"] == "failed"


async def test_two_payouts_at_once_pay_a_debt_once(stage: Stage, provider: SandboxProvider) -> None:
    one = await owing(stage, 1_000)
    other = await stage()
    other.traveler = one.traveler
    for play in (one, other):
        await play.delivered(account="acct_sandbox_t_reversal_unavailable_1")
    await asyncio.gather(one.confirm(), other.confirm())
    ends = await asyncio.gather(one.closed(), other.closed())
    assert set(ends) == {DeliveryStatus.COMPLETED}
    found = [*await moved(one, provider), *await moved(other, provider)]
    assert sorted(each for each in found if each[0] != "transfer") == [
        ("payout", 2_780),
        ("payout", SHARE),
        ("reversal", 1_000),
    ]
    assert (await owed(one), await payable(one)) == (0, 0)
    left = [*(await states(one)).values(), *(await states(other)).values()]
    assert set(left) <= {"succeeded", "failed"}, "nothing that was planned is left behind"


async def test_what_was_kept_for_a_debt_that_was_paid_meanwhile_goes_back(
    stage: Stage, provider: SandboxProvider
) -> None:
    play = await owing(stage, 1_000)
    earlier = stage.plays[0].order.delivery_id
    await play.delivered(account="acct_sandbox_t_reversal_unavailable_3")
    await play.confirm()

    async def is_sent() -> bool:
        return (await states(play)).get("reversal:netting") == "sent"

    await until(is_sent)
    assert play.traveler.person_id is not None
    paid = dues_paid_booking(
        new_id(), earlier, Bearer.TRAVELER, play.traveler.person_id, Money(400, "EUR")
    )
    async with play.engine.begin() as connection:
        await book(connection, [paid])
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert await moved(play, provider) == [
        ("transfer", SHARE),
        ("reversal", 1_000),
        ("transfer", 400),
        ("payout", 3_180),
    ]
    assert (await owed(play), await payable(play)) == (0, 0)
    assert await play.balance(f"netting:{play.traveler.person_id}") == 0
    assert (await told(play))["paid_out"] == "EUR 31.80"
