"""What two people of staff do about a delivery whose code cannot be scanned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from temporalio.client import WithStartWorkflowOperation, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy

from domain.contracts import Actor, CodePurpose, Role
from domain.ids import override_workflow_id
from domain.overriding.policy import OverridePolicy
from domain.overriding.rules import (
    STAFF,
    DecideOverride,
    OverrideCause,
    OverrideOrder,
    OverrideStanding,
    OverrideStatus,
)
from domain.visibility import TaskQueue
from infra.identifiers import new_id
from infra.overriding.approvals import GivenApproval, give_approval
from infra.overriding.asking import AskedFor, OverrideDesk
from tests.conftest import MakePerson
from tests.keys import ENCRYPTION
from tests.workflows.play import Play
from workflows.override import OverrideWorkflow

SAID = AskedFor("The police hold the traveler.", "Case 4711", "Officer Weber", ("a" * 64,))


@dataclass
class Overriding:
    """One override of a played delivery."""

    play: Play
    order: OverrideOrder
    approver: Actor

    @property
    def handle(self) -> WorkflowHandle[Any, OverrideStatus]:
        workflow_id = override_workflow_id(self.order.override_id)
        client = self.play.environment.client
        return client.get_workflow_handle_for(OverrideWorkflow.run, workflow_id)

    async def ask(self) -> OverrideStanding:
        """Keep the request and start its workflow."""
        await OverrideDesk(self.play.engine, ENCRYPTION.keys).keep(self.order, SAID)
        operation = WithStartWorkflowOperation(
            OverrideWorkflow.run,
            self.order,
            id=override_workflow_id(self.order.override_id),
            task_queue=TaskQueue.SAGAS,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        asked: OverrideStanding = (
            await self.play.environment.client.execute_update_with_start_workflow(
                "open", start_workflow_operation=operation, result_type=OverrideStanding
            )
        )
        return asked

    async def approval(self, by: Actor | None = None) -> str:
        """Approve it as the API keeps it, as the second person unless somebody else does."""
        given = GivenApproval(
            approval_id=new_id(),
            override_id=self.order.override_id,
            actor=by or self.approver,
            credential="session",
            session_id=new_id(),
            step_up_id=new_id(),
        )
        await give_approval(self.play.engine, given)
        return given.approval_id

    async def decide(
        self, update: str, by: Actor | None = None, approval_id: str = ""
    ) -> OverrideStanding:
        """Approve, refuse or withdraw it, as the second person unless somebody else does."""
        actor = by or self.approver
        if update == "approve" and actor.role in STAFF:
            approval_id = approval_id or await self.approval(actor)
        command = DecideOverride(actor, "I have called the police myself.", approval_id)
        stands: OverrideStanding = await self.handle.execute_update(
            update, command, result_type=OverrideStanding
        )
        return stands


async def overriding(
    play: Play,
    make_person: MakePerson,
    step: CodePurpose = CodePurpose.HANDOVER,
    policy: OverridePolicy | None = None,
    **people: Any,
) -> Overriding:
    """Return an override by a new operator and the delivery's agent; nothing is asked for yet."""
    asker = people.get("asker") or Actor(Role.OPERATOR, await make_person("operator"))
    order = OverrideOrder(
        override_id=new_id(),
        delivery_id=play.order.delivery_id,
        step=step,
        cause=OverrideCause.POLICE,
        asked_by=asker,
        asked_at=datetime.now(UTC),
        policy=policy or OverridePolicy(),
    )
    return Overriding(play, order, people.get("approver") or play.agent)
