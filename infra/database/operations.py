"""The write-ahead log of payment operations: intent, sent, outcome."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from activities.ports import OperationState
from domain.errors import Refusal, RefusalCode
from domain.ledger import LedgerTransaction
from domain.transitions import OperationKind, PaymentIntent, PaymentOutcome, Transition
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

_IS_VOIDED = text("""
SELECT EXISTS (
    SELECT FROM payment_operation AS charge
    JOIN payment_operation AS void USING (delivery_id)
    WHERE charge.operation_id = :operation_id AND void.kind = 'void'
        AND void.source_operation_id = charge.operation_id
)
""")

_GIVE_UP_CHARGE = text("""
UPDATE payment_operation SET state = 'failed', finished_at = coalesce(finished_at, now())
WHERE operation_id = :source_operation_id AND kind = 'charge' AND state <> 'succeeded'
""")
"""A void ends its charge: an answer to the charge that still arrives must not be booked."""

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
        """Note that the provider is about to be asked; return what was known before.

        Raises:
            Refusal: `escrow_conflict` when the intent is not the recorded one, or when it is a
                charge and its void was asked for.
        """
        asked = {"operation_id": intent.operation_id, "request_hash": intent_hash(intent)}
        async with self._engine.begin() as connection:
            known = (await connection.execute(_MARK_SENT, asked)).one_or_none()
            state = _state_of(intent, known)
            await _require_not_voided(connection, intent)
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
                object settles another operation already, the charge was voided or declined, or
                the ledger or the held payment does not allow it.
        """
        async with self._engine.begin() as connection:
            asked = {"operation_id": intent.operation_id}
            known = (await connection.execute(_LOCK, asked)).one_or_none()
            state = _state_of(intent, known)
            if state == "succeeded":
                return
            if state == "failed" and outcome is PaymentOutcome.SUCCEEDED:
                raise _given_up(intent)
            await _write_outcome(connection, intent, outcome, provider_id)
            if transition is not None:
                await self._records.write(connection, transition)
            # Asked only now: writing the transition has waited for a void that was being recorded.
            await _require_not_voided(connection, intent)
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
    if intent.kind is OperationKind.VOID and outcome is PaymentOutcome.SUCCEEDED:
        asked = {"source_operation_id": intent.source_operation_id}
        await connection.execute(_GIVE_UP_CHARGE, asked)
    try:
        await connection.execute(_FINISH, values)
    except IntegrityError:
        raise Refusal(
            RefusalCode.ESCROW_CONFLICT,
            f"The provider's object of this {intent.kind} settles another operation already.",
        ) from None


async def _require_not_voided(connection: AsyncConnection, intent: PaymentIntent) -> None:
    if intent.kind is not OperationKind.CHARGE:
        return
    if await connection.scalar(_IS_VOIDED, {"operation_id": intent.operation_id}):
        raise _given_up(intent)


def _given_up(intent: PaymentIntent) -> Refusal:
    return Refusal(
        RefusalCode.ESCROW_CONFLICT, f"The charge {intent.operation_id} was given up already."
    )


def _state_of(intent: PaymentIntent, known: Row[Any] | None) -> str:
    if known is None or bytes(known.request_hash) != intent_hash(intent):
        raise Refusal(
            RefusalCode.ESCROW_CONFLICT,
            f"The payment operation {intent.operation_id} was never recorded like this.",
        )
    return str(known.state)
