"""Our ledger beside the payment provider's own books: both must tell the same of a delivery."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import DeliveryId
from domain.ledger import (
    UNGUARDED,
    Account,
    AccountKind,
    Bearer,
    BookingKind,
    DeliveryTotals,
    LedgerTransaction,
    Posting,
    require_balanced,
    totals_of,
)
from domain.ledger.transactions import NAMES_BEARER, RECOGNISING
from domain.money import Money
from tests.stripe_stand_in import MoneyMoved

_BOOKED = text("""
SELECT booked.number, booked.key, booked.kind, booked.bearer,
    CAST(booked.delivery_id AS text) AS delivery_id, account.kind AS account_kind, account.owner,
    entry.amount_minor, entry.currency
FROM ledger_transaction AS booked
JOIN ledger_entry AS entry USING (transaction_id)
JOIN ledger_account AS account USING (account_id)
WHERE booked.delivery_id = ANY (CAST(:delivery_ids AS uuid[]))
ORDER BY booked.number, entry.line
""")


async def booked_of(
    connection: AsyncConnection, delivery_ids: Sequence[DeliveryId]
) -> tuple[LedgerTransaction, ...]:
    """Return everything booked for some deliveries, in the order in which it was booked."""
    rows = (await connection.execute(_BOOKED, {"delivery_ids": list(delivery_ids)})).all()
    made = []
    for _, lines in groupby(rows, key=lambda row: row.number):
        entries = list(lines)
        first = entries[0]
        postings = tuple(
            Posting(
                Account(AccountKind(row.account_kind), row.owner),
                Money(row.amount_minor, row.currency),
            )
            for row in entries
        )
        bearer = Bearer(first.bearer) if first.bearer else None
        delivery_id = DeliveryId(first.delivery_id)
        made.append(LedgerTransaction(first.key, first.kind, delivery_id, postings, bearer))
    return tuple(made)


def require_every_prefix_sound(booked: Iterable[LedgerTransaction]) -> None:
    """Play bookings again, one by one: each balances, and no guarded account is ever overdrawn.

    Shape: all bookings of some people, since a person's accounts span their deliveries.
    """
    balances: Counter[tuple[Account, str]] = Counter()
    released: set[DeliveryId] = set()
    for transaction in booked:
        require_balanced(transaction)
        assert (transaction.bearer is not None) == (transaction.kind in NAMES_BEARER), transaction
        if transaction.kind in RECOGNISING:
            released.add(transaction.delivery_id)
        for posting in transaction.postings:
            account, amount = posting.account, posting.amount
            balances[account, amount.currency] += account.sign * amount.amount_minor
            assert account.kind is not AccountKind.FEE_REVENUE or (
                transaction.delivery_id in released
            ), f"{transaction.key} earns a fee before the release"
        overdrawn = {
            account.name: total
            for (account, _), total in balances.items()
            if total < 0 and account.kind not in UNGUARDED
        }
        assert not overdrawn, f"{transaction.key} overdraws {overdrawn}"


def require_same_money(
    booked: Iterable[LedgerTransaction],
    moved: MoneyMoved,
    currency: str,
    but: frozenset[str] = frozenset(),
    elsewhere: int = 0,
) -> None:
    """Check one delivery's books against the provider's, and the equation of its money.

    `but` names what the provider may have changed by itself, and we may not know of yet; `elsewhere`
    is what customers got back in another way, for example by bank transfer.
    """
    booked = tuple(booked)
    totals = totals_of(booked, currency)
    assert totals.is_whole, totals
    theirs = theirs_of(moved)
    theirs["refunded"] += elsewhere
    ours, theirs = (
        {name: amount for name, amount in told.items() if name not in but}
        for told in (ours_of(booked, totals), theirs)
    )
    assert ours == theirs, f"our books say {ours}, the provider's {theirs}"


def ours_of(booked: tuple[LedgerTransaction, ...], totals: DeliveryTotals) -> dict[str, int]:
    """Return what our books say that the provider did, in the provider's terms."""
    to_travelers = (_K.RELEASE, _K.COMPENSATION, _K.TIP_RELEASE, _K.NETTING_RETURN)
    given = -_sum(booked, _A.TRAVELER_PAYABLE, *to_travelers)
    netted = _sum(booked, _A.TRAVELER_PAYABLE, _K.NETTING)
    return {
        "authorised": _sum(booked, _A.MEMO_AUTHORISED),
        "captured": totals.charged,
        "refunded": totals.refunded,
        "transferred": given - netted - _debits(booked, _K.REVERSAL),
        "charged back": -_sum(booked, _A.PROVIDER_CASH, _K.CHARGEBACK, _K.CHARGEBACK_WON),
        "fees": _sum(booked, _A.PROVIDER_FEE_EXPENSE),
    }


def theirs_of(moved: MoneyMoved) -> dict[str, int]:
    """Return what the provider's books say."""
    return {
        "authorised": moved.held,
        "captured": moved.captured,
        "refunded": moved.refunded,
        "transferred": moved.transferred,
        "charged back": moved.charged_back,
        "fees": moved.fees,
    }


def _sum(booked: Iterable[LedgerTransaction], account: AccountKind, *kinds: BookingKind) -> int:
    """Return what bookings left on an account, debits positive."""
    return sum(
        posting.amount.amount_minor
        for transaction in booked
        for posting in transaction.postings
        if posting.account.kind is account and (not kinds or transaction.kind in kinds)
    )


def _debits(booked: Iterable[LedgerTransaction], kind: BookingKind) -> int:
    return sum(
        max(posting.amount.amount_minor, 0)
        for transaction in booked
        if transaction.kind == kind
        for posting in transaction.postings
    )


_A, _K = AccountKind, BookingKind
