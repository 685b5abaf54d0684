"""Who bears a lost chargeback, and what is called back while it is undecided."""

from __future__ import annotations

from dataclasses import dataclass

from domain.ids import DeliveryId, PersonId
from domain.ledger.accounts import AccountKind
from domain.ledger.burdens import Burden, customer_bears, platform_bears, traveler_bears
from domain.ledger.depending import DeliveryBooks
from domain.ledger.surprises import chargeback_lost_booking
from domain.ledger.transactions import Bearer, BookingKind, LedgerTransaction
from domain.money import Money

_K = BookingKind


@dataclass(frozen=True, slots=True)
class ChargebackLost:
    """Disputed funds are gone: the held payment covers what it can, others bear the rest."""

    key: str
    delivery_id: DeliveryId
    amount: Money
    traveler_id: PersonId | None
    """The traveler who bears what was released; none when the platform does."""
    rest_bearer: Bearer = Bearer.PLATFORM
    """Who bears what is neither held nor was the traveler's."""
    rest_person_id: PersonId | None = None
    """The customer or traveler who owes that."""
    of_held_at_most: Money | None = None
    """How much of the held payment may cover it; all that is surely held when none."""

    def completed(self, books: DeliveryBooks) -> tuple[LedgerTransaction, ...]:
        """Return one booking for each who bears a part, the held payment's first."""
        nothing = Money(0, self.amount.currency)
        there = books.surely_held
        if self.of_held_at_most is not None:
            there = _between(nothing, self.of_held_at_most, there)
        held = _between(nothing, self.amount, there)
        burdens = {"held": traveler_bears(self.traveler_id or PersonId(""), held, held)}
        left = self.amount - held
        if self.traveler_id is not None:
            had = _between(nothing, left, kept_by_traveler(books))
            burdens["traveler"] = traveler_bears(self.traveler_id, had)
            left -= had
        burdens["rest"] = self._rest(left)
        return tuple(
            chargeback_lost_booking(f"{self.key}:{part}", self.delivery_id, burden)
            for part, burden in burdens.items()
            if burden.amount.amount_minor
        )

    def _rest(self, amount: Money) -> Burden:
        if self.rest_bearer is Bearer.PLATFORM or self.rest_person_id is None:
            return platform_bears(amount)
        bears = traveler_bears if self.rest_bearer is Bearer.TRAVELER else customer_bears
        return bears(self.rest_person_id, amount)


def kept_by_traveler(books: DeliveryBooks) -> Money:
    """Return what a traveler got out of the payment and neither gave back nor was made to owe."""
    currency = books.payouts_under_way.currency
    kept = 0
    for transaction in books.transactions:
        for posting in transaction.postings:
            if posting.amount.currency == currency and books.concerns(posting.account):
                kept += _kept(transaction, posting.account.kind, posting.amount.amount_minor)
    return Money(max(kept, 0), currency)


def recall_due(books: DeliveryBooks, withdrawn: Money) -> Money:
    """Return what to call back from the traveler: what was taken and is not held any more."""
    nothing = Money(0, withdrawn.currency)
    missing = withdrawn - books.in_custody
    return _between(nothing, missing, kept_by_traveler(books))


def _kept(transaction: LedgerTransaction, kind: AccountKind, amount_minor: int) -> int:
    booked, owes = BookingKind(transaction.kind), kind is AccountKind.TRAVELER_DUES
    has = kind is AccountKind.TRAVELER_PAYABLE
    is_own = booked is _K.RELEASE or (
        booked is _K.COMPENSATION and transaction.bearer is Bearer.CUSTOMER
    )
    counts = (
        (is_own and has)
        # A reversal that pays a debt takes nothing more: the debt was counted when it was made.
        or (booked is _K.REVERSAL and (has or owes))
        or (booked in (_K.REFUND, _K.CHARGEBACK_LOST) and owes)
    )
    return -amount_minor if counts else 0


def _between(least: Money, most: Money, amount: Money) -> Money:
    return Money(
        max(least.amount_minor, min(most.amount_minor, amount.amount_minor)), amount.currency
    )
