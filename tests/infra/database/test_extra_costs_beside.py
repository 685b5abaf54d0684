"""Extra costs are paid beside their delivery: neither takes the other's money for its own."""

from __future__ import annotations

from sqlalchemy import text

from domain.contracts import PLATFORM
from domain.ids import DeliveryId
from domain.money import Money
from domain.transitions import EventKind, LateEvent, OperationKind, PaymentIntent
from infra.database.delivery_books import books_of
from infra.identifiers import new_id
from tests.infra.database.story import FEE, PRICE, Story, moment

EXTRA = Money(600, "EUR")
CORRECTION = """
INSERT INTO correction (
    correction_id, delivery_id, kind, status, amount_minor, currency, cost_reason, ordered_by_role,
    ordered_at, updated_at, deadline_kind, deadline_at
) VALUES (
    :correction_id, :delivery_id, 'extra_cost', 'moving', 600, 'EUR', 'toll', 'traveler',
    now(), now(), 'provider', now() + interval '1 day'
)
"""
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


async def test_what_extra_costs_will_pay_out_is_not_left_to_the_delivery(story: Story) -> None:
    await story.held()
    await story.deliver()
    await story.begin_release()
    await story.transfer()
    assert await story.records.left_to_pay_out(story.delivery_id, "EUR") == PRICE - FEE
    extra = await intend_extra(story, OperationKind.PAYOUT)
    for _ in range(2):
        left = await story.records.left_to_pay_out(story.delivery_id, "EUR")
        assert left == PRICE - FEE - EXTRA
        await story.operations.mark_sent(extra)


async def test_extra_costs_on_their_way_leave_the_held_payment_whole(story: Story) -> None:
    await story.held()
    await story.deliver()
    await story.begin_release()
    correction_id = new_id()
    async with story.engine.begin() as connection:
        await connection.execute(
            text(CORRECTION), {"correction_id": correction_id, "delivery_id": story.delivery_id}
        )
    charge = f"{story.delivery_id}:charge:{correction_id}"
    await intend(story, charge, OperationKind.CHARGE, "")
    transfer_id = f"{story.delivery_id}:transfer:{correction_id}"
    transfer = await intend(story, transfer_id, OperationKind.TRANSFER, charge)
    await story.operations.mark_sent(transfer)
    async with story.engine.connect() as connection:
        books = await books_of(connection, story.delivery_id, "EUR")
    assert books.surely_held == PRICE
