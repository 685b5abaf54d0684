"""Random people leave a delivery at random moments: nobody is stuck, and every cent has one place.

The machine plays the part of the workflow, with a clock: it asks the rules, makes the moves of the
tables and shares the money out. A parcel that is picked up has left the scene.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain.cancellation import (
    CancellationCost,
    cancellation_cost,
    cancellation_quote,
    check_cancel,
    terms_of,
)
from domain.contracts import (
    AcceptOffer,
    Actor,
    CancelDelivery,
    CodePurpose,
    Role,
    ScanCode,
    SubmitOffer,
)
from domain.deadlines import RULES, DeadlineKind
from domain.ids import OfferId, PersonId
from domain.leaving.contracts import ContestNoShow, ReportNoShow, WithdrawTraveler
from domain.leaving.no_show import (
    SIDES,
    absent_side,
    check_contest_no_show,
    check_report_no_show,
    reported,
)
from domain.leaving.withdrawal import check_withdraw, may_reopen, start_over
from domain.ledger import CancellationShares, cancellation_shares
from domain.lifecycle import (
    DeliveryState,
    check_accept_offer,
    check_scan,
    check_submit_offer,
    opening_standing,
)
from domain.money import Money
from domain.money_path import pickup_due
from domain.policies import standard_policies
from domain.status import (
    CLOSED,
    DELIVERY_MOVES,
    ESCROW_MOVES,
    DeliveryStatus,
    EscrowStatus,
    OfferStatus,
    require_move,
)
from domain.transitions import OfferChange
from tests.domain.builders import DISPUTE, EVERYBODY, NOW, ORDER, refusal_of

D, E, K = DeliveryStatus, EscrowStatus, DeadlineKind
POLICIES = standard_policies()
REQUEST = replace(ORDER, policies=POLICIES, request_expires_at=NOW + timedelta(days=7))
people = st.sampled_from(list(EVERYBODY.values()))
carriers = st.sampled_from([EVERYBODY["traveler"], EVERYBODY["other traveler"]])
hours = st.integers(0, 30)
mostly = st.integers(0, 3).map(bool)
seldom = st.integers(0, 5).map(lambda number: number == 3)
DONE = CLOSED | {D.IN_TRANSIT}
MOVING = {D.ACCEPTED, D.REFUNDING, D.RELEASING, D.SETTLING, D.PAYING_OUT}


class Leaving(RuleBasedStateMachine):
    """One delivery until its pickup or its end."""

    done = DONE

    def __init__(self) -> None:
        super().__init__()
        self.state, self.now = DeliveryState(REQUEST, opening_standing(REQUEST)), NOW
        self.taken = self.given_back = self.paid = self.earned = 0
        self.shares: CancellationShares | None = None
        self.reopening = False
        self.gone: set[PersonId | None] = set()

    @initialize(is_held=mostly, passed=st.integers(0, 71))
    def begin(self, *, is_held: bool, passed: int) -> None:
        """Begin somewhere before the pickup, so that its last hours are met often."""
        if is_held:
            self.submit(EVERYBODY["traveler"])
            self.accept(0)
            self.provider_answers(1)
            self.time_passes(passed)

    @property
    def price(self) -> Money:
        assert self.state.standing.price is not None
        return self.state.standing.price

    def allows(self, check: Callable[..., None], *arguments: Any) -> bool:
        allowed = refusal_of(check, self.state, *arguments) is None
        assert not (allowed and self.state.status in self.done), "what has ended takes no command"
        return allowed

    def move(
        self,
        status: DeliveryStatus,
        escrow: EscrowStatus,
        kind: DeadlineKind | None = None,
        **changes: Any,
    ) -> None:
        old = self.state.standing
        require_move(DELIVERY_MOVES, D(old.status), status)
        require_move(ESCROW_MOVES, E(old.escrow), escrow)
        armed = {"deadline_kind": kind, "deadline_at": None, **changes}
        self.state.standing = replace(old, status=status, escrow=escrow, **armed)

    @rule(actor=carriers)
    def submit(self, actor: Actor) -> None:
        offer_id = OfferId(f"offer-{len(self.state.offers)}")
        if self.allows(check_submit_offer, SubmitOffer(actor, offer_id, 4_200)):
            assert actor.person_id not in self.gone, "who has left does not come back"
            price, open_ = Money(4_200, "EUR"), OfferStatus.OPEN
            offer = OfferChange(offer_id, actor.person_id or PersonId(""), open_, price, "traveler")
            self.state.offers[offer_id] = offer

    @rule(choice=st.integers(0, 3))
    def accept(self, choice: int) -> None:
        offers = [each for each in self.state.offers.values() if each.status == OfferStatus.OPEN]
        if not offers:
            return
        offer = offers[choice % len(offers)]
        command = AcceptOffer(EVERYBODY["customer"], offer.offer_id, "", "", 4_200)
        if self.allows(check_accept_offer, command):
            accepted = replace(offer, status=OfferStatus.ACCEPTED)
            self.state.offers[offer.offer_id] = accepted
            self.state.accepted_at = self.now
            traveler = offer.traveler_id
            self.move(D.ACCEPTED, E.HOLDING, K.PROVIDER, traveler_id=traveler, price=offer.price)

    @rule(actor=people, really=seldom)
    def cancel(self, actor: Actor, *, really: bool) -> None:
        if not really:
            return
        command = CancelDelivery(actor, reason="a flood" if actor.role is Role.AGENT else "")
        if self.state.status is D.ACCEPTED or not self.allows(check_cancel, command, self.now):
            return
        is_waiting = self.state.status is D.AWAITING_PICKUP
        if is_waiting:
            self.leave(cancellation_cost(terms_of(self.state), actor.role, self.now))
        else:
            self.move(D.CANCELLED, E.NONE)

    @rule(actor=people, really=mostly)
    def withdraw(self, actor: Actor, *, really: bool) -> None:
        if (
            really
            and self.state.status is not D.ACCEPTED
            and self.allows(check_withdraw, WithdrawTraveler(actor))
        ):
            assert actor.person_id == self.state.standing.traveler_id
            self.traveler_leaves()

    @rule(actor=people, distance_m=st.integers(0, 500))
    def report(self, actor: Actor, distance_m: int) -> None:
        command = ReportNoShow(actor, distance_m)
        if self.allows(check_report_no_show, command, self.now):
            no_show, due_at = reported(self.state, actor, self.now)
            clock = SIDES[absent_side(actor)].clock
            self.move(D.AWAITING_PICKUP, E.HELD, clock, deadline_at=due_at)
            self.state.no_show = no_show

    @rule(actor=people, really=seldom)
    def contest(self, actor: Actor, *, really: bool) -> None:
        if really and self.allows(check_contest_no_show, ContestNoShow(actor, DISPUTE)):
            self.move(D.DISPUTED, E.HELD, K.VERDICT)
            self.move(D.REFUNDING, E.REFUNDING, K.PROVIDER)

    @rule(actor=carriers, comes=st.integers(0, 5))
    def scan(self, actor: Actor, comes: int) -> None:
        command = ScanCode(actor, CodePurpose.PICKUP, "", is_pin=False)
        if not comes and self.allows(check_scan, command, self.now):
            assert actor.person_id == self.state.standing.traveler_id
            self.move(D.IN_TRANSIT, E.HELD, K.HANDOVER)

    @rule(succeeds=st.integers(0, 4))
    def provider_answers(self, succeeds: int) -> None:
        status = self.state.status
        if status is D.ACCEPTED and succeeds:
            self.taken += self.price.amount_minor
            due_at = pickup_due(REQUEST, self.now)
            self.move(D.AWAITING_PICKUP, E.HELD, K.PICKUP, deadline_at=due_at)
        elif status is D.ACCEPTED:
            self.move(D.PAYMENT_DUE, E.NONE, K.PAYMENT, deadline_at=self.now + timedelta(days=1))
        elif status is D.REFUNDING:
            self.given_back += self.price.amount_minor
            self.reopen() if self.reopening else self.move(D.CANCELLED, E.REFUNDED)
        elif status is D.SETTLING and self.shares is not None:
            self.given_back += self.shares.refund.amount_minor
            self.paid += self.shares.compensation.amount_minor
            self.earned += self.shares.fee.amount_minor
            self.move(D.PAYING_OUT, E.SPLIT, K.PROVIDER)
        elif status is D.PAYING_OUT:
            self.move(D.CANCELLED, E.SPLIT)

    @rule(passed=hours)
    def time_passes(self, passed: int) -> None:
        due_at = self.state.standing.deadline_at
        self.now += timedelta(hours=passed)
        if due_at is None or self.now < due_at:
            return
        self.now = due_at
        no_show = self.state.no_show
        if self.state.status is D.REQUESTED:
            self.move(D.EXPIRED, E.NONE)
        elif self.state.status is D.PAYMENT_DUE:
            self.move(D.CANCELLED, E.NONE)
        elif no_show is not None and no_show.absent is Role.TRAVELER:
            self.traveler_leaves()
        elif no_show is not None:
            self.leave(cancellation_cost(terms_of(self.state), Role.CUSTOMER, self.now))
        else:
            self.move(D.REFUNDING, E.REFUNDING, K.PROVIDER)

    def leave(self, cost: CancellationCost) -> None:
        if cost.is_free:
            self.move(D.REFUNDING, E.REFUNDING, K.PROVIDER)
        else:
            self.shares = cost.shares
            self.move(D.SETTLING, E.SPLITTING, K.PROVIDER)

    def traveler_leaves(self) -> None:
        self.reopening = may_reopen(self.state, self.now)
        self.gone.add(self.state.standing.traveler_id)
        if self.state.status is D.AWAITING_PICKUP:
            self.move(D.REFUNDING, E.REFUNDING, K.PROVIDER)
        elif self.reopening:
            self.reopen()
        else:
            self.move(D.CANCELLED, E.NONE)

    def reopen(self) -> None:
        start_over(self.state)
        self.reopening = False
        again = opening_standing(REQUEST)
        cleared = {"traveler_id": None, "price": None, "deadline_at": again.deadline_at}
        self.move(D.REQUESTED, E.NONE, K.REQUEST, **cleared)

    @invariant()
    def every_cent_has_one_place(self) -> None:
        gone = self.given_back + self.paid + self.earned
        held = self.taken - gone
        assert held in {0, 4_200}, "a payment is held whole or not at all"
        if self.state.status in CLOSED or self.state.status is D.REQUESTED:
            assert held == 0
        assert bool(self.earned) <= bool(self.paid), "the platform earns nothing by itself"

    @invariant()
    def whoever_waits_has_a_clock_and_an_owner(self) -> None:
        standing = self.state.standing
        if self.state.status not in self.done:
            assert standing.deadline_kind in RULES
            assert self.state.status in MOVING or standing.deadline_at is not None

    @invariant()
    def the_quote_is_what_a_cancellation_does(self) -> None:
        terms = terms_of(self.state)
        quote = cancellation_quote(terms, Role.CUSTOMER, self.now)
        assert quote[0] == cancellation_cost(terms, Role.CUSTOMER, self.now)
        if quote[0].shares is not None and terms.price is not None:
            nothing_kept = cancellation_shares(terms.price, 0, 0)
            assert quote[0].is_free == (quote[0].shares == nothing_kept)

    @invariant()
    def it_is_not_opened_again_for_ever(self) -> None:
        assert self.state.reopenings <= POLICIES.cancellation.reopenings_max
        assert self.state.left <= self.gone


TestLeaving = Leaving.TestCase
TestLeaving.settings = settings(max_examples=120, stateful_step_count=30, deadline=None)
