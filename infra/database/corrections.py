"""Port `Corrections` on PostgreSQL: whatever a correction depends on is read behind one lock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from activities.payment_ports import Operation
from domain.attention import AttentionItem
from domain.correcting.events import Correction, Fact
from domain.correcting.plans import booking_of
from domain.correcting.rules import (
    OF_DEBTS,
    OVER,
    CorrectionKind,
    CorrectionOrder,
    CorrectionStatus,
    DeliveryMoney,
    check_amount,
)
from domain.correcting.undoing import TakenBack, Undone
from domain.errors import Refusal, RefusalCode
from domain.ids import DeliveryId, PersonId
from domain.ledger import AccountKind, Bearer, BookingKind, DeliveryBooks
from domain.money import Money
from domain.preconditions import Seen, require_unchanged
from domain.transitions import LateEvent, PaymentIntent
from infra.database import correction_sql as sql
from infra.database.attention import raise_in, settle_in
from infra.database.chain import storable
from infra.database.delivery_books import books_of
from infra.database.ledger import book
from infra.database.operation_rows import operation_in
from infra.database.operation_sql import READ
from infra.database.records import DatabaseRecords
from infra.database.reserves import delivery_of
from infra.database.transition_sql import HEAD_SEQUENCE
from infra.database.undoing import undo_in

_HOLDS = {
    CorrectionKind.REFUND_AGAIN: AccountKind.ESCROW,
    CorrectionKind.PAYOUT_AGAIN: AccountKind.TRAVELER_PAYABLE,
}
"""Where the money waits that is to be given again."""
_TAKEN = (BookingKind.CHARGEBACK, BookingKind.CHARGEBACK_WON)


class DatabaseCorrections:
    """Corrections and what came undone."""

    def __init__(
        self, engine: AsyncEngine, records: DatabaseRecords, *, automatic_payouts: bool
    ) -> None:
        """With `automatic_payouts` the provider itself sends travelers' money to their banks.

        What counts as paid out may then still be found in the traveler's account.
        """
        self._engine = engine
        self._records = records
        self._automatic_payouts = automatic_payouts

    async def money_of(self, delivery_id: DeliveryId) -> DeliveryMoney:
        """Return what the books say of a delivery's money now."""
        async with self._engine.connect() as connection:
            return await self._money_in(connection, delivery_id)

    async def order(self, order: CorrectionOrder, opening: LateEvent, reversal: Money) -> None:
        """Write a correction with its opening event, after checking its amount once more.

        Raises:
            Refusal: the books do not allow it any more, or its sender has seen another delivery.
        """
        place = {"delivery_id": order.delivery_id}
        async with self._engine.begin() as connection:
            await connection.execute(sql.LOCK_DELIVERY, place)
            if await connection.scalar(sql.IS_WRITTEN, {**place, "key": opening.key}):
                return
            if order.seen is not None:
                now = await connection.scalar(text(HEAD_SEQUENCE), place)
                require_unchanged(Seen(order.seen), now)
            await _lock_dues(connection, order)
            money = await self._money_in(connection, order.delivery_id)
            check_amount(order, money)
            if reversal.amount_minor > money.reversible.amount_minor:
                raise Refusal(RefusalCode.ESCROW_CONFLICT, "The books have moved on: try again.")
            await connection.execute(sql.INSERT, _row(order, opening, reversal))
            await self._records.write_late(connection, opening)
            booking = booking_of(order)
            await book(connection, () if booking is None else (booking,))

    async def note(
        self, late: LateEvent, item: AttentionItem | None = None, given_up: str = ""
    ) -> None:
        """Write an event of a correction, and with it what people must look at."""
        async with self._engine.begin() as connection:
            if given_up:
                await connection.execute(sql.GIVE_UP, {"operation_id": given_up})
            await self._records.write_late(connection, late)
            if item is not None:
                await raise_in(connection, item)

    async def give_up_again(self, late: LateEvent, correction: Correction) -> None:
        """Write that something is not given again, because its money has gone another way."""
        place = {"delivery_id": correction.delivery_id}
        async with self._engine.begin() as connection:
            await connection.execute(sql.LOCK_DELIVERY, place)
            if await connection.scalar(sql.IS_WRITTEN, {**place, "key": late.key}):
                return
            if await self._is_there(connection, correction):
                raise Refusal(
                    RefusalCode.SKIP_NOT_SAFE,
                    "The money is there and somebody's: give it again, or do it by hand.",
                )
            await self._records.write_late(connection, late)

    async def _is_there(self, connection: AsyncConnection, correction: Correction) -> bool:
        """Tell whether money waits to be given again; a part is enough where nobody else has a claim."""
        amount, delivery_id = correction.amount, correction.delivery_id
        books = await books_of(connection, delivery_id, amount.currency)
        there = books.on(_HOLDS[correction.kind])
        is_refund = correction.kind is CorrectionKind.REFUND_AGAIN
        is_sole = is_refund and await connection.scalar(sql.IS_CLOSED, {"delivery_id": delivery_id})
        return there.amount_minor >= (1 if is_sole else amount.amount_minor)

    async def left_to_refund(self, intent: PaymentIntent) -> Money:
        """Return how much of a refund that was never sent is still held for it."""
        async with self._engine.connect() as connection:
            asked = {"operation_id": intent.operation_id}
            state = await connection.scalar(sql.STATE, asked)
            held = (
                await books_of(connection, delivery_of(intent), intent.amount.currency)
            ).surely_held
        left = min(held.amount_minor, intent.amount.amount_minor) if state == "intent" else 0
        return Money(left, intent.amount.currency)

    async def raise_item(self, item: AttentionItem) -> None:
        """Put something on the list of what people must look at."""
        async with self._engine.begin() as connection:
            await raise_in(connection, item)

    async def settle_item(self, key: str, by: PersonId | None, text: str) -> None:
        """Take what people had to look at off their list, saying why."""
        async with self._engine.begin() as connection:
            await settle_in(connection, key, by, text)

    async def operation(self, operation_id: str) -> Operation | None:
        """Return how a payment operation is asked for now, or none when it was never recorded."""
        async with self._engine.connect() as connection:
            asked = {"operation_id": operation_id}
            row = (await connection.execute(READ, asked)).one_or_none()
        return None if row is None else operation_in(row)

    async def undo(self, taken: TakenBack) -> Undone:
        """Book that an operation which is known to have succeeded came undone."""
        async with self._engine.begin() as connection:
            return await undo_in(connection, self._records, taken)

    async def _money_in(
        self, connection: AsyncConnection, delivery_id: DeliveryId
    ) -> DeliveryMoney:
        row = (await connection.execute(sql.MONEY, {"delivery_id": delivery_id})).one()
        books = await books_of(connection, delivery_id, row.currency)
        return _money(row, books, automatic_payouts=self._automatic_payouts)


