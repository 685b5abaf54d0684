"""The write-ahead log of payment operations: intent, sent in attempts, outcome."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Row
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from activities.operation_ports import OperationState, frozen_by_chargeback
from activities.payment_ports import Operation
from domain.errors import Refusal, RefusalCode
from domain.ids import PersonId
from domain.ledger import (
    DuesNetted,
    LedgerTransaction,
    OpenBooking,
    completed,
    is_netting,
    surplus_key,
)
from domain.money import Money
from domain.transitions import (
    LateEvent,
    OperationKind,
    PaymentIntent,
    PaymentOutcome,
    Transition,
)
from infra.database import operation_sql as sql
from infra.database import reserves
from infra.database.delivery_books import books_of
from infra.database.dues import claim, locked_dues, require_nothing_owed
from infra.database.ledger import book
from infra.database.operation_rows import operation_in
from infra.database.records import DatabaseRecords
from infra.database.transition_parts import intent_hash

_STATES = {
    PaymentOutcome.SUCCEEDED: "succeeded",
    PaymentOutcome.DECLINED: "failed",
    PaymentOutcome.PENDING: "sent",
    PaymentOutcome.REQUIRES_ACTION: "sent",
}
"""What an answer makes of an operation; an unsettled one stays open."""


_OPEN = ("sent", "unknown")
"""States in which the provider may be asked again."""
_BOOKED = ("succeeded", "undone")
"""States after which whoever asked for it goes on; what came undone is dealt with by itself."""
_VOIDED = (
    OperationKind.CHARGE,
    OperationKind.AUTHORISE,
    OperationKind.SAVE,
    OperationKind.CAPTURE,
)
"""What a void can give up."""


class DatabaseOperations:
    """Port `PaymentOperations` on PostgreSQL."""

    def __init__(self, engine: AsyncEngine, records: DatabaseRecords) -> None:
        self._engine = engine
        self._records = records

    async def mark_sent(
        self, intent: PaymentIntent, *, dues_first: bool = False, reserved: bool = False
    ) -> OperationState:
        """Note that the provider is about to be asked; return what was known before.

        Raises:
            Refusal: `escrow_conflict` when the intent is not the recorded one, was superseded, or
                when its void was asked for; `chargeback_open` when it was never sent and a
                chargeback has frozen the money; `dues_first` and `dues_changed` as the port says.
        """
        asked = {"operation_id": intent.operation_id, "request_hash": intent_hash(intent)}
        async with self._engine.begin() as connection:
            known = (await connection.execute(sql.MARK_SENT, asked)).one_or_none()
            state = _state_of(intent, known)
            await _require_not_voided(connection, intent)
            assert known is not None, "the row was found: its state was read"
            if known.detail == sql.SUPERSEDED_DETAIL:
                raise _given_up(intent)
            if reserved:
                await reserves.lock_delivery(connection, intent)
            is_frozen = state not in _BOOKED and await _is_frozen(connection, intent)
            if is_frozen and state == "intent":
                raise frozen_by_chargeback(intent)
            if state == "intent" and dues_first:
                guard = claim if is_netting(intent.operation_id) else require_nothing_owed
                await guard(connection, intent)
            if state == "intent" and reserved:
                is_release = intent.kind is OperationKind.TRANSFER
                secure = reserves.set_aside if is_release else reserves.require_held
                await secure(connection, intent)
        return OperationState(
            state != "intent",
            state in _BOOKED,
            operation_in(known),
            source_succeeded=known.source_state == "succeeded",
            capture_id=known.capture_id or "",
            is_frozen=is_frozen,
        )

    async def mark_unsent(self, intent: PaymentIntent) -> None:
        """Note that the provider has nothing of it and that it is not asked for now.

        Idempotency: an operation that is over is left as it is.
        """
        async with self._engine.begin() as connection:
            asked = {"operation_id": intent.operation_id}
            was_sent = await connection.scalar(sql.MARK_UNSENT, asked)
            if was_sent and intent.kind is OperationKind.TRANSFER:
                await reserves.give_back(connection, intent)

    async def next_attempt(self, intent: PaymentIntent, spent: int, reason: str) -> Operation:
        """Note that an attempt can have no further effect, and return the one that follows it.

        Raises:
            Refusal: `escrow_conflict` when the intent is not the recorded one, was never sent or
                is over, or when its void was asked for.
        Idempotency: an attempt is followed by one other, whoever asks first.
        """
        asked = {"operation_id": intent.operation_id}
        async with self._engine.begin() as connection:
            known = (await connection.execute(sql.LOCK, asked)).one_or_none()
            if _state_of(intent, known) not in _OPEN:
                raise _given_up(intent)
            await _require_not_voided(connection, intent)
            if known is not None and known.attempt == spent:
                key = replace(operation_in(known), attempt=spent + 1).key
                values = {**asked, "spent": spent, "key": key, "reason": reason}
                await connection.execute(sql.NEXT_ATTEMPT, values)
            return operation_in((await connection.execute(sql.READ, asked)).one())

    async def operation(self, operation_id: str) -> Operation | None:
        """Return how an operation is asked for now, or none when it was never recorded."""
        async with self._engine.connect() as connection:
            known = await connection.execute(sql.READ, {"operation_id": operation_id})
            row = known.one_or_none()
        return None if row is None else operation_in(row)

    async def left_of_netting(self, intent: PaymentIntent) -> Money:
        """Return what a netting that has succeeded took back and nobody owed any more."""
        kept = {"key": surplus_key(intent.operation_id)}
        async with self._engine.connect() as connection:
            left_minor = await connection.scalar(sql.LEFT_OF_NETTING, kept)
        return Money(int(left_minor or 0), intent.amount.currency)

    async def payout_account_of(self, person_id: PersonId) -> str:
        """Return a person's account at the provider; empty while there is none."""
        async with self._engine.connect() as connection:
            return await connection.scalar(sql.PAYOUT_ACCOUNT, {"person_id": person_id}) or ""

    async def finish(
        self,
        intent: PaymentIntent,
        outcome: PaymentOutcome,
        provider_id: str,
        booking: tuple[LedgerTransaction | OpenBooking, ...],
        event: Transition | LateEvent | None,
    ) -> None:
        """Commit the outcome, the bookings and the event in one transaction.

        Raises:
            Refusal: `escrow_conflict` when the intent is not the recorded one, the provider's
                object settles another operation already, the charge was voided or declined, or
                the ledger or the held payment does not allow it.
        """
        async with self._engine.begin() as connection:
            asked = {"operation_id": intent.operation_id}
            known = (await connection.execute(sql.LOCK, asked)).one_or_none()
            state = _state_of(intent, known)
            if state in _BOOKED:
                return
            if state == "failed" and outcome is not PaymentOutcome.DECLINED:
                raise _given_up(intent)
            await _write_outcome(connection, intent, outcome, provider_id)
            if isinstance(event, LateEvent):
                await self._records.write_late(connection, event)
            elif event is not None:
                await self._records.write(connection, event)
            # Asked only now: writing the event has waited for a void that was being recorded.
            await _require_not_voided(connection, intent)
            # The books come last: the accounts of the platform itself are locked by every booking.
            await book(connection, await _completed(connection, intent, booking))


