"""Workers on a real Temporal server and a real database, and one delivery per test."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from domain.policies import Policies, RetryPolicyFigures
from infra.database.engine import create_engine
from infra.database.invariants import check_invariants
from infra.database.roles import application_url
from infra.payments.sandbox import SandboxProvider
from infra.polling import polling as run_workers
from infra.settings import Settings, load_settings
from tests.conftest import MakeParcel, MakePerson
from tests.keys import encrypting
from tests.sandbox import unsandboxed
from tests.temporal_server import start_temporal
from tests.workflows.play import HANDOVER_KEY, Play, make_play
from worker import workers
from workflows.delivery import DeliveryWorkflow

IMPATIENT = Policies(retries=RetryPolicyFigures(longest_wait_s=1, tries_max=8))
"""The real policies but for how long a provider's outage is waited out: it passes in real time."""


@pytest.fixture(scope="session")
async def temporal(engine: AsyncEngine) -> AsyncIterator[WorkflowEnvironment]:
    """A Temporal server of this session's own; what it is told is encrypted."""
    async with await start_temporal() as environment:
        yield encrypting(environment, engine)


@pytest.fixture(scope="session")
def settings(database_url: str) -> Settings:
    """Settings of the workers under test."""
    return load_settings(
        database_url=application_url(database_url),
        handover_key=SecretStr(b64encode(HANDOVER_KEY).decode()),
    )


@pytest.fixture(scope="session")
async def polling(temporal: WorkflowEnvironment, settings: Settings) -> AsyncIterator[None]:
    """Workers that poll every queue. Each delivery's history is replayed at the end of its test."""
    engine = create_engine(settings.database_url, application_name="sendalong-worker")
    with unsandboxed():
        made = workers(temporal.client, engine, settings)
    async with run_workers(*made):
        yield
    await engine.dispose()


@dataclass
class Stage:
    """Makes deliveries to play and checks every one of them at the end."""

    temporal: WorkflowEnvironment
    engine: AsyncEngine
    make_person: MakePerson
    make_parcel: MakeParcel
    plays: list[Play]

    async def __call__(self, policies: Policies = IMPATIENT) -> Play:
        play = await make_play(
            self.temporal, self.engine, self.make_person, self.make_parcel, policies
        )
        self.plays.append(play)
        return play


@pytest.fixture
async def stage(
    temporal: WorkflowEnvironment,
    engine: AsyncEngine,
    make_person: MakePerson,
    make_parcel: MakeParcel,
    polling: None,
) -> AsyncIterator[Stage]:
    """Make deliveries to play; afterwards the invariants hold for each of them."""
    stage = Stage(temporal, engine, make_person, make_parcel, [])
    yield stage
    for play in stage.plays:
        report = await check_invariants(engine, play.order.delivery_id)
        assert not report.violations
    await require_replayable(stage.plays)


async def require_replayable(plays: Sequence[Play]) -> None:
    """Replay what each delivery's workflow has done, as another worker would to go on with it."""
    for play in plays:
        client = play.environment.client
        replayer = Replayer(
            workflows=[DeliveryWorkflow],
            workflow_runner=UnsandboxedWorkflowRunner(),
            namespace=client.namespace,
            data_converter=client.data_converter,
            # A busy machine that stops a replay for two seconds says nothing about its order.
            debug_mode=True,
        )
        with suppress(RPCError):
            # A delivery that was never opened has no history.
            await replayer.replay_workflow(await play.handle.fetch_history())


@pytest.fixture
async def play(stage: Stage) -> Play:
    """One delivery under the usual policies."""
    return await stage()


@pytest.fixture(scope="session")
def provider(engine: AsyncEngine) -> SandboxProvider:
    """The sandbox provider, to play the customer's bank and to look into its books."""
    return SandboxProvider(engine)
