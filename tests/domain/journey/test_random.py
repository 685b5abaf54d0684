"""Random commands also between pickup and handover: parcels fail, are left, come back and get lost."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from domain.contracts import Actor, CodePurpose, ConfirmDelivery, ScanCode
from domain.journey.contracts import LeaveParcel, ReportFailedHandover, ReportLoss
from domain.journey.terms import HandoverObstacle, LossKind, UndeliverableAction
from domain.journey.undeliverable import (
    JourneyState,
    check_failed_handover,
    check_leave,
    check_report_loss,
    follow_up,
    return_shares,
)
from domain.lifecycle import check_confirm, check_scan
from domain.status import WITH_TRAVELER, DisputeStatus
from domain.status import DeliveryStatus as D
from domain.status import EscrowStatus as E
from tests.domain.builders import DISPUTE, NOW, ORDER, state_at
from tests.domain.test_lifecycle_random import Delivery, mostly, named, seldom

obstacles = st.sampled_from(HandoverObstacle)
choices = st.sampled_from([None, *UndeliverableAction])
distances = st.sampled_from([None, 80, 80, 80, 9_000])
_NEXT = {
    CodePurpose.PICKUP: D.IN_TRANSIT,
    CodePurpose.HANDOVER: D.DELIVERED,
    CodePurpose.RETURN: D.RETURNED,
}


class Journey(Delivery):
    """One delivery whose recipient is seldom there."""

    def __init__(self) -> None:
        super().__init__()
        self.journey = JourneyState()
        self.is_left = False

    @initialize(status=st.sampled_from([D.AWAITING_PICKUP, D.IN_TRANSIT]), chosen=choices)
    def begin(self, status: D, chosen: UndeliverableAction | None = None) -> None:
        """Begin where the parcel changes hands, with what its customer chose."""
        self.state = replace(state_at(status), order=replace(ORDER, undeliverable_action=chosen))
        self.captured = self.price.amount_minor
        self.used = [CodePurpose.PICKUP] if status is D.IN_TRANSIT else []

    @rule(actor=named, reason=obstacles, away_m=distances)
    def fail(self, actor: Actor, reason: HandoverObstacle, away_m: int | None) -> None:
        command = ReportFailedHandover(actor, reason, away_m)
        if not self.allows(check_failed_handover, self.state, command):
            return
        self.journey.obstacle = reason
        self.journey.failures += 1
        action = follow_up(self.state.order, reason, self.journey.failures)
        if action is None:
            self.move(D.DISPUTED, E.HELD, dispute=DisputeStatus.OPEN)
        elif action is UndeliverableAction.RETURN:
            self.move(D.RETURNING, E.HELD)

    @rule(actor=named, where=st.sampled_from(UndeliverableAction), away_m=distances)
    def leave(self, actor: Actor, where: UndeliverableAction, away_m: int | None) -> None:
        command = LeaveParcel(actor, where, away_m)
        if self.allows(check_leave, self.state, self.journey, command):
            assert where is self.state.order.undeliverable_action
            self.is_left = True
            self.move(D.DELIVERED, E.HELD)

    @rule(actor=named, kind=st.sampled_from(LossKind), really=seldom)
    def lose(self, actor: Actor, kind: LossKind, *, really: bool) -> None:
        command = ReportLoss(actor, DISPUTE, kind)
        if really and self.allows(check_report_loss, self.state, command):
            self.move(D.DISPUTED, E.HELD, dispute=DisputeStatus.OPEN)

    @rule(actor=named, purpose=st.sampled_from(CodePurpose), is_shown=mostly)
    def scan(self, actor: Actor, purpose: CodePurpose, *, is_shown: bool) -> None:
        command = ScanCode(actor, purpose, "", is_pin=False)
        if self.allows(check_scan, self.state, command, NOW) and is_shown:
            assert purpose not in self.used, "a code is accepted at most once"
            self.used.append(purpose)
            self.move(_NEXT[purpose], E.HELD)

    @rule(actor=named)
    def confirm(self, actor: Actor) -> None:
        if self.allows(check_confirm, self.state, ConfirmDelivery(actor)):
            self.accept()

    @rule(really=seldom)
    def clock_runs_out(self, *, really: bool) -> None:
        status = self.state.status
        if really and status in WITH_TRAVELER:
            self.move(D.DISPUTED, E.HELD, dispute=DisputeStatus.OPEN)
        elif really and status in {D.DELIVERED, D.RETURNED}:
            self.accept()

    def accept(self) -> None:
        """Go on as when nobody objects to where the parcel is now."""
        if self.state.status is D.DELIVERED:
            self.move(D.RELEASING, E.RELEASING)
            return
        order = self.state.order
        refund, release = return_shares(order.policies.journey, self.price, self.journey.obstacle)
        self.to_refund = refund.amount_minor
        split = release.amount_minor > 0
        self.move(*((D.SETTLING, E.SPLITTING) if split else (D.REFUNDING, E.REFUNDING)))

    @invariant()
    def a_traveler_is_paid_only_after_a_handover_or_a_verdict(self) -> None:
        if self.paid:
            is_proven = {CodePurpose.HANDOVER, CodePurpose.RETURN} & set(self.used)
            assert is_proven or self.is_left or self.decided

    @invariant()
    def no_parcel_is_handed_over_and_brought_back(self) -> None:
        assert not {CodePurpose.HANDOVER, CodePurpose.RETURN} <= set(self.used)


TestJourney = Journey.TestCase
TestJourney.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