def _money(row: Row[Any], books: DeliveryBooks, *, automatic_payouts: bool) -> DeliveryMoney:
    def money(minor: int | None) -> Money:
        return Money(max(0, int(minor or 0)), row.currency)

    left = int(row.transfer_left_minor or 0)
    if not automatic_payouts:
        left = min(left, books.with_traveler.amount_minor)
    return DeliveryMoney(
        price=money(row.price_minor),
        charge_id=row.charge_id or "",
        paid=money(row.paid_minor),
        gone_back=money(row.gone_back_minor + _charged_back(books)),
        traveler_owes=books.on(AccountKind.TRAVELER_DUES),
        customer_owes=books.on(AccountKind.CUSTOMER_DUES),
        tips=money(row.tips_minor),
        tips_tried=int(row.tips_tried),
        transfer_id=row.transfer_id or "",
        extra_costs=money(row.extra_costs_minor),
        extra_costs_asked=int(row.extra_costs_asked),
        reversible=money(left - row.planned_minor),
    )


def _charged_back(books: DeliveryBooks) -> int:
    """Return what card networks have taken and not given back, in minor units."""
    return -sum(
        posting.amount.amount_minor
        for transaction in books.transactions
        if transaction.kind in _TAKEN
        for posting in transaction.postings
        if posting.account.kind is AccountKind.PROVIDER_CASH
    )


async def _lock_dues(connection: AsyncConnection, order: CorrectionOrder) -> None:
    if order.kind not in OF_DEBTS:
        return
    is_traveler = order.debtor is Bearer.TRAVELER
    kind = AccountKind.TRAVELER_DUES if is_traveler else AccountKind.CUSTOMER_DUES
    values = {"kind": kind.value, "owner": order.debtor_id, "currency": order.amount.currency}
    await connection.execute(sql.LOCK_DUES, values)


def _row(order: CorrectionOrder, opening: LateEvent, reversal: Money) -> dict[str, Any]:
    facts = opening.facts
    status = CorrectionStatus(facts[Fact.STATUS])
    due_at = facts.get(Fact.DUE_AT)
    return {
        "correction_id": order.correction_id,
        "delivery_id": order.delivery_id,
        "kind": order.kind.value,
        "status": status.value,
        "amount_minor": order.amount.amount_minor,
        "currency": order.amount.currency,
        "bearer": order.bearer.value if order.bearer else None,
        "debtor": order.debtor.value if order.debtor else None,
        "cost_reason": order.cost_reason.value if order.cost_reason else None,
        "reversal_minor": reversal.amount_minor,
        "note": storable(order.note),
        "reference": storable(order.reference),
        "undone_operation_id": None,
        "deadline_kind": facts.get(Fact.CLOCK),
        "deadline_at": datetime.fromisoformat(due_at) if due_at else None,
        "ordered_by_role": order.actor.role.value,
        "ordered_by": order.actor.person_id,
        "at": opening.at,
        "is_over": status in OVER,
    }
