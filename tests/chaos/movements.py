"""What money each delivery should have moved, and what three sets of books say that it moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.transitions import OperationKind, PaymentOutcome
from infra.payments.sandbox import SandboxProvider
from infra.payments.sandbox_books import SandboxObject
from tests.chaos.people import Ending

Movements = Counter[tuple[str, int]]
"""How often money of a kind and an amount moved, by kind and minor units."""
MovementsOf = Mapping[str, Movements]
"""The movements of each delivery, by its id."""

KINDS = ("charge", "refund", "transfer", "payout", "fee")
"""A charge is money that is taken, at acceptance or by the capture of a reservation."""
FEE_PARTS = 10
"""The platform keeps one part of so many; the prices of the plan share without a rest."""

_BOOKED = text("""
SELECT CAST(booked.delivery_id AS text) AS delivery_id, booked.kind,
    account.kind AS account_kind, abs(entry.amount_minor) AS amount_minor
FROM ledger_transaction AS booked
JOIN ledger_entry AS entry USING (transaction_id)
JOIN ledger_account AS account USING (account_id)
WHERE account.kind IN ('provider_cash', 'traveler_payable', 'fee_revenue')
""")
_LEDGER_KINDS = {
    ("charge", "provider_cash"): "charge",
    ("refund", "provider_cash"): "refund",
    ("release", "traveler_payable"): "transfer",
    ("release", "fee_revenue"): "fee",
    ("payout", "provider_cash"): "payout",
    ("payout", "traveler_payable"): None,
}
"""Which line of which booking is which movement; any other booking is one that nobody expects."""

_OPERATIONS = text("""
SELECT CAST(delivery_id AS text) AS delivery_id, kind, amount_minor
FROM payment_operation WHERE state = 'succeeded'
""")
_AT_PROVIDER: Mapping[OperationKind, str] = {
    OperationKind.CHARGE: "charge",
    OperationKind.CAPTURE: "charge",
    OperationKind.REFUND: "refund",
    OperationKind.VOID: "refund",
    OperationKind.TRANSFER: "transfer",
    OperationKind.PAYOUT: "payout",
}
"""A void that had to give money back is a refund; authorisations and saved methods move nothing."""


def expected(ending: Ending) -> Movements:
    """Return what a delivery should have moved, by how its held payment ended."""
    price, back = ending.play.price_minor, 0
    if ending.escrow == "refunded":
        back = price
    elif ending.escrow == "split":
        back = ending.play.refund_minor
    elif ending.escrow != "released":
        return Counter()
    earned = price - back
    fee = earned // FEE_PARTS
    amounts = {
        "charge": price,
        "refund": back,
        "transfer": earned - fee,
        "payout": earned - fee,
        "fee": fee,
    }
    return Counter((kind, amount) for kind, amount in amounts.items() if amount)


def without_fees(movements: Movements) -> Movements:
    """Return what the provider is asked for: fees stay with it as the platform's own balance."""
    return Counter({key: count for key, count in movements.items() if key[0] != "fee"})


async def at_provider(provider: SandboxProvider) -> MovementsOf:
    """Return what the sandbox's own books say that it moved."""
    return _by_delivery(
        (made.operation_id.partition(":")[0], _AT_PROVIDER[made.kind], made.amount_minor)
        for made in await provider.objects("")
        if _has_moved(made)
    )


async def reservations_left(provider: SandboxProvider, delivery_id: str = "") -> list[str]:
    """Return the reservations, of all deliveries or one, that were neither captured nor given up."""
    made = await provider.objects(delivery_id)
    captured = {each.charge_id for each in made if each.kind is OperationKind.CAPTURE}
    return [
        each.operation_id
        for each in made
        if each.kind is OperationKind.AUTHORISE
        and each.outcome is not PaymentOutcome.DECLINED
        and each.operation_id not in captured
    ]


async def in_ledger(connection: AsyncConnection) -> MovementsOf:
    """Return what the ledger has booked."""
    rows = (await connection.execute(_BOOKED)).all()
    kinds = [(row, _LEDGER_KINDS.get((row.kind, row.account_kind), row.kind)) for row in rows]
    return _by_delivery((row.delivery_id, kind, row.amount_minor) for row, kind in kinds if kind)


async def in_operations(connection: AsyncConnection) -> MovementsOf:
    """Return which payment operations the platform takes for done."""
    rows = await connection.execute(_OPERATIONS)
    return _by_delivery(
        (row.delivery_id, _AT_PROVIDER[OperationKind(row.kind)], row.amount_minor)
        for row in rows
        if OperationKind(row.kind) in _AT_PROVIDER and row.kind != OperationKind.VOID
    )


def _has_moved(made: SandboxObject) -> bool:
    is_money = made.kind in _AT_PROVIDER and made.outcome is PaymentOutcome.SUCCEEDED
    return is_money and bool(made.provider_id)


def _by_delivery(moved: Iterable[tuple[str, str, int]]) -> MovementsOf:
    found: dict[str, Movements] = {}
    for delivery_id, kind, amount_minor in moved:
        found.setdefault(delivery_id, Counter())[kind, amount_minor] += 1
    return found
