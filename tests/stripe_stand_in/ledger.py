"""The stand-in's own books: balance transactions, fees and balances of every account."""

from __future__ import annotations

from dataclasses import dataclass

from tests.stripe_stand_in.clock import DAY_S, MovableClock
from tests.stripe_stand_in.currencies import currency_of
from tests.stripe_stand_in.records import PLATFORM, RecordBook
from tests.stripe_stand_in.refusals import Json

_CATEGORIES = {
    "adjustment": "dispute",
    "payment": "charge",
    "payment_refund": "refund",
    "transfer_refund": "transfer_reversal",
    "payout_failure": "payout_reversal",
}
"""Reporting category of each type that differs from its own name."""


@dataclass(frozen=True, slots=True)
class FeeSchedule:
    """What the stand-in charges the platform."""

    charge_basis_points: int = 150
    """Share of a captured charge, in hundredths of a percent; the fixed part is the currency's."""
    dispute: int = 2_000
    """Fee of a lost or open chargeback, in minor units of its currency."""
    dispute_fee_returns: bool = False
    """Whether a won chargeback gives its fee back."""

    def of_charge(self, amount: int, currency: str) -> int:
        """Return the fee of a captured charge, rounded half up, in steps of the currency."""
        known = currency_of(currency)
        share = (amount * self.charge_basis_points + 5_000) // 10_000
        return min(amount, share // known.step * known.step + known.fixed_fee)


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account has of one currency."""

    available: int
    """Free to be paid out or transferred."""
    pending: int
    """Earned and not yet settled."""

    @property
    def total(self) -> int:
        """Available and pending together."""
        return self.available + self.pending


class Ledger:
    """Every movement of every account's balance."""

    def __init__(self, records: RecordBook, clock: MovableClock, settlement_s: int) -> None:
        """`settlement_s` is how long a charge stays pending."""
        self._records = records
        self._clock = clock
        self.settlement_s = settlement_s

    def post(
        self,
        kind: str,
        amount: int,
        source: Json,
        *,
        account: str | None = PLATFORM,
        fee: int = 0,
        available_on: int | None = None,
    ) -> Json:
        """Write one balance transaction; a negative amount leaves the account.

        Idempotency: none; each call moves money once.
        """
        now = self._clock.now()
        currency = source["currency"]
        return self._records.add(
            "txn",
            "balance_transaction",
            {
                "amount": amount,
                "available_on": now if available_on is None else available_on,
                "balance_type": "payments",
                "currency": currency,
                "description": source.get("description"),
                "exchange_rate": None,
                "fee": fee,
                "fee_details": _fee_details(fee, currency),
                "net": amount - fee,
                "reporting_category": _CATEGORIES.get(kind, kind),
                "source": source["id"],
                "status": "pending",
                "type": kind,
            },
            account=account,
        )

    def transactions(self, account: str | None = PLATFORM) -> list[Json]:
        """Return an account's balance transactions, oldest first, with their present status."""
        now = self._clock.now()
        found = self._records.of("balance_transaction", account)
        for transaction in found:
            if transaction["available_on"] <= now:
                transaction["status"] = "available"
        return found

    def balance(self, currency: str, account: str | None = PLATFORM) -> Balance:
        """Return what an account has of one currency."""
        available = pending = 0
        for transaction in self.transactions(account):
            if transaction["currency"] != currency:
                continue
            if transaction["status"] == "available":
                available += transaction["net"]
            else:
                pending += transaction["net"]
        return Balance(available, pending)

    def currencies(self, account: str | None = PLATFORM) -> list[str]:
        """Return the currencies an account has ever held, in order of code."""
        return sorted({each["currency"] for each in self.transactions(account)})

    def settles_at(self) -> int:
        """Return when a charge made now becomes available."""
        return self._clock.now() + self.settlement_s


def _fee_details(fee: int, currency: str) -> list[Json]:
    if not fee:
        return []
    return [
        {
            "amount": fee,
            "application": None,
            "currency": currency,
            "description": "Stripe processing fees",
            "type": "stripe_fee",
        }
    ]


SETTLEMENT_S = 2 * DAY_S
"""How long a charge stays pending unless a test says otherwise."""
