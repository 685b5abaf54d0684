"""The write-ahead log of payment operations: intent, sent, outcome."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from activities.ports import OperationState
from domain.errors import Refusal, RefusalCode
from domain.ledger import LedgerTransaction
from domain.transitions import PaymentIntent, PaymentOutcome, Transition
from infra.database.ledger import book
from infra.database.records import DatabaseRecords
from infra.database.transition_parts import intent_hash

_MARK_SENT = text("""
WITH known AS (
    SELECT operation_id, request_hash, state FROM payment_operation
    WHERE operation_id = :operation_id FOR UPDATE
),
sent AS (
    UPDATE payment_operation AS operation
    SET state = 'sent', first_sent_at = coalesce(operation.first_sent_at, now())
    FROM known
    WHERE operation.operation_id = known.operation_id AND known.state = 'intent'
        AND known.request_hash = :request_hash
)
SELECT request_hash, state FROM known
""")

_LOCK = text("""
SELECT request_hash, state FROM payment_operation WHERE operation_id = :operation_id FOR UPDATE
""")

_FINISH = text("""
UPDATE payment_operation SET
    state = :state, outcome = :outcome, provider_id = coalesce(nullif(:provider_id, ''), provider_id),
    first_sent_at = coalesce(first_sent_at, now()),
    finished_at = CASE WHEN :state IN ('succeeded', 'failed') THEN now() END
WHERE operation_id = :operation_id
""")

_STATES = {
    PaymentOutcome.SUCCEEDED: "succeeded",
    PaymentOutcome.DECLINED: "failed",
    PaymentOutcome.PENDING: "sent",
    PaymentOutcome.REQUIRES_ACTION: "sent",
}
"""What an answer makes of an operation; an unsettled one stays open."""


class DatabaseOperations:
    """Port `PaymentOperations` on PostgreSQL."""

    def __init__(self, engine: AsyncEngine, records: DatabaseRecords) -> None:
        self._engine = engine
        self._records = records

    async def mark_sent(self, intent: PaymentIntent) -> OperationState:
        """Note that the provider is about to be asked; return what was known before."""
        asked = {"operation_id": intent.operation_id, "request_hash": intent_hash(intent)}
        async with self._engine.begin() as connection:
            known = (await connection.execute(_MARK_SENT, asked)).one_or_none()
        state = _state_of(intent, known)
        return OperationState(sent=state != "intent", succeeded=state == "succeeded")

    async def finish(
        self,
        intent: PaymentIntent,
        outcome: PaymentOutcome,
        provider_id: str,
        booking: tuple[LedgerTransaction, ...],
        transition: Transition | None,
    ) -> None:
        """Commit the outcome, the bookings and the transition in one transaction.

        Raises:
            Refusal: `escrow_conflict` when the intent is not the recorded one, the provider's
                object settles another operation already, or the ledger or the held payment does
                not allow it.
        """
        async with self._engine.begin() as connection:
            asked = {"operation_id": intent.operation_id}
            known = (await connection.execute(_LOCK, asked)).one_or_none()
            if _state_of(intent, known) == "succeeded":
                return
            await _write_outcome(connection, intent, outcome, provider_id)
            if transition is not None:
                await self._records.write(connection, transition)
            # The books come last: the accounts of the platform itself are locked by every booking.
            await book(connection, booking)


async def _write_outcome(
    connection: AsyncConnection, intent: PaymentIntent, outcome: PaymentOutcome, provider_id: str
) -> None:
    values = {
        "operation_id": intent.operation_id,
        "state": _STATES[outcome],
        "outcome": outcome.value,
        "provider_id": provider_id,
    }
    try:
        await connection.execute(_FINISH, values)
    except IntegrityError:
        raise Refusal(
            RefusalCode.ESCROW_CONFLICT,
            f"The provider's object of this {intent.kind} settles another operation already.",
        ) from None


def _state_of(intent: PaymentIntent, known: Row[Any] | None) -> str:
    if known is None or bytes(known.request_hash) != intent_hash(intent):
        raise Refusal(
            RefusalCode.ESCROW_CONFLICT,
            f"The payment operation {intent.operation_id} was never recorded like this.",
        )
    return str(known.state)
