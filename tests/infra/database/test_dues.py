"""Payouts of travelers who owe something: debts come first, and no two payouts pay the same one."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import Refusal, RefusalCode
from domain.ids import DeliveryId
from domain.ledger import Due, netting_id
from domain.money import Money
from domain.transitions import EventKind, OperationKind, PaymentIntent
from infra.database.operations import DatabaseOperations
from infra.database.records import DatabaseRecords
from tests.card_network import CardNetwork
from tests.infra.database.conftest import MakeStory
from tests.infra.database.story import KEY, Story

OWED = Money(1_000, "EUR")


async def owing(make_story: MakeStory, count: int = 1) -> tuple[DeliveryId, list[Story]]:
    """Return what a traveler owes for, and released deliveries of that traveler."""
    earlier = await make_story()
    await earlier.open()
    network = CardNetwork(earlier.engine, earlier.delivery_id, OWED.amount_minor)
    await network.take()
    await network.keep(held_minor=0, traveler_id=earlier.traveler_id)
    stories = [await make_story() for _ in range(count)]
    for story in stories:
        story.traveler = earlier.traveler
        await story.held()
        await story.deliver()
        await story.begin_release()
        await story.transfer()
    return earlier.delivery_id, stories


async def net(story: Story, amount: Money = OWED) -> PaymentIntent:
    intent = PaymentIntent(
        netting_id(story.delivery_id, 1),
        OperationKind.REVERSAL,
        amount,
        source_operation_id=f"{story.delivery_id}:transfer",
    )
    await story.tell(EventKind.NETTING_STARTED, intent=intent)
    return intent


async def refusal_of(operations: DatabaseOperations, intent: PaymentIntent) -> RefusalCode | None:
    try:
        await operations.mark_sent(intent, dues_first=True)
    except Refusal as refusal:
        return refusal.code
    return None


async def sent_by(crowd: AsyncEngine, *intents: PaymentIntent) -> list[RefusalCode | None]:
    """Ask for several at once."""
    operations = DatabaseOperations(crowd, DatabaseRecords(crowd, KEY))
    return await asyncio.gather(*(refusal_of(operations, intent) for intent in intents))


async def test_a_payout_waits_for_a_debt_unless_it_cannot_be_kept_back(
    make_story: MakeStory,
) -> None:
    _, (story,) = await owing(make_story)
    assert await refusal_of(story.operations, story.payout) is RefusalCode.DUES_FIRST
    assert not (await story.operations.mark_sent(story.payout)).sent
    again = await story.operations.mark_sent(story.payout, dues_first=True)
    assert again.sent, "what was sent before is finished first"


async def test_of_two_nettings_at_once_one_has_the_debt_and_the_other_payout_goes_ahead(
    make_story: MakeStory, crowd: AsyncEngine
) -> None:
    _, stories = await owing(make_story, 2)
    intents = [await net(story) for story in stories]
    found = await sent_by(crowd, *intents)
    assert sorted(map(str, found)) == ["None", "dues_changed"]
    late = stories[found.index(RefusalCode.DUES_CHANGED)]
    assert await refusal_of(late.operations, late.payout) is None
    assert await late.records.dues_of(late.traveler_id, "EUR") == ()


async def test_two_nettings_share_a_debt_that_is_large_enough(
    make_story: MakeStory, crowd: AsyncEngine
) -> None:
    earlier, stories = await owing(make_story, 2)
    first = await net(stories[0], Money(300, "EUR"))
    assert await sent_by(crowd, first) == [None]
    left = Money(700, "EUR")
    assert await stories[1].records.dues_of(stories[1].traveler_id, "EUR") == (Due(earlier, left),)
    assert await sent_by(crowd, await net(stories[1], left)) == [None]


async def test_a_claim_ends_with_its_delivery(make_story: MakeStory) -> None:
    _, stories = await owing(make_story, 2)
    assert await refusal_of(stories[0].operations, await net(stories[0])) is None
    await stories[0].tell(EventKind.PAYOUT_SKIPPED, moves={"status": "completed"})
    assert await refusal_of(stories[1].operations, await net(stories[1])) is None


async def test_debts_in_other_currencies_keep_nothing_back(make_story: MakeStory) -> None:
    _, (story,) = await owing(make_story)
    assert await story.records.dues_of(story.traveler_id, "SEK") == ()


async def test_nothing_is_kept_back_that_nobody_owes(make_story: MakeStory) -> None:
    _, (story,) = await owing(make_story)
    too_much = await net(story, Money(1_001, "EUR"))
    with pytest.raises(Refusal) as refused:
        await story.operations.mark_sent(too_much, dues_first=True)
    assert refused.value.code is RefusalCode.DUES_CHANGED
