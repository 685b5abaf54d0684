"""Made-up histories of deliveries, as a provider and the ledger would each tell them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from hypothesis import strategies as st

from domain.ids import DeliveryId
from domain.ledger import (
    Due,
    LedgerTransaction,
    charge_booking,
    chargeback_booking,
    netting_bookings,
    payout_booking,
    provider_fee_booking,
    refund_booking,
    release_booking,
    reversal_booking,
    undo_booking,
)
from domain.reconciliation.lines import LineKind
from tests.domain.builders import DELIVERY, OTHER_DELIVERY
from tests.domain.ledger.steps import TRAVELER_ID
from tests.domain.reconciliation.sides import Sides, booked, euros, line

_LINES = count(1)
AMOUNTS = st.integers(1, 3)
"""Few, so that many movements have the same amount."""


@dataclass(frozen=True)
class Teller:
    """Tells one movement to both sides, which know each other's names for it or not."""

    sides: Sides
    number: int
    delivery_id: DeliveryId
    amount: int
    names: str
    """What of it the two sides have in common: `operation`, `object` or `both`."""

    @property
    def operation_id(self) -> str:
        return f"{self.delivery_id}:{self.number}"

    def show(self, kind: LineKind, amount: int, *, fee: int = 0, again: str = "") -> None:
        shown = line(
            next(_LINES),
            kind,
            amount,
            self.operation_id if self.names != "object" else "",
            f"object_{self.number}{again}",
            fee_minor=fee,
            delivery_id=self.delivery_id,
        )
        self.sides.lines.append(shown)

    def book(self, transaction: LedgerTransaction) -> None:
        made = [f"object_{self.number}"] if self.names != "operation" else []
        self.sides.booked.append(booked(transaction, self.operation_id, made=made))

    def charge(self) -> None:
        self.show(LineKind.CHARGE, self.amount + 1, fee=1)
        self.book(charge_booking(self.operation_id, self.delivery_id, euros(self.amount + 1)))
        self.book(provider_fee_booking(f"{self.operation_id}:fee", self.delivery_id, euros(1)))

    def refund(self) -> None:
        self.show(LineKind.REFUND, -self.amount)
        self.book(self._refund())

    def undone_refund(self) -> None:
        self.refund()
        self.show(LineKind.REFUND_FAILURE, self.amount)
        self.book(undo_booking(f"{self.operation_id}:undone", self._refund()))

    def refund_that_came_back_first(self) -> None:
        self.show(LineKind.REFUND, -self.amount, again="_before")
        self.show(LineKind.REFUND_FAILURE, self.amount, again="_before")
        self.refund()

    def transfer(self) -> None:
        shares = euros(self.amount), euros(1)
        self.show(LineKind.TRANSFER, -self.amount)
        self.book(release_booking(self.operation_id, self.delivery_id, TRAVELER_ID, *shares))

    def reversal(self) -> None:
        amounts = euros(self.amount), euros(1)
        self.show(LineKind.TRANSFER_REVERSAL, self.amount)
        self.book(reversal_booking(self.operation_id, self.delivery_id, TRAVELER_ID, *amounts))

    def netting(self) -> None:
        self.show(LineKind.TRANSFER_REVERSAL, self.amount + 1)
        for number, part in enumerate((self.amount, 1)):
            key, debt = f"{self.operation_id}:{number}", Due(OTHER_DELIVERY, euros(part))
            for each in netting_bookings(key, self.delivery_id, TRAVELER_ID, debt):
                self.book(each)

    def payout(self) -> None:
        amount = euros(self.amount)
        self.show(LineKind.PAYOUT, -self.amount)
        self.book(payout_booking(self.operation_id, self.delivery_id, TRAVELER_ID, amount))

    def chargeback(self) -> None:
        """Nothing of it is named on both sides."""
        self.sides.lines.append(
            line(next(_LINES), LineKind.CHARGEBACK, -self.amount, delivery_id=self.delivery_id)
        )
        found = chargeback_booking(self.operation_id, self.delivery_id, euros(self.amount))
        self.sides.booked.append(booked(found, ""))

    def _refund(self) -> LedgerTransaction:
        return refund_booking(self.operation_id, self.delivery_id, euros(self.amount))


HAPPENINGS: dict[str, Callable[[Teller], None]] = {
    name: told
    for name, told in vars(Teller).items()
    if callable(told) and not name.startswith("_") and name not in ("show", "book")
}


NAMES = st.sampled_from(["operation", "object", "both"])
ONLY = {"netting": "operation", "refund_that_came_back_first": "both"}
"""Several bookings have only their operation in common; several objects only a name each."""


@st.composite
def histories(draw: st.DrawFn) -> Sides:
    """Return both sides of a few deliveries, which agree, in no order."""
    sides, story = Sides(), st.sampled_from(sorted(HAPPENINGS))
    for number, name in enumerate(draw(st.lists(story, max_size=8))):
        names = ONLY.get(name) or draw(NAMES)
        delivery_id = draw(st.sampled_from([DELIVERY, OTHER_DELIVERY]))
        HAPPENINGS[name](Teller(sides, number, delivery_id, draw(AMOUNTS), names))
    sides.lines = draw(st.permutations(sides.lines))
    sides.booked = draw(st.permutations(sides.booked))
    return sides
