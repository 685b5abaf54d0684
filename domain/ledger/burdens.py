"""Who bears a refund or a loss, and where the money for it is taken from."""

from __future__ import annotations

from dataclasses import dataclass

from domain.ids import DeliveryId, PersonId
from domain.ledger.accounts import LOSS, Account, customer_dues, escrow_of, traveler_dues
from domain.ledger.transactions import Bearer, Posting, debit
from domain.money import Money


@dataclass(frozen=True, slots=True)
class Burden:
    """An amount and who bears it."""

    bearer: Bearer
    """Out of whose pocket it comes."""
    held: Money
    """The part that is still in the held payment."""
    rest: Money
    """The part that is not: the bearer owes it, or the platform has lost it."""
    person_id: PersonId | None = None
    """The traveler or customer who owes the rest; none when the platform bears it."""

    @property
    def amount(self) -> Money:
        """Return the whole amount."""
        return self.held + self.rest

    def debits(self, delivery_id: DeliveryId) -> tuple[Posting, ...]:
        """Return what is taken from the held payment and what is owed or lost."""
        return debit(escrow_of(delivery_id), self.held), debit(self._rest_account(), self.rest)

    def _rest_account(self) -> Account:
        if self.bearer is Bearer.PLATFORM:
            return LOSS
        assert self.person_id is not None or not self.rest.amount_minor, "somebody owes the rest"
        owner = self.person_id or PersonId("")
        return traveler_dues(owner) if self.bearer is Bearer.TRAVELER else customer_dues(owner)


def platform_bears(amount: Money, held: Money | None = None) -> Burden:
    """Return a burden of the platform: goodwill or a loss."""
    return _burden(Bearer.PLATFORM, amount, held, None)


def traveler_bears(traveler_id: PersonId, amount: Money, held: Money | None = None) -> Burden:
    """Return a burden of the traveler: a reversal or later payouts make up for what is not held."""
    return _burden(Bearer.TRAVELER, amount, held, traveler_id)


def customer_bears(customer_id: PersonId, amount: Money, held: Money | None = None) -> Burden:
    """Return a burden of the customer, who owes what is not held."""
    return _burden(Bearer.CUSTOMER, amount, held, customer_id)


def _burden(
    bearer: Bearer, amount: Money, held: Money | None, person_id: PersonId | None
) -> Burden:
    nothing = Money(0, amount.currency)
    taken = held or nothing
    rest = amount - taken
    if rest.amount_minor < 0:
        taken, rest = amount, nothing
    return Burden(bearer, taken, rest, person_id)
