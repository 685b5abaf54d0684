"""Money is asked for only after it was written down, and leaves by one way only."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import Refusal, RefusalCode
from domain.ledger import charge_booking, refund_booking
from domain.money import Money
from domain.transitions import EventKind, OperationKind, PaymentIntent, PaymentOutcome
from infra.database.invariants import check_invariants
from infra.database.operations import DatabaseOperations
from infra.database.records import DatabaseRecords
from infra.database.schema import (
    event,
    ledger_transaction,
    payment_attempt,
    payment_operation,
)
from tests.infra.database.conftest import MakeStory
from tests.infra.database.story import KEY, PRICE, Story

SUCCEEDED = PaymentOutcome.SUCCEEDED


async def _state(story: Story, intent: PaymentIntent) -> str:
    query = select(payment_operation.c.state).where(
        payment_operation.c.operation_id == intent.operation_id
    )
    return str((await story.rows(query))[0][0])


async def _booked(story: Story) -> int:
    query = select(func.count()).where(ledger_transaction.c.delivery_id == story.delivery_id)
    return int((await story.rows(query))[0][0])


async def test_an_operation_is_known_as_sent_from_the_first_call_on(story: Story) -> None:
    await story.open()
    await story.agree()
    first = await story.operations.mark_sent(story.charge)
    again = await story.operations.mark_sent(story.charge)
    assert (first.sent, first.succeeded) == (False, False)
    assert (again.sent, again.succeeded) == (True, False)
    assert first.operation == again.operation
    await story.hold()
    done = await story.operations.mark_sent(story.charge)
    assert (done.sent, done.succeeded) == (True, True)
    assert done.operation.provider_id


async def test_an_attempt_that_can_have_no_effect_is_followed_by_one_other(
    story: Story, crowd: AsyncEngine
) -> None:
    await story.open()
    await story.agree()
    first = (await story.operations.mark_sent(story.charge)).operation
    assert (first.attempt, first.key) == (1, story.charge.operation_id)
    operations = DatabaseOperations(crowd, DatabaseRecords(crowd, KEY))
    following = await asyncio.gather(
        *(operations.next_attempt(story.charge, 1, "a test") for _ in range(8))
    )
    assert {each.attempt for each in following} == {2}
    assert {each.key for each in following} == {f"{story.charge.operation_id}/2"}
    now = (await story.operations.mark_sent(story.charge)).operation
    assert now == following[0]
    assert await story.operations.operation(story.charge.operation_id) == now
    query = select(payment_attempt).where(
        payment_attempt.c.operation_id == story.charge.operation_id
    )
    left, present = await story.rows(query.order_by(payment_attempt.c.attempt))
    assert (left.key, left.left_because) == (first.key, "a test")
    assert (present.key, present.left_because) == (now.key, None)
    assert left.first_sent_at == first.first_sent_at < present.first_sent_at
    with pytest.raises(DBAPIError, match="append-only"):
        await story.rows(delete(payment_attempt).returning(payment_attempt.c.key))


async def test_an_operation_that_is_over_or_was_never_sent_has_no_next_attempt(
    story: Story,
) -> None:
    await story.open()
    await story.agree()
    with pytest.raises(Refusal):
        await story.operations.next_attempt(story.charge, 1, "never sent")
    await story.hold()
    with pytest.raises(Refusal):
        await story.operations.next_attempt(story.charge, 1, "succeeded")
    assert await story.operations.operation("of nobody") is None


async def test_an_operation_knows_what_it_draws_on(story: Story) -> None:
    await story.held()
    await story.begin_refund()
    refund = (await story.operations.mark_sent(story.refund_intent())).operation
    assert refund.source == await story.operations.operation(story.charge.operation_id)
    assert refund.source is not None
    assert refund.source.provider_id


async def test_what_was_never_written_down_cannot_be_asked_for(story: Story) -> None:
    await story.open()
    with pytest.raises(Refusal) as refused:
        await story.operations.mark_sent(story.charge)
    assert refused.value.code is RefusalCode.ESCROW_CONFLICT
    await story.agree()
    dearer = replace(story.charge, amount=Money(9_900, "EUR"))
    away = replace(story.charge, off_session=True)
    for other in (dearer, away):
        with pytest.raises(Refusal):
            await story.operations.mark_sent(other)
    assert await _state(story, story.charge) == "intent"


async def test_outcome_bookings_and_transition_are_one(story: Story) -> None:
    await story.held()
    assert await _state(story, story.charge) == "succeeded"
    assert await _booked(story) == 1
    assert story.standing.escrow == "held"


async def test_a_transition_that_cannot_be_written_takes_the_booking_back(story: Story) -> None:
    await story.held()
    await story.deliver()
    await story.begin_release()
    await story.operations.mark_sent(story.transfer_intent())
    wrong = story.transition(EventKind.REFUNDED, moves={"escrow": "refunded"})
    with pytest.raises(Refusal):
        await story.operations.finish(
            story.transfer_intent(), SUCCEEDED, "tr_1", (story.release_booking(),), wrong
        )
    assert await _state(story, story.transfer_intent()) == "sent"
    assert await _booked(story) == 1


async def test_finishing_twice_changes_nothing(story: Story) -> None:
    await story.held()
    await story.hold()
    other = charge_booking("another key", story.delivery_id, PRICE)
    await story.operations.finish(story.charge, SUCCEEDED, "ch_2", (other,), None)
    assert await _booked(story) == 1


async def test_a_crash_after_the_provider_answered_is_repaired_by_running_again(
    story: Story,
) -> None:
    await story.open()
    await story.agree()
    await story.operations.mark_sent(story.charge)
    # The process dies here; the next one finds that the provider may have been asked.
    revived = DatabaseOperations(story.engine, DatabaseRecords(story.engine, KEY))
    assert (await revived.mark_sent(story.charge)).sent
    story.operations = revived
    await story.hold()
    report = await check_invariants(story.engine, story.delivery_id)
    assert report.violations == ()


async def test_an_unsettled_charge_stays_open_and_can_still_succeed(story: Story) -> None:
    await story.open()
    await story.agree()
    due = story.transition(
        EventKind.PAYMENT_UNSETTLED, moves={"status": "payment_due", "escrow": "holding"}
    )
    await story.operations.finish(story.charge, PaymentOutcome.PENDING, "ch_p", (), due)
    assert await _state(story, story.charge) == "sent"
    story.standing = due.standing
    accepted = story.transition(EventKind.PAYMENT_METHOD_GIVEN, moves={"status": "accepted"})
    await story.records.record(accepted)
    story.standing = accepted.standing
    await story.hold()
    assert await _state(story, story.charge) == "succeeded"


async def test_a_declined_charge_is_over(story: Story) -> None:
    await story.open()
    await story.agree()
    declined = story.transition(
        EventKind.PAYMENT_DECLINED, moves={"status": "payment_due", "escrow": "none"}
    )
    await story.operations.finish(story.charge, PaymentOutcome.DECLINED, "", (), declined)
    assert await _state(story, story.charge) == "failed"
    with pytest.raises(Refusal):
        await story.hold()
    assert await _booked(story) == 0


async def test_a_charge_that_is_being_voided_is_never_asked_for_or_booked(story: Story) -> None:
    await story.open()
    await story.agree()
    await story.operations.mark_sent(story.charge)
    void = PaymentIntent(
        f"{story.delivery_id}:void",
        OperationKind.VOID,
        PRICE,
        source_operation_id=story.charge.operation_id,
    )
    await story.tell(EventKind.PAYMENT_UNSETTLED, intent=void)
    with pytest.raises(Refusal):
        await story.operations.mark_sent(story.charge)
    with pytest.raises(Refusal):
        await story.hold()
    voided = story.transition(
        EventKind.PAYMENT_VOIDED, moves={"status": "payment_due", "escrow": "none"}
    )
    bookings = (
        charge_booking(story.charge.operation_id, story.delivery_id, PRICE),
        refund_booking(void.operation_id, story.delivery_id, PRICE),
    )
    await story.operations.finish(void, SUCCEEDED, "re_1", bookings, voided)
    assert await _state(story, story.charge) == "failed"
    assert (await check_invariants(story.engine, story.delivery_id)).violations == ()


async def test_one_provider_object_settles_one_operation(
    story: Story, make_story: MakeStory
) -> None:
    await story.held()
    other = await make_story()
    await other.open()
    await other.agree()
    query = select(payment_operation.c.provider_id).where(
        payment_operation.c.operation_id == story.charge.operation_id
    )
    taken = (await story.rows(query))[0][0]
    with pytest.raises(Refusal, match="another operation"):
        await other.operations.finish(other.charge, SUCCEEDED, taken, (), None)


async def test_an_operation_is_not_asked_for_in_two_ways(story: Story) -> None:
    await story.held()
    await story.begin_refund()
    half = story.refund_intent(Money(2_100, "EUR"))
    with pytest.raises(Refusal, match="differently"):
        await story.tell(EventKind.REFUND_STARTED, key="again", intent=half)
    await story.tell(EventKind.REFUND_STARTED, key="same again", intent=story.refund_intent())


async def test_the_shares_of_a_split_never_exceed_what_was_charged(story: Story) -> None:
    await story.held()
    await story.deliver()
    await story.dispute()
    await story.decide("split", 1_200)
    splitting = {"status": "settling", "escrow": "splitting"}
    refund = story.refund_intent(Money(1_200, "EUR"))
    await story.tell(EventKind.SPLIT_STARTED, intent=refund, moves=splitting)
    too_much = story.transfer_intent(Money(2_701, "EUR"), Money(300, "EUR"))
    with pytest.raises(Refusal, match="More would leave"):
        await story.tell(EventKind.SHARE_REFUNDED, intent=too_much)
    the_rest = story.transfer_intent(Money(2_700, "EUR"), Money(300, "EUR"))
    await story.tell(EventKind.SHARE_REFUNDED, intent=the_rest)


async def test_a_refund_needs_a_charge_of_the_same_delivery(
    story: Story, make_story: MakeStory
) -> None:
    await story.held()
    other = await make_story()
    await other.held()
    foreign = replace(story.refund_intent(), source_operation_id=other.charge.operation_id)
    with pytest.raises(Refusal, match="More would leave"):
        await story.tell(EventKind.REFUND_STARTED, intent=foreign, moves={"escrow": "refunding"})


async def test_of_a_release_and_a_refund_at_once_one_wins(
    make_story: MakeStory, crowd: AsyncEngine
) -> None:
    for _ in range(10):
        story = await make_story()
        await story.held()
        await story.deliver()
        await story.dispute()
        await story.decide("release", 0)
        rivals = [
            replace(story, engine=crowd).begin_release(),
            replace(story, engine=crowd).begin_refund(),
        ]
        answers = await asyncio.gather(*rivals, return_exceptions=True)
        refused = [answer for answer in answers if isinstance(answer, Refusal)]
        assert [refusal.code for refusal in refused] == [RefusalCode.ESCROW_CONFLICT]
        query = select(func.count()).where(
            event.c.delivery_id == story.delivery_id,
            event.c.kind.in_(["release_started", "refund_started"]),
        )
        assert (await story.rows(query))[0][0] == 1


async def test_many_that_finish_one_operation_book_it_once(
    story: Story, crowd: AsyncEngine
) -> None:
    await story.open()
    await story.agree()
    records = DatabaseRecords(crowd, KEY)
    operations = DatabaseOperations(crowd, records)
    held = story.transition(
        EventKind.PAYMENT_HELD, moves={"status": "awaiting_pickup", "escrow": "held"}
    )
    booking = charge_booking(story.charge.operation_id, story.delivery_id, PRICE)
    finishing = (
        operations.finish(story.charge, SUCCEEDED, "ch_crowd", (booking,), held) for _ in range(40)
    )
    await asyncio.gather(*finishing)
    assert await _booked(story) == 1
    assert (await check_invariants(story.engine, story.delivery_id)).violations == ()
