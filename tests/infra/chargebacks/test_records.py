"""The records of chargebacks: one change is one transaction, and each total is booked once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from domain.attention import AttentionItem, AttentionKind
from domain.chargebacks import (
    ChargebackBooking,
    ChargebackChange,
    ChargebackStatus,
    DisputeState,
)
from domain.contracts import PLATFORM
from domain.errors import Refusal, RefusalCode
from domain.ledger import BookingKind, TransferRecalled
from domain.money import Money
from domain.transitions import (
    EventKind,
    LateEvent,
    OperationKind,
    PaymentIntent,
    PaymentOutcome,
)
from infra.database.invariants import check_invariants
from infra.database.schema import attention_item, chargeback, event
from tests.infra.chargebacks.conftest import Disputed
from tests.infra.database.story import FEE, PRICE, moment

OPEN, WON, LOST = ChargebackStatus.OPEN, ChargebackStatus.WON, ChargebackStatus.LOST
SHARE, NOTHING, COST = PRICE - FEE, Money(0, "EUR"), Money(1_500, "EUR")


def change(
    disputed: Disputed, status: ChargebackStatus = OPEN, kind: EventKind | None = None, **more: Any
) -> ChargebackChange:
    told = None
    if kind is not None:
        key = f"{kind}:{disputed.chargeback_id}"
        told = LateEvent(disputed.story.delivery_id, key, kind, PLATFORM, moment())
    return ChargebackChange(
        disputed.chargeback_id,
        disputed.story.delivery_id,
        moment(),
        status,
        event=told,
        **more,
    )


def opened(disputed: Disputed, amount: Money = PRICE) -> ChargebackChange:
    """Return the change by which funds are taken, with the provider's fee."""
    dispute = DisputeState(
        disputed.order.dispute_id, OPEN, True, "fraudulent", "ch", amount, amount, NOTHING, COST,
        None, 0,
    )  # fmt: skip
    booking = ChargebackBooking(BookingKind.CHARGEBACK, amount, amount, COST)
    return change(disputed, OPEN, EventKind.CHARGEBACK_OPENED, dispute=dispute, booking=booking)


def lost(disputed: Disputed, amount: Money = PRICE) -> ChargebackChange:
    booking = ChargebackBooking(
        BookingKind.CHARGEBACK_LOST, amount, amount, traveler_id=disputed.story.traveler_id
    )
    return change(disputed, LOST, EventKind.CHARGEBACK_LOST, booking=booking)


async def row_of(disputed: Disputed) -> dict[str, Any]:
    query = select(chargeback).where(chargeback.c.chargeback_id == disputed.chargeback_id)
    return dict((await disputed.story.rows(query))[0]._mapping)


async def kinds_of(disputed: Disputed) -> list[str]:
    query = select(event.c.kind).where(event.c.delivery_id == disputed.story.delivery_id)
    return [row.kind for row in await disputed.story.rows(query.order_by(event.c.sequence))]


async def test_what_was_taken_is_booked_once_with_its_event_and_its_row(
    disputed: Disputed,
) -> None:
    taken = opened(disputed)
    first = await disputed.records.write(taken)
    again = await disputed.records.write(taken)
    assert first == again
    assert (first.taken, first.fee, first.returned, first.lost) == (PRICE, COST, NOTHING, NOTHING)
    row = await row_of(disputed)
    assert (row["status"], row["withdrawn_minor"], row["fee_minor"]) == ("open", 4_200, 1_500)
    assert (row["reason"], row["amount_minor"]) == ("fraudulent", 4_200)
    assert (await kinds_of(disputed)).count("chargeback_opened") == 1
    assert not (
        await check_invariants(disputed.story.engine, disputed.story.delivery_id)
    ).violations


async def test_a_loss_is_shared_out_once_however_often_it_is_written(disputed: Disputed) -> None:
    await disputed.records.write(opened(disputed))
    first = await disputed.records.write(lost(disputed))
    assert (first.lost, first.taken_from_held) == (PRICE, PRICE)
    # By now the held payment is empty: shared out anew, it would come from somewhere else.
    assert await disputed.records.write(lost(disputed)) == first
    row = await row_of(disputed)
    assert (row["taken_from_held_minor"], row["withdrawn_minor"]) == (4_200, 4_200)
    assert row["decided_at"] is not None


async def test_a_fee_that_comes_back_is_booked_back(disputed: Disputed) -> None:
    await disputed.records.write(opened(disputed))
    booking = ChargebackBooking(BookingKind.CHARGEBACK_WON, PRICE, PRICE, -COST)
    books = await disputed.records.write(
        change(disputed, WON, EventKind.CHARGEBACK_WON, booking=booking)
    )
    assert (books.returned, books.fee) == (PRICE, NOTHING)
    assert (await row_of(disputed))["withdrawn_minor"] == 0


