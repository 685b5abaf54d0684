"""The clock and the money of the machine in which everybody may try everything.

It plays the part of the workflows: it asks the rules, makes the moves of the tables, arms a clock for
whoever has to act, and does what the clock's default says when nobody does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from domain.contracts import (
    Actor,
    CodePurpose,
    DisputeOrder,
    DisputeReason,
)
from domain.deadlines import DeadlineKind
from domain.disputing.rules import DisputeCase, opening_clock, opening_ladder
from domain.holds.rules import (
    Hold,
    StoppedClock,
    thawed,
)
from domain.journey.undeliverable import (
    JourneyState,
    return_shares,
)
from domain.journey.undoing import Undoable
from domain.policies import VerdictOutcome
from domain.pricing import price_shares
from domain.status import CLOSED, DeliveryStatus, DisputeStatus, EscrowStatus
from tests.domain.builders import DISPUTE, EVERYBODY
from tests.domain.leaving.test_random import POLICIES, Leaving

D, E, K = DeliveryStatus, EscrowStatus, DeadlineKind
ROUNDS_MAX = 60
"""Clocks that may still run out once nobody acts any more."""
DAY = timedelta(days=1)


class Clocked(Leaving):
    """One delivery whose clocks run out and whose provider answers."""

    done = CLOSED

    def __init__(self) -> None:
        super().__init__()
        self.journey = JourneyState()
        self.case: DisputeCase | None = None
        self.hold: Hold | None = None
        self.stopped: StoppedClock | None = None
        self.undoable: Undoable | None = None
        self.undone = 0
        self.codes = dict.fromkeys(CodePurpose, 0)
        """The number of the present code of each purpose: an undone step gets another."""
        self.used: set[tuple[CodePurpose, int]] = set()
        self.is_proven = self.decided = False
        self.planned: tuple[int, int] | None = None
        """What is refunded and what is released, once that is settled; None gives all back."""

    def allows(self, check: Callable[..., None], *arguments: Any) -> bool:
        return self.hold is None and super().allows(check, *arguments)

    def arm(
        self,
        status: DeliveryStatus,
        escrow: EscrowStatus,
        kind: DeadlineKind,
        lasts: timedelta = 3 * DAY,
        **more: Any,
    ) -> None:
        """Move and give somebody so long to act."""
        self.move(status, escrow, kind, deadline_at=self.now + lasts, **more)

    def thaw(self) -> None:
        """Let the clock go on."""
        if self.stopped is not None:
            self.state.standing = thawed(self.state.standing, self.stopped, self.now)
        self.hold = self.stopped = None

    def parties(self) -> tuple[Any, ...]:
        order = self.state.order
        traveler_id = self.state.standing.traveler_id
        return (order.customer_id, order.sender_id, order.recipient_id, traveler_id)

    # Money and clocks -------------------------------------------------------------------------

    @rule(succeeds=st.integers(0, 4))
    def provider_answers(self, succeeds: int) -> None:
        status = self.state.status
        if self.hold is not None:
            return
        if status in (D.RELEASING, D.SETTLING) and self.planned is not None:
            refund, release = self.planned
            shares = price_shares(
                POLICIES.fees, self.price - replace(self.price, amount_minor=refund)
            )
            self.given_back += refund
            self.paid += shares.traveler.amount_minor
            self.earned += shares.fee.amount_minor
            assert refund + release == self.price.amount_minor
            escrow = E.SPLIT if status is D.SETTLING else E.RELEASED
            self.move(D.PAYING_OUT, escrow, K.PROVIDER)
        elif status is D.PAYING_OUT and self.planned is not None:
            is_split = self.state.standing.escrow == E.SPLIT
            self.move(D.SETTLED if is_split else D.COMPLETED, E(self.state.standing.escrow))
        elif status is D.REFUNDING and (self.decided or self.planned is not None):
            self.given_back += self.price.amount_minor
            self.move(D.REFUNDED, E.REFUNDED)
        else:
            super().provider_answers(succeeds)

    @rule(passed=st.integers(0, 60))
    def time_passes(self, passed: int) -> None:
        due_at = self.state.standing.deadline_at
        self.now += timedelta(hours=passed)
        if due_at is None or self.now < due_at:
            return
        if self.state.standing.deadline_kind == K.HOLD:
            self.state.standing = replace(self.state.standing, deadline_at=self.now + DAY)
        elif self.state.status in _LATER:
            self.now = due_at
            self.run_out(K(self.state.standing.deadline_kind or ""))
        else:
            super().time_passes(0)

    def run_out(self, kind: DeadlineKind) -> None:
        """Do what the clock's default says."""
        if kind in (K.INSPECTION, K.RETURN_INSPECTION):
            self.accept_arrival()
        elif kind in (K.REDELIVERY, K.LEAVING):
            self.arm(D.RETURNING, E.HELD, K.RETURN)
        else:
            is_return = kind is K.RETURN
            reasons = (DisputeReason.HANDOVER_OVERDUE, DisputeReason.RETURN_OVERDUE)
            self.quarrel(EVERYBODY["platform"], reasons[is_return])

    def accept_arrival(self) -> None:
        """Go on as when nobody objects to where the parcel is now."""
        if self.state.status is D.DELIVERED:
            self.settle(0)
            return
        order = self.state.order
        refund, _ = return_shares(order.policies.journey, self.price, self.journey.obstacle)
        self.settle(refund.amount_minor)

    def settle(self, refund_minor: int, **more: Any) -> None:
        """Share the held payment out."""
        whole = self.price.amount_minor
        self.planned = (refund_minor, whole - refund_minor)
        if refund_minor == whole:
            self.move(D.REFUNDING, E.REFUNDING, K.PROVIDER, **more)
        elif refund_minor:
            self.move(D.SETTLING, E.SPLITTING, K.PROVIDER, **more)
        else:
            self.move(D.RELEASING, E.RELEASING, K.PROVIDER, **more)

    def quarrel(
        self,
        actor: Actor,
        reason: DisputeReason,
        desired: VerdictOutcome | None = None,
        refund: int | None = None,
    ) -> None:
        """Open a dispute."""
        ladder = opening_ladder(POLICIES.disputes, actor, desired, refund)
        kind, lasts_s = opening_clock(POLICIES, actor, ladder)
        self.arm(D.DISPUTED, E.HELD, kind, timedelta(seconds=lasts_s), dispute=DisputeStatus.OPEN)
        order, standing = self.state.order, self.state.standing
        proven, held = self.is_proven, self.price
        self.case = DisputeCase(
            DisputeOrder(
                order.delivery_id, DISPUTE, actor, reason, held, proven, standing, order, ladder
            ),
            ladder,
        )

    def teardown(self) -> None:
        """Let nobody act any more: clocks and the provider alone must end it."""
        for _ in range(ROUNDS_MAX):
            if self.state.status in CLOSED:
                break
            self.thaw()
            self.provider_answers(1)
            self.time_passes(24 * 15)
        assert self.state.status in CLOSED, f"it is stuck: {self.state.standing}"
        self.every_cent_has_one_place()

    @precondition(lambda self: self.state.status in CLOSED)
    @invariant()
    def nothing_is_left(self) -> None:
        assert self.taken == self.given_back + self.paid + self.earned

    @invariant()
    def a_traveler_is_paid_for_a_proof_or_a_verdict(self) -> None:
        if self.paid and self.planned is not None:
            assert self.is_proven or self.decided


_LATER = frozenset({D.IN_TRANSIT, D.ARRIVED, D.DELIVERED, D.RETURNING, D.RETURNED, D.DISPUTED})
"""Statuses with a parcel that has left its sender, or with a quarrel."""
