"""A workflow task that is lost once its transition is committed loses nobody's dispute."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import (
    HandleUpdateInput,
    Interceptor,
    UnsandboxedWorkflowRunner,
    Worker,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

import worker
from domain.contracts import DisputeReason, OpenDispute
from domain.ids import DisputeId
from domain.policies import VerdictOutcome
from domain.status import DeliveryStatus
from infra.database.engine import create_engine
from infra.database.invariants import check_invariants
from infra.identifiers import new_id
from infra.polling import polling
from infra.settings import Settings
from tests.conftest import MakeParcel, MakePerson
from tests.crashing import Crash
from tests.keys import encrypting
from tests.temporal_server import start_temporal
from tests.workflows.conftest import IMPATIENT, require_replayable
from tests.workflows.play import Play, make_play, refusal_of

GIVEN_UP = "given_up"


class Losing(Interceptor):
    """Loses the task of the next command once its transition is committed, and then the command.

    The server sends a command again with the task's next tries, and gives it up when these are lost
    too: here the second try is turned away before it leaves a trace.
    """

    def __init__(self) -> None:
        self.loses_next = False
        self.gives_up_next = False

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002, ARG002 -- The library names it.
    ) -> type[WorkflowInboundInterceptor]:
        """Stand between Temporal and every command."""
        losing = self

        class LosingInbound(WorkflowInboundInterceptor):
            def handle_update_validator(self, input: HandleUpdateInput) -> None:  # noqa: A002
                if losing.gives_up_next:
                    losing.gives_up_next = False
                    raise ApplicationError("Nobody has asked.", type=GIVEN_UP)
                super().handle_update_validator(input)

            async def handle_update_handler(self, input: HandleUpdateInput) -> Any:  # noqa: A002
                answer = await super().handle_update_handler(input)
                if losing.loses_next:
                    losing.loses_next, losing.gives_up_next = False, True
                    raise Crash("after the commit, before the task was completed")
                return answer

        return LosingInbound


@pytest.fixture(scope="module")
def losing() -> Losing:
    return Losing()


@pytest.fixture(scope="module")
async def server(
    engine: AsyncEngine, settings: Settings, losing: Losing
) -> AsyncIterator[WorkflowEnvironment]:
    """A server of this file's own, with workers that may lose a task."""
    own = create_engine(settings.database_url, application_name="lost-task")
    async with await start_temporal() as environment:
        encrypting(environment, engine)
        runner = UnsandboxedWorkflowRunner()
        with pytest.MonkeyPatch.context() as patch:
            make = partial(Worker, workflow_runner=runner, interceptors=[losing])
            patch.setattr(worker, "Worker", make)
            made = worker.workers(environment.client, own, settings)
        async with polling(*made):
            yield environment
    await own.dispose()


@pytest.fixture
async def play(
    server: WorkflowEnvironment,
    engine: AsyncEngine,
    make_person: MakePerson,
    make_parcel: MakeParcel,
) -> AsyncIterator[Play]:
    """A delivery in its dispute window."""
    play = await make_play(server, engine, make_person, make_parcel, IMPATIENT)
    await play.delivered()
    yield play
    events = await play.events()
    assert events.count("dispute_opened") == 1
    assert "attention_raised" not in events
    assert not (await check_invariants(engine, play.order.delivery_id)).violations
    await require_replayable([play])


async def forgotten(play: Play, losing: Losing) -> OpenDispute:
    """Open a dispute that is stored, and of which the workflow's history knows nothing."""
    command = OpenDispute(play.customer, DisputeId(new_id()), DisputeReason.DAMAGED)
    losing.loses_next = True
    assert await refusal_of(play.send("open_dispute", command)) == GIVEN_UP
    stored = await play.standing()
    assert (stored["status"], str(stored["dispute_id"])) == ("disputed", command.dispute_id)
    return command


async def test_a_stored_dispute_goes_on_when_its_window_ends(play: Play, losing: Losing) -> None:
    await forgotten(play, losing)
    await play.pass_time(timedelta(seconds=IMPATIENT.windows.inspection_s))
    await play.decide(VerdictOutcome.REFUND)
    assert await play.closed() is DeliveryStatus.REFUNDED


async def test_a_stored_dispute_is_what_everybody_is_answered_by(
    play: Play, losing: Losing
) -> None:
    command = await forgotten(play, losing)
    stored = await play.standing()
    # The other side's dispute would have another id, by which nobody could find it.
    assert await refusal_of(play.dispute(play.traveler)) == "wrong_state"
    assert await refusal_of(play.confirm()) == "wrong_state"
    again = await play.send("open_dispute", command)
    assert again.dispute_id == command.dispute_id
    clock = (stored["deadline_kind"], stored["deadline_at"])
    assert (again.deadline_kind, again.deadline_at) == clock
    await play.decide(VerdictOutcome.RELEASE)
    assert await play.closed() is DeliveryStatus.COMPLETED
