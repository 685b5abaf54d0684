"""Setting the money of a release aside before the provider is asked, and giving it back."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import Refusal, RefusalCode
from domain.ids import DeliveryId
from domain.ledger import BookingKind, LedgerTransaction, reserve_booking, reserve_release_booking
from domain.money import Money
from domain.transitions import PaymentIntent
from infra.database.delivery_books import books_of
from infra.database.ledger import book

_LOCK_DELIVERY = text("SELECT FROM delivery WHERE delivery_id = :delivery_id FOR UPDATE")

_COUNTS = text("""
SELECT count(*) FILTER (WHERE kind = :reserve) AS reserved,
    count(*) FILTER (WHERE kind = :reserve_release) AS returned
FROM ledger_transaction
WHERE delivery_id = :delivery_id AND starts_with(key, :prefix)
""")
"""A release may be put off after it was sent, and be sent again: each time has its own bookings."""


async def set_aside(connection: AsyncConnection, intent: PaymentIntent) -> None:
    """Set a release with its fee aside, as a part of the caller's transaction.

    Raises:
        Refusal: `escrow_conflict` when less is held than is to be released.
    """
    reserved, _ = await _counts(connection, intent)
    key = _key(intent, reserved + 1)
    await book(connection, [reserve_booking(key, delivery_of(intent), whole_of(intent))])


async def give_back(connection: AsyncConnection, intent: PaymentIntent) -> None:
    """Give what is set aside for a release back to the held payment, when anything is."""
    reserved, returned = await _counts(connection, intent)
    if reserved > returned:
        await book(connection, [_returned(intent, reserved)])


async def require_held(connection: AsyncConnection, intent: PaymentIntent) -> None:
    """Check that what an intent gives back is still held: a lost chargeback may have taken of it.

    Raises:
        Refusal: `escrow_conflict`.
    """
    books = await books_of(connection, delivery_of(intent), intent.amount.currency)
    if books.in_custody.amount_minor < intent.amount.amount_minor:
        raise Refusal(
            RefusalCode.ESCROW_CONFLICT,
            f"Only {books.in_custody} is left of the {intent.amount} that this {intent.kind} gives.",
        )


async def lock_delivery(connection: AsyncConnection, intent: PaymentIntent) -> None:
    """Wait for whoever else decides about the held payment of the same delivery."""
    await connection.execute(_LOCK_DELIVERY, {"delivery_id": delivery_of(intent)})


def delivery_of(intent: PaymentIntent) -> DeliveryId:
    """Return the delivery whose money an intent moves."""
    return DeliveryId(intent.operation_id.partition(":")[0])


def whole_of(intent: PaymentIntent) -> Money:
    """Return what an intent takes out of the held payment, the fee included."""
    return intent.amount if intent.fee is None else intent.amount + intent.fee


async def _counts(connection: AsyncConnection, intent: PaymentIntent) -> tuple[int, int]:
    asked = {
        "delivery_id": delivery_of(intent),
        "prefix": _prefix(intent),
        "reserve": BookingKind.RESERVE,
        "reserve_release": BookingKind.RESERVE_RELEASE,
    }
    row = (await connection.execute(_COUNTS, asked)).one()
    return row.reserved, row.returned


def _returned(intent: PaymentIntent, number: int) -> LedgerTransaction:
    key = f"{_key(intent, number)}:returned"
    return reserve_release_booking(key, delivery_of(intent), whole_of(intent))


def _key(intent: PaymentIntent, number: int) -> str:
    return f"{_prefix(intent)}{number}"


def _prefix(intent: PaymentIntent) -> str:
    return f"{intent.operation_id}:reserve:"
