"""Books what chargebacks move, each total once, and adds up what was booked."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.chargebacks import ChargebackBooking, ChargebackChange
from domain.ids import PersonId
from domain.ledger import (
    Bearer,
    BookingKind,
    ChargebackLost,
    LedgerTransaction,
    chargeback_booking,
    chargeback_won_booking,
    completed,
    provider_fee_booking,
    provider_fee_return_booking,
)
from domain.money import Money
from infra.chargebacks.payments import is_of_another_payment
from infra.database.delivery_books import books_of
from infra.database.ledger import book

_SUMS = text("""
SELECT booked.kind, account.kind AS account_kind, sum(entry.amount_minor) AS amount_minor
FROM ledger_transaction AS booked
JOIN ledger_entry AS entry USING (transaction_id)
JOIN ledger_account AS account USING (account_id)
WHERE booked.delivery_id = (
        SELECT delivery_id FROM chargeback WHERE chargeback_id = CAST(:chargeback_id AS uuid))
    AND starts_with(booked.key, 'chargeback:' || CAST(:chargeback_id AS text) || ':')
GROUP BY booked.kind, account.kind
""")
_RECALLED = text("""
SELECT coalesce(sum(CASE asked.kind WHEN 'reversal' THEN 1 ELSE -1 END * asked.amount_minor), 0)
FROM payment_operation AS asked JOIN chargeback USING (delivery_id)
WHERE chargeback_id = CAST(:chargeback_id AS uuid) AND asked.state = 'succeeded'
    AND asked.operation_id = ANY(ARRAY[
        CAST(asked.delivery_id AS text) || ':reversal:' || CAST(:chargeback_id AS text),
        CAST(asked.delivery_id AS text) || ':transfer:' || CAST(:chargeback_id AS text)])
""")
_IS_BOOKED = text("SELECT EXISTS (SELECT FROM ledger_transaction WHERE starts_with(key, :key))")


@dataclass(frozen=True, slots=True)
class ChargebackSums:
    """What was booked of one chargeback. Units: minor units of its currency."""

    taken_minor: int
    returned_minor: int
    fee_minor: int
    lost_minor: int
    taken_from_held_minor: int
    recalled_minor: int
    """Called back from the traveler and not released again."""


async def sums_of(connection: AsyncConnection, chargeback_id: str) -> ChargebackSums:
    """Add up what was booked of a chargeback."""
    asked = {"chargeback_id": chargeback_id}
    rows = await connection.execute(_SUMS, asked)
    sums = {(row.kind, row.account_kind): int(row.amount_minor) for row in rows}
    recalled = await connection.scalar(_RECALLED, asked)
    return ChargebackSums(
        taken_minor=sums.get(("chargeback", "disputed_funds"), 0),
        returned_minor=-sums.get(("chargeback_won", "disputed_funds"), 0),
        fee_minor=sums.get(("provider_fee", "provider_fee_expense"), 0)
        + sums.get(("provider_fee_return", "provider_fee_expense"), 0),
        lost_minor=-sums.get(("chargeback_lost", "disputed_funds"), 0),
        taken_from_held_minor=sums.get(("chargeback_lost", "escrow"), 0),
        recalled_minor=int(recalled or 0),
    )


async def book_change(connection: AsyncConnection, change: ChargebackChange) -> None:
    """Book what a change moved, as a part of the caller's transaction.

    Raises:
        Refusal: `escrow_conflict` when the books do not allow it.
    Idempotency: what was booked up to the same total is left alone.
    """
    order = change.booking
    assert order is not None, "the change books something"
    await book(connection, _fees(change, order))
    key = f"chargeback:{change.chargeback_id}:{_WORDS[order.kind]}:{order.total.amount_minor}"
    if not order.amount.amount_minor or await connection.scalar(_IS_BOOKED, {"key": key}):
        return
    if order.kind is BookingKind.CHARGEBACK_LOST:
        books = await books_of(connection, change.delivery_id, order.amount.currency)
        lost = _lost(key, change, order, books.traveler_id)
        if await is_of_another_payment(connection, change.chargeback_id):
            # Neither what is held now nor its traveler has anything to do with that payment, but for
            # what was called back for this very chargeback.
            recalled = (await sums_of(connection, change.chargeback_id)).recalled_minor
            lost = _lost_beside(key, change, order, recalled)
        await book(connection, completed((lost,), books))
        return
    make = chargeback_booking if order.kind is BookingKind.CHARGEBACK else chargeback_won_booking
    await book(connection, (make(key, change.delivery_id, order.amount),))


_WORDS = {
    BookingKind.CHARGEBACK: "taken",
    BookingKind.CHARGEBACK_WON: "returned",
    BookingKind.CHARGEBACK_LOST: "lost",
}


def _lost(
    key: str, change: ChargebackChange, order: ChargebackBooking, traveler_id: PersonId | None
) -> ChargebackLost:
    """Return the loss; the traveler is the one whose the delivery is when it is decided.

    A parcel that was handed on since the chargeback began has another one.
    """
    liable = traveler_id if order.traveler_id is not None else None
    owes = traveler_id if order.rest_bearer is Bearer.TRAVELER else order.customer_id
    return ChargebackLost(key, change.delivery_id, order.amount, liable, order.rest_bearer, owes)


def _lost_beside(
    key: str, change: ChargebackChange, order: ChargebackBooking, recalled_minor: int
) -> ChargebackLost:
    recalled = Money(recalled_minor, order.amount.currency)
    return ChargebackLost(key, change.delivery_id, order.amount, None, of_held_at_most=recalled)


def _fees(change: ChargebackChange, order: ChargebackBooking) -> tuple[LedgerTransaction, ...]:
    if order.fee is None or not order.fee.amount_minor:
        return ()
    make = provider_fee_booking if order.fee.amount_minor > 0 else provider_fee_return_booking
    fee = order.fee if order.fee.amount_minor > 0 else -order.fee
    key = f"chargeback:{change.chargeback_id}:fee:{_WORDS[order.kind]}:{order.total.amount_minor}"
    return (make(key, change.delivery_id, fee),)
