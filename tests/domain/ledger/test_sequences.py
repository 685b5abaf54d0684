"""Whatever happens to two deliveries of one traveler, in any order: the books hold."""

from __future__ import annotations

from itertools import count

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.ids import DeliveryId
from domain.ledger import (
    AccountKind,
    Bearer,
    Burden,
    Due,
    borne_refund_booking,
    cancellation_bookings,
    cancellation_shares,
    charge_booking,
    chargeback_booking,
    chargeback_lost_booking,
    chargeback_won_booking,
    customer_bears,
    dues_booking,
    dues_paid_booking,
    netting_bookings,
    netting_of,
    payout_booking,
    platform_bears,
    platform_compensation_booking,
    provider_fee_booking,
    recall_booking,
    refund_booking,
    release_booking,
    reserve_booking,
    reserve_release_booking,
    reversal_booking,
    tip_booking,
    tip_release_booking,
    totals_of,
    traveler_bears,
    undo_booking,
    write_off_booking,
)
from domain.ledger.transactions import RECOGNISING, LedgerTransaction
from domain.money import Money
from domain.policies import FeePolicy
from domain.pricing import price_shares
from tests.domain.builders import DELIVERY, OTHER_DELIVERY
from tests.domain.ledger.books import Books
from tests.domain.ledger.steps import CUSTOMER_ID, TRAVELER_ID

_A = AccountKind
DELIVERIES = st.sampled_from([DELIVERY, OTHER_DELIVERY])
PARTS = st.integers(1, 8)
"""Eighths of what there is."""
AMOUNTS = st.integers(1, 50_000)
BEARERS = st.sampled_from(Bearer)


