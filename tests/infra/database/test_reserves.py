"""The money of a release is set aside from before the provider is asked until it is booked."""

from __future__ import annotations

import asyncio

import pytest

from domain.errors import Refusal, RefusalCode
from domain.ledger import AccountKind, Released, refund_booking
from domain.transitions import EventKind, PaymentOutcome
from infra.database.invariants import check_invariants
from infra.database.ledger import balances_of, book
from infra.database.reserves import whole_of
from tests.infra.database.story import FEE, PRICE, Story

HELD, ASIDE = AccountKind.ESCROW, AccountKind.TRANSFER_RESERVE


async def placed(story: Story) -> dict[AccountKind, int]:
    """Return where the payment is, in minor units; accounts with nothing are left out."""
    async with story.engine.connect() as connection:
        found = await balances_of(connection, story.delivery_id)
    return {
        each.account.kind: each.balance.amount_minor
        for each in found
        if each.account.kind in (HELD, ASIDE) and each.balance.amount_minor
    }


async def releasing(story: Story) -> Story:
    await story.held()
    await story.deliver()
    await story.begin_release()
    await story.operations.mark_sent(story.transfer_intent(), reserved=True)
    return story


def released(story: Story) -> Released:
    key = story.transfer_intent().operation_id
    return Released(key, story.delivery_id, story.traveler_id, PRICE - FEE, FEE)


async def finish(story: Story) -> None:
    moves = {"status": "paying_out", "escrow": "released"}
    event = story.transition(EventKind.RELEASED, intent=story.payout, moves=moves)
    intent, succeeded = story.transfer_intent(), PaymentOutcome.SUCCEEDED
    await story.operations.finish(
        intent, succeeded, f"tr_{intent.operation_id}", (released(story),), event
    )
    story.standing = event.standing


async def test_a_release_with_its_fee_is_set_aside_until_it_is_booked(story: Story) -> None:
    await releasing(story)
    assert await placed(story) == {ASIDE: PRICE.amount_minor}
    await finish(story)
    assert await placed(story) == {}
    await story.pay_out()
    assert (await check_invariants(story.engine, story.delivery_id)).violations == ()


async def test_a_refund_cannot_take_what_is_set_aside(story: Story) -> None:
    await releasing(story)
    other = refund_booking("a refund at the same time", story.delivery_id, PRICE)
    async with story.engine.connect() as connection:
        with pytest.raises(Refusal) as refused:
            await book(connection, [other])
    assert refused.value.code is RefusalCode.ESCROW_CONFLICT
    assert await placed(story) == {ASIDE: PRICE.amount_minor}


async def test_a_release_that_is_put_off_is_held_again_and_set_aside_anew(story: Story) -> None:
    await releasing(story)
    for _ in range(2):
        await story.operations.mark_unsent(story.transfer_intent())
        assert await placed(story) == {HELD: PRICE.amount_minor}
    await story.operations.mark_sent(story.transfer_intent(), reserved=True)
    assert await placed(story) == {ASIDE: PRICE.amount_minor}
    await finish(story)
    await story.operations.mark_unsent(story.transfer_intent())
    assert await placed(story) == {}


async def test_a_release_that_is_sent_many_times_is_set_aside_once(story: Story) -> None:
    await releasing(story)
    intent = story.transfer_intent()
    await asyncio.gather(*(story.operations.mark_sent(intent, reserved=True) for _ in range(5)))
    assert await placed(story) == {ASIDE: whole_of(intent).amount_minor}


async def test_a_release_that_was_under_way_without_a_reserve_is_booked_too(story: Story) -> None:
    await story.held()
    await story.deliver()
    await story.begin_release()
    await story.operations.mark_sent(story.transfer_intent())
    await finish(story)
    assert await placed(story) == {}


async def test_a_refund_that_gives_more_than_is_held_is_never_asked_for(story: Story) -> None:
    await story.held()
    taken = refund_booking("a card network has given a part back", story.delivery_id, FEE)
    async with story.engine.begin() as connection:
        await book(connection, [taken])
    await story.begin_refund()
    with pytest.raises(Refusal) as refused:
        await story.operations.mark_sent(story.refund_intent(), reserved=True)
    assert refused.value.code is RefusalCode.ESCROW_CONFLICT
    again = await story.operations.mark_sent(story.refund_intent())
    assert not again.sent
