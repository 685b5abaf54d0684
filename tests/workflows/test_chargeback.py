"""Chargebacks that come before the money has left: it is frozen, then goes where it still can."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.chargebacks import ChargebackNews, ChargebackStatus
from domain.deadlines import DeadlineKind
from domain.money import Money
from domain.policies import Policies, VerdictOutcome
from domain.provider_news import PaymentNews
from domain.status import DeliveryStatus, EscrowStatus
from infra.database.schema import notification, payment_operation
from infra.payments.sandbox import SandboxProvider
from tests.card_network import CardNetwork
from tests.waiting import until
from tests.workflows.play import Play
from workflows.delivery import DeliveryWorkflow

WON, LOST = ChargebackStatus.WON, ChargebackStatus.LOST
REVIEW = timedelta(seconds=Policies().windows.chargeback_review_s + 1)


def network_of(play: Play, amount_minor: int = 4_200) -> CardNetwork:
    return CardNetwork(play.engine, play.order.delivery_id, amount_minor)


async def tell(
    play: Play, network: CardNetwork, status: ChargebackStatus, taken_minor: int | None = None
) -> None:
    """Tell the delivery how its chargeback stands."""
    taken = None if taken_minor is None else Money(taken_minor, "EUR")
    news = ChargebackNews(network.chargeback_id, status, taken)
    await play.handle.signal(DeliveryWorkflow.chargeback_moved, news)


async def met(play: Play, kind: str, times: int = 1) -> None:
    """Wait until something has happened so often."""

    async def has_happened() -> bool:
        return (await play.events()).count(kind) == times

    await until(has_happened)


async def operations(play: Play) -> dict[str, tuple[str, int]]:
    """Return state and amount of what was asked for, by the name behind the delivery's id."""
    rows = await play.read(
        select(payment_operation).where(
            payment_operation.c.delivery_id == play.order.delivery_id,
            payment_operation.c.kind.in_(["refund", "transfer", "payout"]),
        )
    )
    return {
        row.operation_id.partition(":")[2]: (row.state, row.amount_minor + row.fee_minor)
        for row in rows
    }


async def audiences(play: Play, kind: str) -> list[str]:
    """Return who was told of something."""
    rows = await play.read(
        select(notification.c.audience).where(
            notification.c.delivery_id == play.order.delivery_id, notification.c.kind == kind
        )
    )
    return sorted(row[0] for row in rows)


async def moved(play: Play, provider: SandboxProvider) -> list[tuple[str, int]]:
    """Return what the provider moved out of the charge."""
    return [
        (each.kind.value, each.amount_minor)
        for each in await provider.objects(play.order.delivery_id)
        if each.kind in ("refund", "transfer")
    ]


async def frozen_release(play: Play) -> CardNetwork:
    """Bring a delivery to a release that a chargeback has frozen."""
    await play.delivered()
    network = network_of(play)
    await network.take()
    await play.confirm()
    await met(play, "release_frozen")
    return network


async def test_a_frozen_release_goes_on_when_the_chargeback_is_won(play: Play) -> None:
    network = await frozen_release(play)
    standing = await play.standing()
    assert standing["deadline_kind"] == DeadlineKind.CHARGEBACK
    assert standing["attention"] is None
    assert await play.balance(f"escrow:{play.order.delivery_id}") == 4_200
    await network.give_back()
    await tell(play, network, WON)
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert await audiences(play, "release_frozen") == ["traveler"]


async def test_a_frozen_release_is_looked_at_again_even_without_news(play: Play) -> None:
    network = await frozen_release(play)
    await play.pass_time(REVIEW)
    await met(play, "release_still_frozen")
    await network.give_back()
    await play.pass_time(REVIEW)
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert await audiences(play, "release_still_frozen") == []


async def test_nothing_is_released_of_a_payment_that_was_charged_back(
    play: Play, provider: SandboxProvider
) -> None:
    network = await frozen_release(play)
    await network.keep()
    await tell(play, network, LOST, 4_200)
    assert await play.closed() is DeliveryStatus.CHARGED_BACK
    assert (await play.standing())["escrow"] == EscrowStatus.CHARGED_BACK
    assert await moved(play, provider) == []
    assert await operations(play) == {"transfer": ("failed", 4_200)}
    assert await play.balance(f"escrow:{play.order.delivery_id}") == 0
    assert await audiences(play, "charged_back") == ["customer", "traveler"]


async def test_what_a_chargeback_leaves_is_released(play: Play, provider: SandboxProvider) -> None:
    await play.delivered()
    network = network_of(play, 1_000)
    await network.take()
    await play.confirm()
    await met(play, "release_frozen")
    await network.keep()
    await tell(play, network, LOST, 1_000)
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert await moved(play, provider) == [("transfer", 2_880)]
    assert await operations(play) == {
        "transfer": ("failed", 4_200),
        "transfer:2": ("succeeded", 3_200),
        "payout": ("succeeded", 2_880),
    }
    assert await play.balance(f"escrow:{play.order.delivery_id}") == 0
    assert await audiences(play, "held_reduced") == ["customer", "traveler"]


