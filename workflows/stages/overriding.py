"""Emergency overrides: custody moves without a code, by the word of two people of staff."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from temporalio import workflow

from workflows.stages.scan import ScanStage

with workflow.unsafe.imports_passed_through():
    from activities.overriding import OverrideRecords
    from domain.contracts import CodePurpose, Standing
    from domain.deadlines import DeadlineKind
    from domain.errors import Refusal, RefusalCode
    from domain.overriding.policy import OverridePolicy  # noqa: F401 -- The sandbox reads its fields.
    from domain.overriding.rules import OverrideFact, OverrideStep
    from domain.overriding.step import EVENTS, check_override_step, facts_of
    from domain.status import DeliveryStatus, EscrowStatus
    from domain.transitions import Transition


class OverrideStage(ScanStage):
    """The step that no code could be scanned for; the code of the step is used up with it."""

    @workflow.update(description="An approved emergency override moves custody; no money moves.")
    async def override_step(self, command: OverrideStep) -> Standing:
        """Take the step without a code, or refuse: whichever of it and a scan comes first counts."""
        is_pickup = command.order.step is CodePurpose.PICKUP
        with self.refusing():
            if is_pickup:
                await self._capture_first(command)
            async with self.command(
                lambda: self._check_override(command), despite_hold=not is_pickup
            ):
                await self._override(command)
        return self.standing

    @override_step.validator
    def _may_override_step(self, command: OverrideStep) -> None:
        is_pickup = command.order.step is CodePurpose.PICKUP
        self.admit(lambda: self._check_override(command), despite_hold=not is_pickup)

    def _check_override(self, command: OverrideStep) -> None:
        check_override_step(self.state, command)

    async def _capture_first(self, command: OverrideStep) -> None:
        """Take a payment that is only reserved: no parcel leaves its sender before it is held."""
        await self.await_capture()
        if self.standing.escrow != EscrowStatus.AUTHORISED:
            return
        async with self.command(lambda: self._check_override(command)):
            if self.standing.escrow == EscrowStatus.AUTHORISED:
                await self.begin_capture()
        await self.await_capture()

    async def _override(self, command: OverrideStep) -> None:
        overridden = self._overridden(command)
        outcome = await self.in_database(
            OverrideRecords.apply_override,
            [command, overridden],
            f"override the {command.order.step}",
        )
        if outcome.refusal is not None:
            raise Refusal(outcome.refusal, "The override does not count: its code was used first.")
        if command.order.step is CodePurpose.PICKUP:
            self.state.no_show = None
        else:
            self.is_overridden = True
        self.stand(overridden.standing)

    def _overridden(self, command: OverrideStep) -> Transition:
        order, approver = command.order, command.approved_by
        event = EVENTS[order.step]
        codes: tuple[CodePurpose, ...] = ()
        facts = {**facts_of(order), OverrideFact.APPROVED_BY: approver.person_id or ""}
        if order.step is CodePurpose.RETURN:
            taken = self.returned(approver)
            facts, standing = {**taken.facts, **facts}, self._waiting_longer(taken.standing)
        elif order.step is CodePurpose.HANDOVER:
            standing = self._delivered()
        else:
            codes, standing = (CodePurpose.HANDOVER,), self._collected()
        key = f"{event}:{order.override_id}"
        return self.transition(event, key, approver, standing, facts=facts, codes=codes)

    def _delivered(self) -> Standing:
        due_at = self.due_in(self.policies.windows.inspection_s)
        standing = self.armed(DeliveryStatus.DELIVERED, DeadlineKind.INSPECTION, due_at)
        return self._waiting_longer(standing)

    def _collected(self) -> Standing:
        if self.standing.escrow != EscrowStatus.HELD:
            raise Refusal(RefusalCode.PAYMENT_NOT_CAPTURED, "The payment is not held.")
        return self.on_its_way()

    def _waiting_longer(self, standing: Standing) -> Standing:
        """Return a standing whose dispute window leaves more time: no code proves the step."""
        longer = timedelta(seconds=self.policies.overrides.money_waits_s)
        due_at = standing.deadline_at
        return standing if due_at is None else replace(standing, deadline_at=due_at + longer)
