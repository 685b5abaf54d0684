"""Scans: the counterparty shows a code, the traveler scans it and learns yes or no at once."""

from __future__ import annotations

from temporalio import workflow

from workflows.core import refused
from workflows.stages.handover import HandoverStage
from workflows.stages.pickup import PickupStage

with workflow.unsafe.imports_passed_through():
    from activities.records import RecordActivities
    from domain.contracts import CodePurpose, ScanCode, Standing
    from domain.errors import Refusal, RefusalCode
    from domain.lifecycle import PIN_LOCKED, check_scan, note_wrong_scan
    from domain.transitions import ScanOutcome

_MESSAGES = {
    RefusalCode.CODE_WRONG: "This code is wrong.",
    RefusalCode.CODE_ALREADY_USED: "This code has been used already.",
    RefusalCode.CODE_EXPIRED: "This code has expired.",
    RefusalCode.CODE_LOCKED: PIN_LOCKED,
    RefusalCode.CODE_NOT_READY: "There is no code for this step yet.",
}


class ScanStage(PickupStage, HandoverStage):
    """The scan that moves custody, at pickup and at handover."""

    @workflow.update(description="The traveler scans the code that the counterparty shows.")
    async def scan(self, command: ScanCode) -> Standing:
        """Use a handover code up and move custody, or refuse the code."""
        async with self.command(lambda: check_scan(self.state, command, workflow.now())):
            pickup = command.purpose is CodePurpose.PICKUP
            accepted = (self.picked_up if pickup else self.handed_over)(command.actor)
            outcome = await self.in_database(
                RecordActivities.accept_scan,
                [command, accepted],
                f"verify the {command.purpose} code",
            )
            self._require_accepted(command, outcome)
            self.stand(accepted.standing)
        return self.standing

    @scan.validator
    def _may_scan(self, command: ScanCode) -> None:
        self.admit(lambda: check_scan(self.state, command, workflow.now()))

    def _require_accepted(self, command: ScanCode, outcome: ScanOutcome) -> None:
        if outcome.refusal is None:
            return
        if outcome.refusal is RefusalCode.CODE_LOCKED or outcome.tries_left == 0:
            self.state.locked_pins.add(command.purpose)
        if outcome.refusal is RefusalCode.CODE_WRONG and not command.is_pin:
            note_wrong_scan(self.state, workflow.now())
        message = _MESSAGES[outcome.refusal]
        if outcome.tries_left == 0:
            message += " PIN entry is locked now; scan the full code instead."
        elif outcome.tries_left is not None:
            plural = "try" if outcome.tries_left == 1 else "tries"
            message += f" {outcome.tries_left} {plural} left."
        raise refused(Refusal(outcome.refusal, message), self.standing.status)
