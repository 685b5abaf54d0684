"""What the ledger booked, as the provider's statement should show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.ids import DeliveryId
from domain.ledger import AccountKind, BookingKind
from domain.money import Money
from domain.reconciliation.lines import LineKind

_K = BookingKind

FITS: Mapping[LineKind, frozenset[BookingKind]] = {
    LineKind.CHARGE: frozenset({_K.CHARGE, _K.TIP, _K.DUES_PAID}),
    LineKind.CHARGE_FAILURE: frozenset({_K.CHARGE_UNDONE}),
    LineKind.REFUND: frozenset({_K.REFUND}),
    LineKind.REFUND_FAILURE: frozenset({_K.REFUND_UNDONE}),
    LineKind.TRANSFER: frozenset({_K.RELEASE, _K.COMPENSATION, _K.TIP_RELEASE, _K.NETTING_RETURN}),
    LineKind.TRANSFER_REVERSAL: frozenset({_K.REVERSAL, _K.NETTING}),
    LineKind.PAYOUT: frozenset({_K.PAYOUT, _K.PAYOUT_UNDONE}),
    LineKind.CHARGEBACK: frozenset({_K.CHARGEBACK}),
    LineKind.CHARGEBACK_REVERSAL: frozenset({_K.CHARGEBACK_WON}),
    LineKind.FEE: frozenset({_K.PROVIDER_FEE, _K.PROVIDER_FEE_RETURN}),
    LineKind.ADJUSTMENT: frozenset(),
    LineKind.OTHER: frozenset(),
}
"""What each line is booked as; what fits nothing is not known to the ledger at all."""
OF_TRAVELER = FITS[LineKind.PAYOUT]
"""Bookings of what leaves a traveler's balance at the provider, not the platform's."""
VISIBLE: frozenset[BookingKind] = frozenset().union(*FITS.values())
"""Bookings that a statement shows; all others move nothing at the provider."""

_GIVEN = frozenset({_K.RELEASE, _K.COMPENSATION, _K.TIP_RELEASE, _K.NETTING, _K.NETTING_RETURN})
"""Bookings whose movement is between the platform's balance and a traveler's."""


@dataclass(frozen=True, slots=True)
class Booked:
    """One ledger transaction with everything by which a line of the statement can be known."""

    key: str
    """Key of the ledger transaction."""
    kind: BookingKind
    delivery_id: DeliveryId
    change: Money
    """What the balance at the provider should have gained by it."""
    booked_at: datetime
    """In UTC."""
    operation_ids: tuple[str, ...] = ()
    """Our operations that it books: for a capture, the authorisation as well."""
    provider_ids: tuple[str, ...] = ()
    """The provider's ids of what those operations made, where they are known."""


def change_at_provider(kind: BookingKind, postings: Iterable[tuple[AccountKind, int]]) -> int:
    """Return what a booking of a kind should change at the provider, from its signed postings.

    A release leaves the platform's balance for a traveler's; a payout leaves the traveler's. What a
    reversal does not find with the traveler is owed from then on, and comes back all the same. A
    netting counts here only where a reversal takes it: one that pays a debt out of a release moves
    nothing, and is left out by whoever asks.

    Units: minor units of one currency.
    """
    lines = list(postings)
    if kind is _K.REVERSAL:
        return sum(amount for _, amount in lines if amount > 0)
    account = AccountKind.TRAVELER_PAYABLE if kind in _GIVEN else AccountKind.PROVIDER_CASH
    return sum(amount for posted, amount in lines if posted is account)


def expected_balance(postings: Mapping[BookingKind, Iterable[tuple[AccountKind, int]]]) -> int:
    """Return what the platform should have at the provider, from all postings of a currency.

    The ledger's `provider_cash` counts what travelers have there too. Comparable is only the
    platform's own balance: it gains by charges and loses by refunds, transfers, chargebacks and
    fees; what was transferred is a traveler's, and payouts leave from there.
    """
    return sum(
        change_at_provider(kind, lines)
        for kind, lines in postings.items()
        if kind not in OF_TRAVELER
    )
