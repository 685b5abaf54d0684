"""What comes late is an event of the same chain and leaves its delivery where it stands."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from domain.contracts import PLATFORM
from domain.errors import Refusal, RefusalCode
from domain.ids import DeliveryId
from domain.money import Money
from domain.status import IllegalMove
from domain.transitions import EventKind, LateEvent, OperationKind, PaymentIntent, Recorded
from infra.database.invariants import check_invariants
from infra.database.schema import delivery, payment_operation
from infra.identifiers import new_id
from tests.infra.database.story import Story, moment


def late_event(story: Story, intent: PaymentIntent | None = None) -> LateEvent:
    return LateEvent(
        delivery_id=story.delivery_id,
        key="chargeback_opened:1",
        event=EventKind.CHARGEBACK_OPENED,
        actor=PLATFORM,
        at=moment(),
        facts={"amount": "EUR 42.00"},
        intent=intent,
    )


def refund_of(story: Story, amount_minor: int) -> PaymentIntent:
    return PaymentIntent(
        operation_id=f"{story.delivery_id}:refund:late",
        kind=OperationKind.REFUND,
        amount=Money(amount_minor, "EUR"),
        source_operation_id=story.charge.operation_id,
    )


async def standing_of(story: Story) -> dict[str, object]:
    query = select(delivery).where(delivery.c.delivery_id == story.delivery_id)
    row = dict((await story.rows(query))[0]._mapping)
    changing = ("head_sequence", "head_hash", "updated_at")
    return {name: value for name, value in row.items() if name not in changing}


async def test_it_is_written_once_and_moves_nothing(story: Story) -> None:
    await story.held()
    before = await standing_of(story)
    first = await story.records.note(late_event(story))
    again = await story.records.note(late_event(story))
    assert first == again == Recorded(5)
    assert await standing_of(story) == before
    assert not (await check_invariants(story.engine, story.delivery_id)).violations


async def test_a_saga_goes_on_after_it(story: Story) -> None:
    await story.held()
    await story.records.note(late_event(story))
    await story.pick_up()
    assert (await standing_of(story))["status"] == "in_transit"
    assert not (await check_invariants(story.engine, story.delivery_id)).violations


async def test_a_closed_delivery_keeps_the_moment_of_its_close(story: Story) -> None:
    await story.open()
    await story.tell(EventKind.REQUEST_EXPIRED, moves={"status": "expired"})
    before = await standing_of(story)
    await story.records.note(late_event(story))
    assert await standing_of(story) == before


async def test_what_it_asks_for_next_is_persisted_with_it(story: Story) -> None:
    await story.held()
    intent = refund_of(story, 1_000)
    await story.records.note(late_event(story, intent))
    query = select(payment_operation.c.state).where(
        payment_operation.c.operation_id == intent.operation_id
    )
    assert (await story.rows(query))[0][0] == "intent"


async def test_it_cannot_ask_for_more_than_is_held(story: Story) -> None:
    await story.held()
    with pytest.raises(Refusal) as refused:
        await story.records.note(late_event(story, refund_of(story, 4_201)))
    assert refused.value.code is RefusalCode.ESCROW_CONFLICT


async def test_a_delivery_that_was_never_opened_has_none(story: Story) -> None:
    story.delivery_id = DeliveryId(new_id())
    with pytest.raises(IllegalMove):
        await story.records.note(late_event(story))
