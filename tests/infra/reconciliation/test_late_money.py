"""Money that moves after the release agrees with the statement as well: recalled, released again."""

from __future__ import annotations

import pytest

from activities.late_payments import LatePaymentActivities
from domain.contracts import PLATFORM
from domain.ledger import payout_booking
from domain.money import Money
from domain.transitions import (
    EventKind,
    LateEvent,
    LateMoneyCommand,
    OperationKind,
    PaymentIntent,
)
from tests.infra.database.story import FEE, PRICE, moment
from tests.infra.reconciliation.world import PaidStory, World

SHARE = PRICE - FEE


async def released(world: World, *, paid_out: bool) -> PaidStory:
    """Return a delivery whose traveler was sent the share, and perhaps had it paid out."""
    story = await world.held()
    await story.deliver()
    await story.begin_release()
    await story.transfer()
    if paid_out:
        # It stays open: a closed delivery holds nothing but what a card network disputes.
        booking = payout_booking(
            story.payout.operation_id, story.delivery_id, story.traveler_id, SHARE
        )
        await story.finish(story.payout, booking, story.transition(EventKind.PAID_OUT))
    return story


async def late_command(
    story: PaidStory, kind: OperationKind, source: str, amount: Money = SHARE
) -> LateMoneyCommand:
    """Record that money is about to move late, and return the command that follows."""
    intent = PaymentIntent(f"{story.delivery_id}:{kind}:late", kind, amount, story.account, source)

    def event(name: str, intent: PaymentIntent | None = None) -> LateEvent:
        at, opened = moment(), EventKind.CHARGEBACK_OPENED
        return LateEvent(story.delivery_id, f"{kind} {name}", opened, PLATFORM, at, {}, intent)

    await story.records.note(event("asked", intent))
    return LateMoneyCommand(story.delivery_id, intent, event("done"), story.traveler_id)


@pytest.mark.parametrize(
    ("world", "paid_out"),
    # The sandbox takes nothing back that has left for a bank.
    [("sandbox", False), ("stripe", False), ("stripe", True)],
    indirect=["world"],
)
async def test_a_transfer_that_was_recalled_and_released_again_leaves_no_difference(
    world: World, paid_out: bool
) -> None:
    story = await released(world, paid_out=paid_out)
    late = LatePaymentActivities(world.provider, story.operations)
    recall = await late_command(story, OperationKind.REVERSAL, story.transfer_intent().operation_id)
    await late.recall_transfer(recall)
    report = await world.reconcile()
    assert (report.found, report.waiting, report.balances_compared) == ({}, 0, True)
    source = recall.intent.operation_id
    await late.release_again(await late_command(story, OperationKind.TRANSFER, source))
    assert (await world.reconcile()).found == {}