async def _completed(
    connection: AsyncConnection,
    intent: PaymentIntent,
    booking: tuple[LedgerTransaction | OpenBooking, ...],
) -> tuple[LedgerTransaction, ...]:
    """Complete what is open, behind the lock on the delivery that its event has taken."""
    whole = tuple(each for each in booking if isinstance(each, LedgerTransaction))
    if len(whole) == len(booking):
        return whole
    books = await books_of(connection, reserves.delivery_of(intent), intent.amount.currency)
    for netting in booking:
        if isinstance(netting, DuesNetted):
            currency = netting.amount.currency
            dues = await locked_dues(connection, netting.traveler_id, currency)
            books = replace(books, dues=dues)
    return completed(booking, books)


async def _write_outcome(
    connection: AsyncConnection, intent: PaymentIntent, outcome: PaymentOutcome, provider_id: str
) -> None:
    values = {
        "operation_id": intent.operation_id,
        "state": _STATES[outcome],
        "outcome": outcome.value,
        "provider_id": provider_id,
    }
    if intent.kind is OperationKind.VOID and outcome is PaymentOutcome.SUCCEEDED:
        asked = {
            "operation_id": intent.operation_id,
            "source_operation_id": intent.source_operation_id,
        }
        await connection.execute(sql.GIVE_UP, asked)
    try:
        await connection.execute(sql.FINISH, values)
    except IntegrityError:
        raise Refusal(
            RefusalCode.ESCROW_CONFLICT,
            f"The provider's object of this {intent.kind} settles another operation already.",
        ) from None


async def _require_not_voided(connection: AsyncConnection, intent: PaymentIntent) -> None:
    if intent.kind not in _VOIDED:
        return
    if await connection.scalar(sql.IS_VOIDED, {"operation_id": intent.operation_id}):
        raise _given_up(intent)


async def _is_frozen(connection: AsyncConnection, intent: PaymentIntent) -> bool:
    """Tell whether a chargeback keeps the money back; asked behind the lock on the operation."""
    questions = {
        OperationKind.REFUND: sql.IS_FROZEN,
        OperationKind.TRANSFER: sql.IS_FROZEN,
        OperationKind.PAYOUT: sql.IS_RECALLED,
    }
    if intent.kind not in questions:
        return False
    asked = {"operation_id": intent.operation_id}
    return bool(await connection.scalar(questions[intent.kind], asked))


def _given_up(intent: PaymentIntent) -> Refusal:
    return Refusal(
        RefusalCode.ESCROW_CONFLICT,
        f"The {intent.kind} {intent.operation_id} was given up already.",
    )


def _state_of(intent: PaymentIntent, known: Row[Any] | None) -> str:
    if known is None or bytes(known.request_hash) != intent_hash(intent):
        raise Refusal(
            RefusalCode.ESCROW_CONFLICT,
            f"The payment operation {intent.operation_id} was never recorded like this.",
        )
    return str(known.state)
