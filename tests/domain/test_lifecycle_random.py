"""Random commands by random people: whatever they try, parcel and money stay in step.

The machine below plays the part of the workflow: it asks the rules, makes the move that the table
holds and books the money. People claim any capacity; only the rules stop them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.cancellation import check_cancel
from domain.contracts import (
    AcceptOffer,
    Actor,
    CancelDelivery,
    CodePurpose,
    ConfirmDelivery,
    CounterOffer,
    DecideDispute,
    DisputeOrder,
    DisputeReason,
    GivePaymentMethod,
    OpenDispute,
    Role,
    ScanCode,
    SubmitOffer,
    WithdrawOffer,
)
from domain.disputes import check_decide, verdict_of
from domain.ids import OfferId, PersonId
from domain.lifecycle import (
    DeliveryState,
    check_accept_offer,
    check_confirm,
    check_counter_offer,
    check_give_payment_method,
    check_open_dispute,
    check_scan,
    check_submit_offer,
    check_withdraw_offer,
    opening_standing,
)
from domain.money import Money
from domain.policies import VerdictOutcome
from domain.pricing import price_shares
from domain.status import (
    CLOSED,
    DELIVERY_MOVES,
    DISPUTE_MOVES,
    ESCROW_MOVES,
    DeliveryStatus,
    DisputeStatus,
    EscrowStatus,
    OfferStatus,
    require_move,
)
from domain.transitions import OfferChange
from tests.domain.builders import (
    AGENT,
    CUSTOMER,
    DISPUTE,
    EVERYBODY,
    NOW,
    ORDER,
    TRAVELER,
    refusal_of,
    state_at,
)

D, E = DeliveryStatus, EscrowStatus
people = st.sampled_from([actor for actor in EVERYBODY.values() if actor.person_id is not None])
claimed = st.builds(lambda actor, role: replace(actor, role=role), people, st.sampled_from(Role))
named = st.one_of(st.sampled_from([CUSTOMER, TRAVELER, AGENT]), people, claimed)
seldom = st.integers(0, 11).map(lambda number: number == 7)
mostly = st.integers(0, 3).map(bool)
prices = st.integers(100, 9_999)
BEGIN = {
    VerdictOutcome.RELEASE: (D.RELEASING, E.RELEASING),
    VerdictOutcome.REFUND: (D.REFUNDING, E.REFUNDING),
    VerdictOutcome.SPLIT: (D.SETTLING, E.SPLITTING),
}
DEFAULTS = {
    D.REQUESTED: (D.EXPIRED, E.NONE),
    D.PAYMENT_DUE: (D.CANCELLED, E.NONE),
    D.AWAITING_PICKUP: (D.REFUNDING, E.REFUNDING),
    D.DELIVERED: (D.RELEASING, E.RELEASING),
}
CODES_USED_AT: dict[DeliveryStatus, list[CodePurpose]] = {
    D.AWAITING_PICKUP: [],
    D.IN_TRANSIT: [CodePurpose.PICKUP],
    D.DELIVERED: list(CodePurpose),
    D.DISPUTED: list(CodePurpose),
}


class Delivery(RuleBasedStateMachine):
    """One delivery under everybody's hands."""

    def __init__(self) -> None:
        super().__init__()
        self.state = DeliveryState(ORDER, opening_standing(ORDER))
        self.captured = self.refunded = self.paid = self.earned = 0
        self.to_refund = 0
        self.used: list[CodePurpose] = []
        self.decided = False

    @initialize(status=st.sampled_from([D.REQUESTED, *CODES_USED_AT]))
    def begin(self, status: DeliveryStatus) -> None:
        """Begin somewhere on the way, so that the late stages are met often."""
        if status is not D.REQUESTED:
            self.state = state_at(status)
            self.captured = self.price.amount_minor
            self.used = list(CODES_USED_AT[status])

    @property
    def price(self) -> Money:
        assert self.state.standing.price is not None
        return self.state.standing.price

    def allows(self, check: Callable[..., None], *arguments: Any) -> bool:
        """Ask a rule; a refusal leaves the state as it was."""
        before = repr(self.state)
        allowed = refusal_of(check, *arguments) is None
        assert repr(self.state) == before
        assert not (allowed and self.state.status in CLOSED), "a closed delivery takes no command"
        return allowed

    def move(self, status: DeliveryStatus, escrow: EscrowStatus, **changes: Any) -> None:
        old = self.state.standing
        new = replace(old, status=status, escrow=escrow, **changes)
        require_move(DELIVERY_MOVES, D(old.status), status)
        require_move(ESCROW_MOVES, E(old.escrow), escrow)
        require_move(DISPUTE_MOVES, DisputeStatus(old.dispute), DisputeStatus(new.dispute))
        self.state.standing = new

    @rule(actor=named, price=prices)
    def submit(self, actor: Actor, price: int) -> None:
        offer_id = OfferId(f"offer-{self.state.revisions}")
        if self.allows(check_submit_offer, self.state, SubmitOffer(actor, offer_id, price)):
            self.state.revisions += 1
            traveler, money = actor.person_id or PersonId(""), Money(price, "EUR")
            offer = OfferChange(offer_id, traveler, OfferStatus.OPEN, money, Role.TRAVELER)
            self.state.offers[offer_id] = offer

    @precondition(lambda self: self.state.offers)
    @rule(actor=named, price=prices, choice=st.integers(0, 9), withdraws=seldom)
    def revise(self, actor: Actor, price: int, choice: int, *, withdraws: bool) -> None:
        offer = self.pick(choice)
        if withdraws:
            command = WithdrawOffer(actor, offer.offer_id)
            if self.allows(check_withdraw_offer, self.state, command):
                self.state.offers[offer.offer_id] = replace(offer, status=OfferStatus.WITHDRAWN)
        elif self.allows(
            check_counter_offer, self.state, CounterOffer(actor, offer.offer_id, price)
        ):
            side = Role.CUSTOMER if actor.person_id == ORDER.customer_id else Role.TRAVELER
            revised = replace(offer, price=Money(price, "EUR"), proposed_by=side)
            self.state.offers[offer.offer_id] = revised

    @precondition(lambda self: self.state.offers)
    @rule(actor=named, choice=st.integers(0, 9))
    def accept(self, actor: Actor, choice: int) -> None:
        offer = self.pick(choice)
        command = AcceptOffer(actor, offer.offer_id, "", "", offer.price.amount_minor)
        if self.allows(check_accept_offer, self.state, command):
            assert actor.person_id == ORDER.customer_id != offer.traveler_id
            self.move(D.ACCEPTED, E.HOLDING, traveler_id=offer.traveler_id, price=offer.price)

    @rule(actor=named)
    def pay(self, actor: Actor) -> None:
        if self.allows(check_give_payment_method, self.state, GivePaymentMethod(actor, "")):
            self.move(D.ACCEPTED, E.HOLDING)

    @rule(actor=named, purpose=st.sampled_from(CodePurpose), is_shown=mostly)
    def scan(self, actor: Actor, purpose: CodePurpose, *, is_shown: bool) -> None:
        command = ScanCode(actor, purpose, "", is_pin=False)
        if self.allows(check_scan, self.state, command, NOW) and is_shown:
            assert actor.person_id == self.state.standing.traveler_id
            assert purpose not in self.used, "a code is accepted at most once"
            self.used.append(purpose)
            self.move(D.IN_TRANSIT if purpose is CodePurpose.PICKUP else D.DELIVERED, E.HELD)

    @rule(actor=named, really=seldom)
    def cancel(self, actor: Actor, *, really: bool) -> None:
        # While a charge is under way the workflow waits for its outcome; so does the machine.
        if not really or self.state.status is D.ACCEPTED:
            return
        if self.allows(check_cancel, self.state, CancelDelivery(actor), NOW):
            held = self.state.status is D.AWAITING_PICKUP
            self.move(*((D.REFUNDING, E.REFUNDING) if held else (D.CANCELLED, E.NONE)))

    @rule(actor=named)
    def confirm(self, actor: Actor) -> None:
        if self.allows(check_confirm, self.state, ConfirmDelivery(actor)):
            assert actor.person_id == ORDER.customer_id
            self.move(D.RELEASING, E.RELEASING)

    @rule(actor=named)
    def quarrel(self, actor: Actor) -> None:
        command = OpenDispute(actor, DISPUTE, DisputeReason.OTHER)
        if self.allows(check_open_dispute, self.state, command):
            self.move(D.DISPUTED, E.HELD, dispute=DisputeStatus.OPEN)

    @precondition(lambda self: self.state.status is D.DISPUTED)
    @rule(actor=named, outcome=st.sampled_from(VerdictOutcome), refund=st.none() | prices)
    def decide(self, actor: Actor, outcome: VerdictOutcome, refund: int | None) -> None:
        command = DecideDispute(actor, outcome, refund)
        dispute = DisputeOrder(
            delivery_id=ORDER.delivery_id,
            dispute_id=DISPUTE,
            opened_by=CUSTOMER,
            reason=DisputeReason.OTHER,
            held=self.price,
            handover_proven=True,
            standing=self.state.standing,
            order=ORDER,
        )
        if self.allows(check_decide, command, dispute):
            assert actor.role is Role.AGENT
            self.decided = True
            self.to_refund = verdict_of(command, self.price).refund.amount_minor
            self.move(*BEGIN[outcome], dispute=DisputeStatus.DECIDED)

    @rule(really=seldom)
    def clock_runs_out(self, *, really: bool) -> None:
        if really and self.state.status in DEFAULTS:
            self.move(*DEFAULTS[self.state.status])
        elif really and self.state.status in {D.IN_TRANSIT, D.ARRIVED}:
            self.move(D.DISPUTED, E.HELD, dispute=DisputeStatus.OPEN)

    @rule(succeeds=mostly)
    def provider_answers(self, *, succeeds: bool) -> None:
        status = self.state.status
        if status is D.ACCEPTED:
            self.captured += self.price.amount_minor if succeeds else 0
            self.move(*((D.AWAITING_PICKUP, E.HELD) if succeeds else (D.PAYMENT_DUE, E.NONE)))
        elif status is D.REFUNDING and succeeds:
            self.refunded += self.price.amount_minor
            self.move(D.REFUNDED if self.decided else D.CANCELLED, E.REFUNDED)
        elif status in {D.RELEASING, D.SETTLING} and succeeds:
            self.refunded += self.to_refund
            shares = price_shares(ORDER.policies.fees, self.price - Money(self.to_refund, "EUR"))
            self.paid += shares.traveler.amount_minor
            self.earned += shares.fee.amount_minor
            self.move(D.PAYING_OUT, E.SPLIT if status is D.SETTLING else E.RELEASED)
        elif status is D.PAYING_OUT and succeeds:
            split = self.state.standing.escrow == E.SPLIT
            self.move(D.SETTLED if split else D.COMPLETED, E(self.state.standing.escrow))

    def pick(self, choice: int) -> OfferChange:
        return list(self.state.offers.values())[choice % len(self.state.offers)]

    @invariant()
    def no_money_appears_or_disappears(self) -> None:
        moved = self.refunded + self.paid + self.earned
        assert moved <= self.captured
        if self.state.status in CLOSED:
            assert moved == self.captured

    @invariant()
    def a_traveler_is_paid_only_after_a_handover_or_a_verdict(self) -> None:
        if self.paid:
            assert CodePurpose.HANDOVER in self.used or self.decided
            assert CodePurpose.PICKUP in self.used

    @invariant()
    def no_party_carries_its_own_parcel(self) -> None:
        parties = {ORDER.customer_id, ORDER.sender_id, ORDER.recipient_id}
        assert self.state.standing.traveler_id not in parties


TestDelivery = Delivery.TestCase
TestDelivery.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
