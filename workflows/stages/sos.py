"""Calls for help: a party is in danger, so the delivery is frozen at once and operators are told."""

from __future__ import annotations

from temporalio import workflow

from workflows.stages.hold import HoldStage

with workflow.unsafe.imports_passed_through():
    from domain.contracts import Standing
    from domain.holds.rules import Hold, shown_on_hold
    from domain.sos import FOR_STAFF, SOS_ID, CallForHelp, check_call, hold_for
    from domain.transitions import EventKind


class SosStage(HoldStage):
    """Puts the delivery on hold for a call, whatever else it is doing; staff alone end that."""

    @workflow.update(
        description="A party calls for help: the delivery is frozen, operators are told."
    )
    async def call_for_help(self, command: CallForHelp) -> Standing:
        """Freeze the delivery; a call while it is frozen already is written down as well."""
        async with self.turn:
            self.check(lambda: check_call(self.state, command))
            before = self.hold_placed
            # Seen at once by every wait, so that none runs out while this is written.
            self.hold_placed = hold_for(before, command, workflow.now())
            await self._note_call(command, self.hold_placed, before)
            self.stand(self.standing)
            self.publish()
        await self._tell_dispute(self.hold_placed)
        return self.standing

    @call_for_help.validator
    def _may_call_for_help(self, command: CallForHelp) -> None:
        self.check(lambda: check_call(self.state, command))

    async def _note_call(self, command: CallForHelp, hold: Hold, before: Hold | None) -> None:
        event, facts = EventKind.SOS_CALLED, {SOS_ID: command.sos_id, **FOR_STAFF}
        if self._is_with_agents:
            self.clocks_stopped += 1
            await self.note_beside(event, command.actor, facts)
        elif before is None or self.stopped is None:
            await self.stop_clock(hold, event, command.actor, facts)
        else:
            self.clocks_stopped += 1
            standing = shown_on_hold(self.standing, hold, self.policies.holds, workflow.now())
            await self._write_hold(event, self.clocks_stopped, command.actor, standing, facts)