async def test_what_staff_must_look_at_is_a_part_of_the_change(disputed: Disputed) -> None:
    key = f"chargeback:{disputed.chargeback_id}:evidence"
    item = AttentionItem(key, AttentionKind.CHARGEBACK, "chargeback", "look", None)
    await disputed.records.write(replace(opened(disputed), raises=(item,)))
    query = select(attention_item.c.settled_at).where(attention_item.c.key == key)
    assert (await disputed.story.rows(query))[0].settled_at is None
    await disputed.records.write(change(disputed, settles=(key,)))
    assert (await disputed.story.rows(query))[0].settled_at is not None


async def test_what_the_books_do_not_allow_leaves_nothing_behind(disputed: Disputed) -> None:
    before = await row_of(disputed)
    with pytest.raises(Refusal) as refused:
        await disputed.records.write(lost(disputed))
    assert refused.value.code is RefusalCode.ESCROW_CONFLICT
    assert await row_of(disputed) == before
    assert "chargeback_lost" not in await kinds_of(disputed)


async def test_a_transfer_that_is_being_sent_is_seen_by_the_plan(disputed: Disputed) -> None:
    story = disputed.story
    await story.deliver()
    await story.begin_release()
    await story.operations.mark_sent(story.transfer_intent())
    await disputed.records.write(opened(disputed))
    plan = await disputed.records.plan_recall(disputed.order)
    assert (plan.is_under_way, plan.amount) == (True, NOTHING)


async def test_a_release_and_a_chargeback_that_meet_leave_it_sent_or_frozen(
    disputed: Disputed,
) -> None:
    story = disputed.story
    await story.deliver()
    await story.begin_release()
    sent, _ = await asyncio.gather(
        story.operations.mark_sent(story.transfer_intent()),
        disputed.records.write(opened(disputed)),
        return_exceptions=True,
    )
    plan = await disputed.records.plan_recall(disputed.order)
    assert plan.is_under_way != isinstance(sent, Refusal)


@pytest.mark.parametrize(
    ("paid_out", "amount", "due"),
    [(False, PRICE, SHARE), (True, PRICE, SHARE), (True, FEE, FEE)],
)
async def test_what_went_to_the_traveler_is_to_be_recalled(
    disputed: Disputed, *, paid_out: bool, amount: Money, due: Money
) -> None:
    story = disputed.story
    await story.deliver()
    await story.begin_release()
    await story.transfer()
    if paid_out:
        await story.pay_out()
    await disputed.records.write(opened(disputed, amount))
    plan = await disputed.records.plan_recall(disputed.order)
    transfer_id = story.transfer_intent().operation_id
    assert (plan.is_under_way, plan.amount) == (False, due)
    assert (plan.transfer_operation_id, plan.account) == (transfer_id, "acct")
    payout = await disputed.records.plan_payout(disputed.order)
    assert payout == NOTHING


async def recalled(disputed: Disputed) -> None:
    """Release the payment and call it back before it is paid out."""
    story, chargeback_id = disputed.story, disputed.chargeback_id
    await story.deliver()
    await story.begin_release()
    await story.transfer()
    await disputed.records.write(opened(disputed))
    recall = PaymentIntent(
        f"{story.delivery_id}:reversal:{chargeback_id}",
        OperationKind.REVERSAL,
        SHARE,
        source_operation_id=story.transfer_intent().operation_id,
    )
    started = change(disputed, OPEN, EventKind.TRANSFER_RECALL_STARTED)
    assert started.event is not None
    await disputed.records.write(replace(started, event=replace(started.event, intent=recall)))
    await story.operations.mark_sent(recall)
    booking = TransferRecalled(
        recall.operation_id, story.delivery_id, story.traveler_id, SHARE, from_account=False
    )
    told = change(disputed, OPEN, EventKind.TRANSFER_RECALLED).event
    made = f"trr_{chargeback_id}"
    await story.operations.finish(recall, PaymentOutcome.SUCCEEDED, made, (booking,), told)


async def test_what_was_called_back_is_not_paid_out_of_other_money(disputed: Disputed) -> None:
    await recalled(disputed)
    with pytest.raises(Refusal) as refused:
        await disputed.story.operations.mark_sent(disputed.story.payout)
    assert refused.value.code is RefusalCode.CHARGEBACK_OPEN
    books = await disputed.records.write(change(disputed))
    assert (books.recalled, books.account) == (SHARE, "acct")
    assert await disputed.records.plan_payout(disputed.order) == NOTHING
    plan = await disputed.records.plan_recall(disputed.order)
    assert plan.amount == NOTHING
    assert not (
        await check_invariants(disputed.story.engine, disputed.story.delivery_id)
    ).violations
