"""The commands of the machine in which everybody may try everything: the way, and staff."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from domain.amending import Amendable, CorrectDeadline, check_amend
from domain.contracts import (
    Actor,
    CodePurpose,
    ConfirmDelivery,
    DisputeReason,
    OpenDispute,
    Role,
    ScanCode,
)
from domain.deadlines import DeadlineKind
from domain.disputing.rules import check_desired
from domain.holds.rules import (
    Hold,
    HoldDelivery,
    ResumeDelivery,
    check_hold,
    check_resume,
    frozen,
)
from domain.journey.contracts import CheckIn, LeaveParcel, ReportFailedHandover, ReportLoss
from domain.journey.silence import check_check_in
from domain.journey.terms import HandoverObstacle, LossKind, UndeliverableAction
from domain.journey.undeliverable import (
    JourneyState,
    check_failed_handover,
    check_leave,
    check_report_loss,
    follow_up,
)
from domain.journey.undoing import UndoStep, check_undo, standing_again, undoable_step
from domain.leaving.contracts import ContestNoShow
from domain.leaving.no_show import check_contest_no_show
from domain.lifecycle import check_confirm, check_open_dispute, check_scan
from domain.policies import VerdictOutcome
from domain.status import DeliveryStatus, EscrowStatus
from domain.transitions import EventKind
from tests.domain.builders import DISPUTE, EVERYBODY, refusal_of
from tests.domain.clocked import DAY, Clocked
from tests.domain.leaving.test_random import POLICIES, REQUEST

D, E, K = DeliveryStatus, EscrowStatus, DeadlineKind
_LIKELY = [EVERYBODY[name] for name in ("customer", "traveler", "recipient", "agent")]
people = st.sampled_from([*_LIKELY * 4, *EVERYBODY.values()])
starts = st.sampled_from(
    [
        D.REQUESTED,
        D.AWAITING_PICKUP,
        D.IN_TRANSIT,
        D.IN_TRANSIT,
        D.DELIVERED,
        D.DISPUTED,
        D.DISPUTED,
    ]
)
WAY_TO = {
    D.IN_TRANSIT: [CodePurpose.PICKUP],
    D.DELIVERED: [CodePurpose.PICKUP, CodePurpose.HANDOVER],
    D.DISPUTED: [CodePurpose.PICKUP, CodePurpose.HANDOVER],
}
DEFAULT_ACTION = UndeliverableAction.RETURN
seldom = st.integers(0, 5).map(lambda number: number == 3)
near = st.sampled_from([80, 80, 80, 9_000, None])
SCANNED = {
    CodePurpose.PICKUP: (D.IN_TRANSIT, K.HANDOVER, EventKind.PICKED_UP),
    CodePurpose.HANDOVER: (D.DELIVERED, K.INSPECTION, EventKind.HANDED_OVER),
    CodePurpose.RETURN: (D.RETURNED, K.RETURN_INSPECTION, EventKind.RETURNED),
}
AFTER_FAILURE = {
    UndeliverableAction.RETRY: K.REDELIVERY,
    UndeliverableAction.NEIGHBOUR: K.LEAVING,
    UndeliverableAction.SAFE_PLACE: K.LEAVING,
}


class Everything(Clocked):
    """One delivery from its request to its end; disputes climb in `Quarrelling`."""

    @initialize(
        start=starts, passed=st.integers(0, 71), chosen=st.sampled_from(UndeliverableAction)
    )
    def begin(
        self, start: DeliveryStatus, passed: int, chosen: UndeliverableAction = DEFAULT_ACTION
    ) -> None:
        """Begin somewhere on the way, so that the late stages are met as often as the early ones."""
        order = replace(REQUEST, undeliverable_action=chosen)
        self.state = replace(self.state, order=order)
        super().begin(is_held=start is not D.REQUESTED, passed=passed)
        for purpose in WAY_TO.get(start, ()):
            self.scan_code(EVERYBODY["traveler"], purpose, is_shown=True)
        if start is D.DISPUTED:
            self.open_dispute(EVERYBODY["customer"], None, 0)

    # The journey ------------------------------------------------------------------------------

    @rule(actor=people, purpose=st.sampled_from(list(SCANNED)), is_shown=st.booleans())
    def scan_code(self, actor: Actor, purpose: CodePurpose, *, is_shown: bool) -> None:
        command = ScanCode(actor, purpose, "", is_pin=False)
        if refusal_of(check_scan, self.state, command, self.now) or not is_shown:
            return
        self.thaw()
        assert actor.person_id == self.state.standing.traveler_id
        code = (purpose, self.codes[purpose])
        assert code not in self.used, "a code is accepted at most once"
        self.used.add(code)
        status, kind, event = SCANNED[purpose]
        before, no_show = self.state.standing, self.state.no_show
        self.undoable = undoable_step(POLICIES.undo, event, before, no_show, self.now)
        self.is_proven |= purpose is not CodePurpose.PICKUP
        self.state.no_show = None
        self.arm(status, E.HELD, kind)

    def scan(self, actor: Actor, comes: int) -> None:
        """Scan as it is done here."""

    @rule(actor=people)
    def undo(self, actor: Actor) -> None:
        command = UndoStep(actor)
        if self.allows(_undoing(self.undoable, self.undone, command, self.now)):
            assert self.undoable is not None
            present = self.state.standing
            again = standing_again(POLICIES.undo, self.undoable, present, self.now + DAY, self.now)
            self.move(
                D(again.status),
                E(again.escrow),
                K(again.deadline_kind or ""),
                deadline_at=again.deadline_at,
            )
            self.codes = {purpose: number + 1 for purpose, number in self.codes.items()}
            self.undone, self.undoable, self.is_proven = self.undone + 1, None, False

    @rule(actor=people, reason=st.sampled_from(HandoverObstacle), away_m=near)
    def fail(self, actor: Actor, reason: HandoverObstacle, away_m: int | None) -> None:
        if not self.allows(check_failed_handover, ReportFailedHandover(actor, reason, away_m)):
            return
        self.journey.obstacle = reason
        self.journey.failures += 1
        action = follow_up(self.state.order, reason, self.journey.failures)
        if action is None:
            self.quarrel(EVERYBODY["platform"], DisputeReason.HANDOVER_FAILED)
        elif action is UndeliverableAction.RETURN:
            self.arm(D.RETURNING, E.HELD, K.RETURN)
        else:
            self.arm(self.state.status, E.HELD, AFTER_FAILURE[action])

    @rule(actor=people, where=st.sampled_from(UndeliverableAction), away_m=near)
    def leave_it(self, actor: Actor, where: UndeliverableAction, away_m: int | None) -> None:
        if self.allows(_leaving(self.journey, LeaveParcel(actor, where, away_m))):
            self.is_proven = True
            self.arm(D.DELIVERED, E.HELD, K.INSPECTION)

    @rule(actor=people)
    def check_in(self, actor: Actor) -> None:
        if self.allows(check_check_in, CheckIn(actor)):
            self.arm(self.state.status, E.HELD, K.HANDOVER)

    @rule(actor=people, kind=st.sampled_from(LossKind), really=seldom)
    def lose(self, actor: Actor, kind: LossKind, *, really: bool) -> None:
        if really and self.allows(check_report_loss, ReportLoss(actor, DISPUTE, kind)):
            self.quarrel(actor, DisputeReason.LOST)

    @rule(actor=people, really=seldom)
    def contest(self, actor: Actor, *, really: bool) -> None:
        if really and self.allows(check_contest_no_show, ContestNoShow(actor, DISPUTE)):
            self.quarrel(EVERYBODY["platform"], DisputeReason.NO_SHOW_CONTESTED)

    @rule(actor=people)
    def confirm(self, actor: Actor) -> None:
        if self.allows(check_confirm, ConfirmDelivery(actor)):
            self.accept_arrival()

    @rule(
        actor=people, desired=st.sampled_from([None, *VerdictOutcome]), amount=st.integers(0, 4_300)
    )
    def open_dispute(self, actor: Actor, desired: VerdictOutcome | None, amount: int) -> None:
        refund = amount if desired is VerdictOutcome.SPLIT else None
        command = OpenDispute(actor, DISPUTE, DisputeReason.DAMAGED, desired, refund)
        is_allowed = self.allows(check_open_dispute, command)
        if is_allowed and not refusal_of(check_desired, self.state.order, command, self.price):
            self.quarrel(actor, command.reason, desired, refund)

    # Staff ------------------------------------------------------------------------------------

    @rule(actor=people, really=seldom)
    def freeze(self, actor: Actor, *, really: bool) -> None:
        command = HoldDelivery("The card is stolen.", actor.person_id, actor.role)
        status, parties = self.state.status, self.parties()
        if really and refusal_of(check_hold, status, parties, self.hold, command) is None:
            self.hold = Hold(command.reason, actor, self.now)
            self.stopped, self.state.standing = frozen(
                self.state.standing, self.hold, POLICIES.holds, self.now
            )

    @rule(actor=people)
    def resume(self, actor: Actor) -> None:
        command = ResumeDelivery("", actor.person_id, actor.role)
        status, parties = self.state.status, self.parties()
        if refusal_of(check_resume, status, parties, self.hold, command) is None:
            self.thaw()

    @rule(actor=people, ahead=st.integers(-2, 200))
    def correct_deadline(self, actor: Actor, ahead: int) -> None:
        due_at = self.now + timedelta(hours=ahead)
        command = CorrectDeadline(due_at, "A train was missed.", actor.person_id, actor.role)
        state = Amendable(self.state.standing, self.parties(), self.now)
        if self.hold is None and refusal_of(check_amend, state, command) is None:
            assert actor.role in (Role.AGENT, Role.OPERATOR)
            self.state.standing = replace(self.state.standing, deadline_at=due_at)


def _undoing(undoable: Any, undone: int, command: UndoStep, now: Any) -> Callable[..., None]:
    return lambda state: check_undo(state, undoable, undone, command, now)


def _leaving(journey: JourneyState, command: LeaveParcel) -> Callable[..., None]:
    return lambda state: check_leave(state, journey, command)
