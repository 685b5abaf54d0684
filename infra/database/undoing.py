"""Books that a payment operation came undone, with everything that follows from it at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.contracts import PLATFORM
from domain.correcting.events import Correction, Fact, correction_event
from domain.correcting.plans import operation_id_of
from domain.correcting.rules import CorrectionKind, CorrectionStanding, CorrectionStatus
from domain.correcting.undoing import (
    AGAIN,
    CLOCKS,
    REMINDER_S,
    TAKEN_BACK,
    UNDONE_EVENTS,
    TakenBack,
    Undone,
    item_of_undone,
)
from domain.ids import CorrectionId, DeliveryId, PersonId
from domain.ledger import (
    AccountKind,
    Bearer,
    BookingKind,
    LedgerTransaction,
    charge_undone_booking,
    customer_bears,
    payee_of,
    refund_undone_booking,
    tip_undone_booking,
    undo_booking,
)
from domain.messages import CONCERNS
from domain.money import Money
from domain.transitions import EventKind, LateEvent, OperationKind, PaymentIntent
from infra.database import correction_sql as sql
from infra.database.attention import raise_in
from infra.database.delivery_books import books_of
from infra.database.ledger import book, transactions_of
from infra.database.records import DatabaseRecords
from infra.identifiers import new_id


async def undo_in(
    connection: AsyncConnection, records: DatabaseRecords, taken: TakenBack
) -> Undone:
    """Book that an operation came undone, as a part of the caller's transaction.

    The operation is locked first and then its delivery, as everybody does who books an answer.

    Idempotency: as `Corrections.undo`.
    """
    asked = {"operation_id": taken.operation_id}
    operation = (await connection.execute(sql.LOCK_OPERATION, asked)).one_or_none()
    if operation is None or OperationKind(operation.kind) not in TAKEN_BACK:
        return Undone()
    place = {"delivery_id": operation.delivery_id}
    delivery = (await connection.execute(sql.LOCK_DELIVERY, place)).one()
    if operation.state == "undone":
        return await _known(connection, operation, delivery)
    original = await _booked(connection, operation)
    if operation.state != "succeeded" or original is None:
        return Undone()
    return await _Undoing(connection, records, taken, operation, delivery).undone(original)


@dataclass(frozen=True)
class _Undoing:
    """One operation that comes undone now, behind the locks on it and its delivery."""

    connection: AsyncConnection
    records: DatabaseRecords
    taken: TakenBack
    operation: Row[Any]
    delivery: Row[Any]

    async def undone(self, original: LedgerTransaction) -> Undone:
        taken, kind = self.taken, OperationKind(self.operation.kind)
        values = {"operation_id": taken.operation_id, "detail": taken.detail}
        await self.connection.execute(sql.TAKE_BACK, values)
        amount, delivery_id = _moved(original), original.delivery_id
        item = item_of_undone(taken.operation_id, kind, amount, delivery_id, taken.detail)
        await raise_in(self.connection, item)
        if kind not in AGAIN:
            await self._take_charge_back(original, amount)
            return Undone()
        correction = Correction(
            CorrectionId(new_id()),
            delivery_id,
            AGAIN[kind],
            amount,
            payee_of(original) or self.delivery.traveler_id,
            original.bearer,
        )
        await self._let_wait(correction)
        await book(self.connection, (_undone_booking(taken, correction, original),))
        return Undone(correction, _again(self.operation, correction))

    async def _let_wait(self, correction: Correction) -> None:
        taken = self.taken
        standing = CorrectionStanding(
            CorrectionStatus.WAITING,
            problem=taken.detail,
            deadline_kind=CLOCKS[correction.kind],
            deadline_at=taken.at + timedelta(seconds=REMINDER_S),
        )
        event = UNDONE_EVENTS[correction.kind]
        late = correction_event(correction, event, PLATFORM, taken.at, standing)
        await self.connection.execute(sql.INSERT, _row(correction, taken, standing.deadline_at))
        await self.records.write_late(self.connection, late)

    async def _take_charge_back(self, original: LedgerTransaction, amount: Money) -> None:
        taken, event, delivery_id = self.taken, EventKind.CHARGE_UNDONE, original.delivery_id
        facts = {str(Fact.AMOUNT): str(amount), CONCERNS: "customer"}
        key = f"{event}:{taken.operation_id}"
        late = LateEvent(delivery_id, key, event, PLATFORM, taken.at, facts)
        await self.records.write_late(self.connection, late)
        key = f"{taken.operation_id}:undone"
        if original.kind == BookingKind.TIP:
            held = await self._free(AccountKind.TIPS, amount)
            undone = tip_undone_booking(key, delivery_id, amount, held)
        else:
            held = await self._free(AccountKind.ESCROW, amount)
            burden = customer_bears(PersonId(self.delivery.customer_id), amount, held)
            undone = charge_undone_booking(key, delivery_id, burden)
        await book(self.connection, (undone,))

    async def _free(self, kind: AccountKind, amount: Money) -> Money:
        """Return how much of an amount is held; what is on its way out is booked out of it soon."""
        delivery_id = DeliveryId(self.operation.delivery_id)
        books = await books_of(self.connection, delivery_id, amount.currency)
        place = {"delivery_id": delivery_id}
        leaving = await self.connection.scalar(sql.ON_THE_WAY_OUT, place)
        there = books.in_custody if kind is AccountKind.ESCROW else books.on(kind)
        free = max(0, there.amount_minor - int(leaving or 0))
        return Money(min(free, amount.amount_minor), amount.currency)


async def _known(connection: AsyncConnection, operation: Row[Any], delivery: Row[Any]) -> Undone:
    asked = {"operation_id": operation.operation_id}
    row = (await connection.execute(sql.KNOWN_UNDONE, asked)).one_or_none()
    if row is None:
        return Undone()
    original = await _booked(connection, operation)
    correction = Correction(
        CorrectionId(row.correction_id),
        DeliveryId(operation.delivery_id),
        CorrectionKind(row.kind),
        Money(row.amount_minor, row.currency),
        payee_of(original) or delivery.traveler_id,
        Bearer(row.bearer) if row.bearer else None,
    )
    return Undone(correction, _again(operation, correction), is_over=row.is_over)


async def _booked(connection: AsyncConnection, operation: Row[Any]) -> LedgerTransaction | None:
    booked = await transactions_of(connection, DeliveryId(operation.delivery_id))
    return next((each for each in booked if each.key == operation.operation_id), None)


def _undone_booking(
    taken: TakenBack, correction: Correction, original: LedgerTransaction
) -> LedgerTransaction:
    key = f"{taken.operation_id}:undone"
    if correction.kind is CorrectionKind.PAYOUT_AGAIN:
        return undo_booking(key, original)
    return refund_undone_booking(key, correction.delivery_id, correction.amount)


def _again(operation: Row[Any], correction: Correction) -> PaymentIntent:
    is_refund = correction.kind is CorrectionKind.REFUND_AGAIN
    kind = OperationKind.REFUND if is_refund else OperationKind.PAYOUT
    return PaymentIntent(
        operation_id=operation_id_of(correction.delivery_id, kind, correction.correction_id),
        kind=kind,
        amount=correction.amount,
        source_operation_id=operation.source_operation_id,
        beyond_held=operation.beyond_held,
    )


def _moved(original: LedgerTransaction) -> Money:
    """Return how much an operation moved: one side of its booking."""
    amounts = [posting.amount for posting in original.postings]
    moved = sum(amount.amount_minor for amount in amounts if amount.amount_minor > 0)
    return Money(moved, amounts[0].currency)


def _row(correction: Correction, taken: TakenBack, due_at: datetime | None) -> dict[str, Any]:
    return {
        "correction_id": correction.correction_id,
        "delivery_id": correction.delivery_id,
        "kind": correction.kind.value,
        "status": CorrectionStatus.WAITING.value,
        "amount_minor": correction.amount.amount_minor,
        "currency": correction.amount.currency,
        "bearer": correction.bearer.value if correction.bearer else None,
        "debtor": None,
        "cost_reason": None,
        "reversal_minor": 0,
        "note": "",
        "reference": "",
        "undone_operation_id": taken.operation_id,
        "deadline_kind": CLOCKS[correction.kind].value,
        "deadline_at": due_at,
        "ordered_by_role": PLATFORM.role.value,
        "ordered_by": None,
        "at": taken.at,
        "is_over": False,
    }
