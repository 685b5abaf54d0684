"""What comes undone is booked back once, whoever else writes about the delivery at that moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import PLATFORM
from domain.correcting.rules import CorrectionKind
from domain.correcting.undoing import TakenBack, Undone
from domain.ledger import AccountKind, charge_booking, refund_booking, totals_of
from domain.transitions import (
    EventKind,
    LateEvent,
    OperationKind,
    PaymentIntent,
    PaymentOutcome,
)
from infra.database.corrections import DatabaseCorrections
from infra.database.invariants import check_invariants
from infra.database.ledger import transactions_of
from infra.database.schema import correction, payment_operation
from infra.identifiers import new_id
from tests.infra.database.conftest import begin_story
from tests.infra.database.story import PRICE, Story, moment

ROUNDS = 8
Make = Callable[[], Awaitable[Story]]


@pytest.fixture
def corrections(engine: AsyncEngine) -> Callable[[Story], DatabaseCorrections]:
    return lambda story: DatabaseCorrections(engine, story.records, automatic_payouts=False)


@pytest.fixture
def make_refunding(engine: AsyncEngine) -> Make:
    """Return a way to bring a delivery to a refund that was asked for."""

    async def make() -> Story:
        story = await begin_story(engine)
        await story.held()
        await story.begin_refund()
        return story

    return make


def taken(operation_id: str) -> TakenBack:
    return TakenBack(operation_id, "account_closed", moment())


async def balance(story: Story, kind: AccountKind) -> int:
    """What the delivery left on the accounts of a kind; its books are whole."""
    async with story.engine.connect() as connection:
        booked = await transactions_of(connection, story.delivery_id)
    assert totals_of(booked, "EUR").is_whole
    return sum(
        posting.account.sign * posting.amount.amount_minor
        for transaction in booked
        for posting in transaction.postings
        if posting.account.kind is kind
    )


async def test_an_operation_comes_undone_once_however_many_say_so(
    make_refunding: Make, corrections: Callable[[Story], DatabaseCorrections]
) -> None:
    story = await make_refunding()
    await story.refund()
    refund = story.refund_intent().operation_id
    found = await asyncio.gather(*(corrections(story).undo(taken(refund)) for _ in range(6)))
    assert len({each.correction for each in found}) == 1
    (again,) = {each.again for each in found}
    assert again is not None
    assert again.source_operation_id == story.charge.operation_id
    assert await balance(story, AccountKind.ESCROW) == PRICE.amount_minor
    rows = await story.rows(select(correction).where(correction.c.delivery_id == story.delivery_id))
    assert [row.kind for row in rows] == [CorrectionKind.REFUND_AGAIN]


async def test_what_was_never_booked_does_not_come_undone(
    make_refunding: Make, corrections: Callable[[Story], DatabaseCorrections]
) -> None:
    story = await make_refunding()
    refund = story.refund_intent()
    assert await corrections(story).undo(taken(refund.operation_id)) == Undone()
    assert await corrections(story).undo(taken("nothing:refund")) == Undone()
    await story.operations.mark_sent(refund)
    assert await corrections(story).undo(taken(refund.operation_id)) == Undone()
    assert await balance(story, AccountKind.ESCROW) == PRICE.amount_minor


async def test_a_delivery_that_closes_at_that_moment_is_harmed_in_no_order(
    make_refunding: Make, corrections: Callable[[Story], DatabaseCorrections]
) -> None:
    for number in range(ROUNDS):
        story = await make_refunding()
        refund = story.refund_intent().operation_id

        async def undo(story: Story = story, refund: str = refund, turns: int = number) -> Undone:
            for _ in range(turns):
                await asyncio.sleep(0)
            return await corrections(story).undo(taken(refund))

        _, first = await asyncio.gather(story.refund(), undo())
        last = await corrections(story).undo(taken(refund))
        assert last.correction is not None
        assert first.correction in (None, last.correction)
        assert await balance(story, AccountKind.ESCROW) == PRICE.amount_minor
        # The delivery's own step is asked again after its worker died: it goes on as it did.
        assert (await story.operations.mark_sent(story.refund_intent())).succeeded
        await story.refund()
        assert not (await check_invariants(story.engine, story.delivery_id)).violations


async def test_a_void_that_gave_money_back_comes_undone_like_a_refund(
    engine: AsyncEngine, corrections: Callable[[Story], DatabaseCorrections]
) -> None:
    story = await begin_story(engine)
    await story.open()
    await story.agree()
    void = PaymentIntent(
        f"{story.delivery_id}:void:1",
        OperationKind.VOID,
        PRICE,
        source_operation_id=story.charge.operation_id,
    )
    await story.operations.mark_sent(story.charge)
    await story.tell(EventKind.PAYMENT_VOID_STARTED, intent=void)
    await story.operations.mark_sent(void)
    voided = story.transition(
        EventKind.PAYMENT_VOIDED, moves={"status": "payment_due", "escrow": "none"}
    )
    booked = (
        charge_booking(story.charge.operation_id, story.delivery_id, PRICE),
        refund_booking(void.operation_id, story.delivery_id, PRICE),
    )
    await story.operations.finish(void, PaymentOutcome.SUCCEEDED, f"re_{new_id()}", booked, voided)
    undone = await corrections(story).undo(taken(void.operation_id))
    assert undone.correction is not None
    again = undone.again
    assert again is not None
    assert (again.kind, again.amount) == (OperationKind.REFUND, PRICE)
    assert again.source_operation_id == story.charge.operation_id
    event = LateEvent(
        story.delivery_id, "again", EventKind.CORRECTION_RESUMED, PLATFORM, moment(), intent=again
    )
    await story.records.note(event)


async def test_a_charge_that_fails_leaves_what_is_on_its_way_out_in_place(
    engine: AsyncEngine, corrections: Callable[[Story], DatabaseCorrections]
) -> None:
    story = await begin_story(engine)
    await story.held()
    await story.deliver()
    await story.begin_release()
    charge = story.charge.operation_id
    assert await corrections(story).undo(taken(charge)) == Undone()
    assert await balance(story, AccountKind.ESCROW) == PRICE.amount_minor
    assert await balance(story, AccountKind.CUSTOMER_DUES) == PRICE.amount_minor
    await story.transfer()
    await story.pay_out()
    assert await balance(story, AccountKind.ESCROW) == 0
    states = await story.rows(
        select(payment_operation.c.state).where(payment_operation.c.operation_id == charge)
    )
    assert [row.state for row in states] == ["undone"]


async def test_a_charge_that_fails_while_it_is_held_is_owed_by_nobody(
    engine: AsyncEngine, corrections: Callable[[Story], DatabaseCorrections]
) -> None:
    story = await begin_story(engine)
    await story.held()
    await corrections(story).undo(taken(story.charge.operation_id))
    assert await balance(story, AccountKind.ESCROW) == 0
    assert await balance(story, AccountKind.CUSTOMER_DUES) == 0