async def test_a_payment_that_is_gone_before_its_release_closes_without_a_wait(play: Play) -> None:
    await play.delivered()
    network = network_of(play)
    await network.take()
    await network.keep()
    await tell(play, network, LOST, 4_200)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.CHARGED_BACK
    assert "release_frozen" not in await play.events()


async def test_news_that_comes_after_the_books_is_waited_for(play: Play) -> None:
    await play.delivered()
    network = network_of(play, 1_000)
    await network.take()
    await network.keep()
    await play.confirm()
    await met(play, "release_frozen")
    await tell(play, network, LOST, 1_000)
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert (await operations(play))["transfer:2"] == ("succeeded", 3_200)


async def test_an_inquiry_that_ended_and_a_chargeback_of_nothing_keep_nothing_back(
    play: Play,
) -> None:
    await play.delivered()
    network = network_of(play, 1_000)
    await network.take()
    await network.keep(held_minor=0)
    await tell(play, network, LOST, 0)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert (await operations(play))["transfer"] == ("succeeded", 4_200)


async def frozen_refund(play: Play, amount_minor: int = 4_200) -> CardNetwork:
    """Bring a cancelled delivery to a refund that a chargeback has frozen."""
    await play.held()
    network = network_of(play, amount_minor)
    await network.take()
    await play.cancel()
    await met(play, "release_frozen")
    return network


async def test_what_the_bank_gave_back_is_not_refunded_again(
    play: Play, provider: SandboxProvider
) -> None:
    network = await frozen_refund(play)
    assert await audiences(play, "release_frozen") == ["customer"]
    await network.keep()
    await tell(play, network, LOST, 4_200)
    assert await play.closed() is DeliveryStatus.CHARGED_BACK
    assert await moved(play, provider) == []


async def test_what_the_bank_did_not_give_back_is_refunded(
    play: Play, provider: SandboxProvider
) -> None:
    network = await frozen_refund(play, amount_minor=1_000)
    await network.keep()
    await tell(play, network, LOST, 1_000)
    assert await play.closed() is DeliveryStatus.CANCELLED
    assert await moved(play, provider) == [("refund", 3_200)]
    assert (await operations(play))["refund:2"] == ("succeeded", 3_200)


SPLITS = [
    (600, [("refund", 400), ("transfer", 2_880)], DeliveryStatus.SETTLED),
    (1_000, [("transfer", 2_880)], DeliveryStatus.SETTLED),
    (2_000, [("transfer", 1_980)], DeliveryStatus.SETTLED),
    (4_200, [], DeliveryStatus.CHARGED_BACK),
]


@pytest.mark.parametrize(("taken_minor", "left", "closed"), SPLITS)
async def test_what_the_bank_gave_back_counts_as_refunded_by_a_verdict(
    play: Play,
    provider: SandboxProvider,
    taken_minor: int,
    left: list[tuple[str, int]],
    closed: DeliveryStatus,
) -> None:
    await play.delivered()
    await play.dispute()
    network = network_of(play, taken_minor)
    await network.take()
    await play.decide(VerdictOutcome.SPLIT, 1_000)
    await met(play, "release_frozen")
    await network.keep()
    await tell(play, network, LOST, taken_minor)
    assert await play.closed() is closed
    assert await moved(play, provider) == left
    assert await play.balance(f"escrow:{play.order.delivery_id}") == 0


@pytest.mark.parametrize(
    ("taken_minor", "left", "closed"),
    [
        (1_200, [("refund", 1_000), ("transfer", 1_800)], DeliveryStatus.SETTLED),
        (3_200, [("refund", 1_000)], DeliveryStatus.CHARGED_BACK),
    ],
)
async def test_a_chargeback_after_the_refund_of_a_verdict_takes_from_the_rest(
    play: Play,
    provider: SandboxProvider,
    taken_minor: int,
    left: list[tuple[str, int]],
    closed: DeliveryStatus,
) -> None:
    await play.delivered(account="acct_sandbox_t_not_ready_1")
    await play.dispute()
    await play.decide(VerdictOutcome.SPLIT, 1_000)
    await met(play, "account_awaited")
    network = network_of(play, taken_minor)
    await network.take()
    await tell(play, network, ChargebackStatus.OPEN)
    await play.handle.signal(DeliveryWorkflow.payment_news, PaymentNews("", "acct_sandbox_t"))
    await met(play, "release_frozen")
    await network.keep()
    await tell(play, network, LOST, taken_minor)
    if closed is DeliveryStatus.SETTLED:
        await met(play, "account_awaited", 2)
        await play.handle.signal(DeliveryWorkflow.payment_news, PaymentNews("", "acct_sandbox_t"))
    assert await play.closed() is closed
    assert await moved(play, provider) == left
    assert await play.balance(f"escrow:{play.order.delivery_id}") == 0
