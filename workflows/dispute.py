"""One dispute from its opening to its verdict: child workflow of its delivery."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from workflows.holding import HeldWithItsDelivery

with workflow.unsafe.imports_passed_through():
    from domain.contracts import PLATFORM, DecideDispute, DisputeOrder, Verdict
    from domain.deadlines import DeadlineKind
    from domain.details import dispute_details
    from domain.disputes import check_decide, default_verdict, verdict_of
    from domain.errors import Refusal, RefusalCode
    from domain.hold_details import hold_details
    from domain.ids import delivery_workflow_id
    from domain.lifecycle import VERDICT_OVERDUE
    from domain.status import DisputeStatus
    from domain.transitions import EventKind
    from domain.visibility import Attribute, attribute_values


@workflow.defn(name="dispute")
class DisputeWorkflow(HeldWithItsDelivery):
    """The quarrel over one held payment."""

    @workflow.init
    def __init__(self, order: DisputeOrder) -> None:
        super().__init__()
        self.order = order
        self.delivery_id = order.delivery_id
        self.policies = order.order.policies
        self.standing = order.standing
        self.verdict: Verdict | None = None

    @workflow.run
    async def run(self, order: DisputeOrder) -> Verdict:
        """Wait for an agent's verdict, raise the alarm, and in the end apply the default."""
        return await self.shielded(self._settle(order))

    @workflow.update(description="A support agent decides: release, refund or split.")
    async def decide(self, command: DecideDispute) -> Verdict:
        """Give the verdict; it is final."""
        async with self.command(lambda: self._check_decide(command)):
            verdict = verdict_of(command, self.order.held)
            return await self._record_verdict(verdict, command.note)

    @decide.validator
    def _may_decide(self, command: DecideDispute) -> None:
        self.admit(lambda: self._check_decide(command))

    def details(self) -> str:
        """Return the markdown table of the present state."""
        table = dispute_details(self.order, self.standing)
        return table + hold_details(self.hold_placed, self.stopped)

    @property
    def hold_scope(self) -> str:
        """What sets the keys of this saga's events apart from those of its delivery."""
        return f"{self.order.dispute_id}:"

    def attributes(self) -> dict[Attribute, str | int | bool | datetime | None]:
        """Return the search attributes of the disputed delivery."""
        return attribute_values(self.order.order, self.standing)

    async def _settle(self, order: DisputeOrder) -> Verdict:
        self.is_open = True
        self.stand(order.standing)
        await self.wait_or_default(lambda: self.verdict is not None, self._raise_alarm)
        if self.verdict is None:
            await self._tell_delivery()
        await self.wait_or_default(lambda: self.verdict is not None, self._apply_default)
        if self.verdict is None:
            raise AssertionError("the default verdict was applied")
        self.publish()
        return self.verdict

    def _check_decide(self, command: DecideDispute) -> None:
        check_decide(command, self.order)
        if self.verdict is not None:
            raise Refusal(
                RefusalCode.DISPUTE_ALREADY_DECIDED, "This dispute has been decided already."
            )

    async def _raise_alarm(self) -> None:
        left_s = self.policies.windows.verdict_final_s - self.policies.windows.verdict_s
        standing = replace(
            self.standing,
            attention=VERDICT_OVERDUE,
            deadline_kind=DeadlineKind.VERDICT_FINAL,
            deadline_at=workflow.now() + timedelta(seconds=max(left_s, 0)),
        )
        await self.record(
            self.transition(EventKind.VERDICT_OVERDUE, "verdict_overdue", PLATFORM, standing)
        )

    async def _tell_delivery(self) -> None:
        delivery = workflow.get_external_workflow_handle(delivery_workflow_id(self.delivery_id))
        try:
            await delivery.signal("dispute_moved", self.standing)
        except ApplicationError:
            # The alarm is in the database and on this page; the delivery's page is only one more.
            workflow.logger.warning("the delivery was not told of the overdue verdict")

    async def _apply_default(self) -> None:
        await self._record_verdict(default_verdict(self.order), "no agent decided in time")

    async def _record_verdict(self, verdict: Verdict, note: str) -> Verdict:
        standing = replace(
            self.standing,
            dispute=DisputeStatus.DECIDED,
            attention=None,
            deadline_kind=None,
            deadline_at=None,
        )
        facts = {
            "outcome": verdict.outcome,
            "refund_minor": str(verdict.refund.amount_minor),
            "release_minor": str(verdict.release.amount_minor),
            "note": note,
        }
        actor = verdict.decided_by
        await self.record(
            self.transition(EventKind.VERDICT_GIVEN, "verdict_given", actor, standing, facts=facts)
        )
        self.verdict = replace(verdict, standing=standing)
        return self.verdict
