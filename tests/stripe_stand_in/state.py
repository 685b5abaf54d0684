"""The whole company behind the address: records, books, events, time and what banks were told to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import stripe

from tests.stripe_stand_in.cards import ScriptedCard
from tests.stripe_stand_in.clock import Agenda, MovableClock
from tests.stripe_stand_in.events import EventLog
from tests.stripe_stand_in.ledger import SETTLEMENT_S, FeeSchedule, Ledger
from tests.stripe_stand_in.records import RecordBook


@dataclass(frozen=True, slots=True)
class Terms:
    """How this stand-in behaves where Stripe's behaviour is a setting, a contract or a delay."""

    fees: FeeSchedule = field(default_factory=FeeSchedule)
    settlement_s: int = SETTLEMENT_S
    """How long a charge stays pending."""
    search_lag_s: int = 60
    """How long a new object stays invisible to search; lists see it at once."""
    bank_debits: bool = True
    """Whether a refund beyond the balance is taken from the platform's bank (else it is pending)."""
    disputes_after_transfer: bool = False
    """Whether a scripted dispute waits until money of its charge was transferred."""
    dispute_window_s: int = 7 * 86_400
    """From a dispute's opening to its `due_by`."""
    later_s: int = 3_600
    """What "some time later" means for scripted cards: failed refunds, settled pending refunds."""
    payout_s: int = 2 * 86_400
    """From a payout's creation to its arrival."""
    onboards_itself: bool = False
    """Whether whoever gets an account link follows it at once and is accepted."""
    key_life_s: int = 86_400
    """How long an idempotency key is remembered."""


class StripeState:
    """One Stripe account with its connected accounts."""

    def __init__(self, clock: MovableClock, terms: Terms, tag: str) -> None:
        self.clock = clock
        self.terms = terms
        self.api_version: str = stripe.api_version
        self.agenda = Agenda(clock)
        self.records = RecordBook(clock, tag)
        self.ledger = Ledger(self.records, clock, terms.settlement_s)
        self.events = EventLog(self.records, self.api_version)
        self.cards: dict[str, ScriptedCard] = {}
        """The script behind each payment method."""
        self.prepared: set[str] = set()
        """Payment methods whose holder has agreed to be charged while absent."""
        self.spent: set[str] = set()
        """Payment methods that were used without a customer and may not be used again."""
        self.releases: set[str] = set()
        """Refunds that only let an authorisation go and never moved a balance."""

    def later(self, action: Callable[[], object], wait_s: int | None = None) -> None:
        """Have something happen by itself after a while."""
        wait = self.terms.later_s if wait_s is None else wait_s
        self.agenda.put(self.clock.now() + wait, action)
