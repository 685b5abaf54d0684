"""What is kept back for a debt, and what of it goes back, agrees with the statement."""

from __future__ import annotations

import pytest

from activities.payments import PaymentActivities
from domain.ledger import Bearer, Due, dues_paid_booking, netting_id
from domain.money import Money
from domain.transitions import EventKind, MoneyCommand, OperationKind, PaymentIntent
from infra.identifiers import new_id
from tests.card_network import CardNetwork
from tests.infra.reconciliation.world import PaidStory, World

OWED, PAID = Money(1_000, "EUR"), Money(400, "EUR")


async def owing(world: World) -> tuple[PaidStory, tuple[Due, ...]]:
    """Return a released delivery whose traveler owes for two earlier ones."""
    story, dues = await world.held(), []
    await story.deliver()
    await story.begin_release()
    await story.transfer()
    for _ in range(2):
        earlier = await world.story()
        await earlier.open()
        network = CardNetwork(world.engine, earlier.delivery_id, OWED.amount_minor)
        await network.take()
        await network.keep(held_minor=0, traveler_id=story.traveler_id)
        dues.append(Due(earlier.delivery_id, OWED))
    return story, tuple(dues)


async def command(
    story: PaidStory, intent: PaymentIntent, dues: tuple[Due, ...] = ()
) -> MoneyCommand:
    """Record that money is about to move, and return the command that follows."""
    await story.tell(EventKind.NETTING_STARTED, key=intent.operation_id, intent=intent)
    done = story.transition(EventKind.DUES_NETTED, key=f"{intent.operation_id} done")
    return MoneyCommand(story.delivery_id, intent, done, dues=dues)


def netting(story: PaidStory) -> PaymentIntent:
    return PaymentIntent(
        netting_id(story.delivery_id, 1),
        OperationKind.REVERSAL,
        OWED + OWED,
        source_operation_id=story.transfer_intent().operation_id,
    )


@pytest.mark.parametrize("is_paid_meanwhile", [False, True])
async def test_what_is_kept_back_is_a_reversal_for_several_debts(
    world: World, *, is_paid_meanwhile: bool
) -> None:
    story, dues = await owing(world)
    payments = PaymentActivities(world.provider, story.operations)
    net = await command(story, netting(story), dues)
    await story.operations.mark_sent(net.intent)
    if is_paid_meanwhile:
        await world.book(
            dues_paid_booking(
                new_id(), dues[0].delivery_id, Bearer.TRAVELER, story.traveler_id, PAID
            )
        )
    before = (await world.reconcile()).found
    moved = await payments.net_dues(net)
    assert (await world.reconcile()).found == before
    assert moved.left_over == (PAID if is_paid_meanwhile else None)
    if is_paid_meanwhile:
        surplus = f"{story.delivery_id}:transfer:surplus:1"
        back = PaymentIntent(surplus, OperationKind.TRANSFER, PAID, story.account)
        await payments.return_surplus(await command(story, back))
        assert (await world.reconcile()).found == before