class TwoDeliveries(RuleBasedStateMachine):
    """Money of two deliveries, moved in every legal way."""

    def __init__(self) -> None:
        super().__init__()
        self.books = Books()
        self.keys = map(str, count())
        self.currency = "EUR"

    @initialize(currency=st.sampled_from(["EUR", "JPY", "KWD"]))
    def begin(self, currency: str) -> None:
        self.currency = currency

    def money(self, amount_minor: int) -> Money:
        return Money(amount_minor, self.currency)

    def of(self, delivery_id: DeliveryId, kind: AccountKind) -> Money:
        """Return what one delivery alone has left on an account."""
        return self.money(
            sum(
                posting.account.sign * posting.amount.amount_minor
                for one in self.books.booked
                if one.delivery_id == delivery_id
                for posting in one.postings
                if posting.account.kind is kind
            )
        )

    def part(self, delivery_id: DeliveryId, kind: AccountKind, eighths: int) -> Money:
        whole = self.of(delivery_id, kind).amount_minor
        return self.money(whole * eighths // 8)

    def book(self, *transactions: LedgerTransaction) -> None:
        self.books.book(*transactions)

    def burden(self, bearer: Bearer, delivery_id: DeliveryId, amount: Money) -> Burden:
        held = self.of(delivery_id, _A.ESCROW)
        if bearer is Bearer.PLATFORM:
            return platform_bears(amount, held)
        if bearer is Bearer.TRAVELER:
            return traveler_bears(TRAVELER_ID, amount, held)
        return customer_bears(CUSTOMER_ID, amount, held)

    @rule(delivery_id=DELIVERIES, amount=AMOUNTS, fee=AMOUNTS)
    def charge(self, delivery_id: DeliveryId, amount: int, fee: int) -> None:
        self.book(
            charge_booking(next(self.keys), delivery_id, self.money(amount)),
            provider_fee_booking(next(self.keys), delivery_id, self.money(fee)),
        )

    @rule(delivery_id=DELIVERIES, amount=AMOUNTS)
    def owe(self, delivery_id: DeliveryId, amount: int) -> None:
        self.book(dues_booking(next(self.keys), delivery_id, CUSTOMER_ID, self.money(amount)))

    @rule(delivery_id=DELIVERIES, eighths=PARTS, bearer=BEARERS, fails=st.booleans())
    def refund(self, delivery_id: DeliveryId, eighths: int, bearer: Bearer, fails: bool) -> None:
        part = self.part(delivery_id, _A.ESCROW, eighths)
        if part.amount_minor:
            refund = refund_booking(next(self.keys), delivery_id, part, bearer)
            self.book(refund)
            if fails:
                self.book(undo_booking(next(self.keys), refund))

    @rule(delivery_id=DELIVERIES, eighths=PARTS, reserved=st.sampled_from(["no", "yes", "back"]))
    def release(self, delivery_id: DeliveryId, eighths: int, reserved: str) -> None:
        part = self.part(delivery_id, _A.ESCROW, eighths)
        if not part.amount_minor:
            return
        if reserved != "no":
            self.book(reserve_booking(next(self.keys), delivery_id, part))
        if reserved == "back":
            self.book(reserve_release_booking(next(self.keys), delivery_id, part))
            return
        shares = price_shares(FeePolicy(), part)
        self.book(
            release_booking(
                next(self.keys),
                delivery_id,
                TRAVELER_ID,
                shares.traveler,
                shares.fee,
                reserved=reserved == "yes",
            )
        )

    @rule(delivery_id=DELIVERIES, tier=st.tuples(st.integers(0, 5_000), st.integers(0, 5_000)))
    def cancel(self, delivery_id: DeliveryId, tier: tuple[int, int]) -> None:
        held = self.of(delivery_id, _A.ESCROW)
        keys = {"refund_key": next(self.keys), "compensation_key": next(self.keys)}
        shares = cancellation_shares(held, *tier)
        self.book(*cancellation_bookings(delivery_id, TRAVELER_ID, shares, **keys))

    @rule(delivery_id=DELIVERIES, amount=AMOUNTS)
    def tip(self, delivery_id: DeliveryId, amount: int) -> None:
        given = self.money(amount)
        self.book(
            tip_booking(next(self.keys), delivery_id, given),
            tip_release_booking(next(self.keys), delivery_id, TRAVELER_ID, given),
            platform_compensation_booking(next(self.keys), delivery_id, TRAVELER_ID, given),
        )

    @rule(delivery_id=DELIVERIES, eighths=PARTS, returned=st.booleans())
    def pay_out(self, delivery_id: DeliveryId, eighths: int, returned: bool) -> None:
        dues = [Due(each, self.of(each, _A.TRAVELER_DUES)) for each in (DELIVERY, OTHER_DELIVERY)]
        for due in netting_of(self.of(delivery_id, _A.TRAVELER_PAYABLE), dues):
            self.book(*netting_bookings(next(self.keys), delivery_id, TRAVELER_ID, due))
        part = self.part(delivery_id, _A.TRAVELER_PAYABLE, eighths)
        if part.amount_minor:
            payout = payout_booking(next(self.keys), delivery_id, TRAVELER_ID, part)
            self.book(payout)
            if returned:
                self.book(undo_booking(next(self.keys), payout))

    @rule(delivery_id=DELIVERIES, amount=AMOUNTS, bearer=BEARERS)
    def refund_late(self, delivery_id: DeliveryId, amount: int, bearer: Bearer) -> None:
        burden = self.burden(bearer, delivery_id, self.money(amount))
        self.book(borne_refund_booking(next(self.keys), delivery_id, burden))

    @rule(delivery_id=DELIVERIES, eighths=PARTS)
    def reverse(self, delivery_id: DeliveryId, eighths: int) -> None:
        owed = self.part(delivery_id, _A.TRAVELER_DUES, eighths)
        payable = self.of(delivery_id, _A.TRAVELER_PAYABLE)
        covered = min(owed, payable, key=lambda money: money.amount_minor)
        if owed.amount_minor:
            self.book(reversal_booking(next(self.keys), delivery_id, TRAVELER_ID, owed, covered))

    @rule(delivery_id=DELIVERIES, eighths=PARTS, more=st.integers(0, 5_000))
    def recall(self, delivery_id: DeliveryId, eighths: int, more: int) -> None:
        covered = self.part(delivery_id, _A.TRAVELER_PAYABLE, eighths)
        amount = covered + self.money(more)
        if amount.amount_minor:
            self.book(recall_booking(next(self.keys), delivery_id, TRAVELER_ID, amount, covered))

    @rule(delivery_id=DELIVERIES, amount=AMOUNTS)
    def charge_back(self, delivery_id: DeliveryId, amount: int) -> None:
        self.book(chargeback_booking(next(self.keys), delivery_id, self.money(amount)))

    @rule(delivery_id=DELIVERIES, eighths=PARTS, bearer=st.none() | BEARERS)
    def decide(self, delivery_id: DeliveryId, eighths: int, bearer: Bearer | None) -> None:
        part = self.part(delivery_id, _A.DISPUTED_FUNDS, eighths)
        if not part.amount_minor:
            return
        if bearer is None:
            self.book(chargeback_won_booking(next(self.keys), delivery_id, part))
            return
        burden = self.burden(bearer, delivery_id, part)
        self.book(chargeback_lost_booking(next(self.keys), delivery_id, burden))

    @precondition(lambda self: self.books.booked)
    @rule(delivery_id=DELIVERIES, debtor=st.sampled_from(["traveler", "customer"]))
    def close_debt(self, delivery_id: DeliveryId, debtor: str) -> None:
        bearer = Bearer(debtor)
        kind = _A.TRAVELER_DUES if bearer is Bearer.TRAVELER else _A.CUSTOMER_DUES
        person_id = TRAVELER_ID if bearer is Bearer.TRAVELER else CUSTOMER_ID
        for close, eighths in ((dues_paid_booking, 4), (write_off_booking, 8)):
            owed = self.part(delivery_id, kind, eighths)
            if owed.amount_minor:
                self.book(close(next(self.keys), delivery_id, bearer, person_id, owed))

    @invariant()
    def each_delivery_is_whole(self) -> None:
        for delivery_id in (DELIVERY, OTHER_DELIVERY):
            own = [one for one in self.books.booked if one.delivery_id == delivery_id]
            totals = totals_of(own, self.currency)
            assert totals.is_whole, totals
            assert totals.fees == 0 or any(one.kind in RECOGNISING for one in own)

    def teardown(self) -> None:
        """Settle everything: nothing is held or owed any more."""
        for delivery_id in (DELIVERY, OTHER_DELIVERY):
            self.decide(delivery_id, 8, Bearer.PLATFORM)
            self.refund(delivery_id, 8, Bearer.CUSTOMER, fails=False)
            self.pay_out(delivery_id, 8, returned=False)
            for debtor in ("traveler", "customer"):
                self.close_debt(delivery_id, debtor)
            own = [one for one in self.books.booked if one.delivery_id == delivery_id]
            totals = totals_of(own, self.currency)
            assert totals.is_whole
            assert totals.is_settled
            assert self.of(delivery_id, _A.DISPUTED_FUNDS) == self.money(0)
        # What is left is the platform's own: cash, revenue, expenses and losses.
        assert all(":" not in name for name in self.books.left())


TestTwoDeliveries = TwoDeliveries.TestCase
TestTwoDeliveries.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
