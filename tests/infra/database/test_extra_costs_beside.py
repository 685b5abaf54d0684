"""Extra costs are paid beside their delivery: neither takes the other's money for its own."""

from __future__ import annotations

from sqlalchemy import text

from domain.contracts import PLATFORM
from domain.ids import DeliveryId
from domain.money import Money
from domain.transitions import EventKind, LateEvent, OperationKind, PaymentIntent
from infra.identifiers import new_id
from tests.infra.database.story import Story, moment

EXTRA = Money(600, "EUR")
STATE = "SELECT state FROM payment_operation WHERE operation_id = :operation_id"


async def intend_extra(story: Story, kind: OperationKind, source: str = "") -> PaymentIntent:
    """Ask for an operation of a correction that runs beside the delivery."""
    return await intend(story, f"{story.delivery_id}:{kind}:{new_id()}", kind, source)


async def intend(
    story: Story, operation_id: str, kind: OperationKind, source: str
) -> PaymentIntent:
    intent = PaymentIntent(operation_id, kind, EXTRA, source_operation_id=source)
    delivery_id = DeliveryId(story.delivery_id)
    event = EventKind.CORRECTION_RESUMED
    await story.records.note(
        LateEvent(delivery_id, operation_id, event, PLATFORM, moment(), intent=intent)
    )
    return intent


async def state_of(story: Story, intent: PaymentIntent) -> str:
    (row,) = await story.rows(text(STATE), operation_id=intent.operation_id)
    return str(row.state)


async def test_a_skipped_payout_leaves_the_one_of_extra_costs_beside_it(story: Story) -> None:
    await story.held()
    await story.deliver()
    await story.begin_release()
    await story.transfer()
    extra = await intend_extra(story, OperationKind.PAYOUT)
    await story.operations.mark_sent(extra)
    await story.operations.mark_sent(story.payout)
    await story.tell(EventKind.PAYOUT_SKIPPED, moves={"status": "completed"})
    assert await state_of(story, story.payout) == "failed"
    assert await state_of(story, extra) == "sent"
