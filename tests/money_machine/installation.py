"""The platform as it is installed, but for its parts being mortal and each lane having its own Stripe."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest
import stripe
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

import worker
from activities.payment_ports import (
    Operation,
    ProviderCapabilities,
    ProviderUnavailable,
)
from domain.visibility import TaskQueue
from infra.chargebacks.records import DatabaseChargebacks
from infra.database.corrections import DatabaseCorrections
from infra.database.engine import create_engine
from infra.database.operations import DatabaseOperations
from infra.database.records import DatabaseRecords
from infra.payments.stripe_client import BoundedClient, stripe_client
from infra.payments.stripe_disputes import StripeDisputes
from infra.payments.stripe_onboarding import StripeOnboarding
from infra.payments.stripe_parts import stripe_parts
from infra.payments.stripe_provider import StripeProvider
from infra.polling import polling
from infra.settings import Settings, load_settings
from infra.webhooks.inbox import Inbox
from infra.webhooks.intake import Intake
from infra.webhooks.readers import readers_of
from tests.conftest import MakeParcel, MakePerson, parcels_in, people_in
from tests.crashing import Mortal
from tests.money_machine.crashes import Crashes
from tests.stripe_stand_in import API_KEY, SECRET, StripeStandIn
from tests.temporal_server import start_temporal
from tests.workflows.play import HANDOVER_KEY

MORTAL = (TaskQueue.SAGAS, TaskQueue.PAYMENTS)
"""Queues whose workers are restarted in the middle of plans; the post goes on meanwhile."""
CONNECTIONS = 35
"""Connections to the database: workers, lanes and dispatcher share them."""


@dataclass
class Lane:
    """One Stripe account of its own, forgotten after each plan."""

    stand_in: StripeStandIn
    client: stripe.StripeClient
    http: BoundedClient

    def __post_init__(self) -> None:
        self.provider = StripeProvider(self.client)
        self.onboarding = StripeOnboarding(self.client)
        self.disputes = StripeDisputes(self.client)


class LanesAsProvider:
    """Asks the Stripe account to which a delivery belongs."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    @property
    def capabilities(self) -> ProviderCapabilities:
        return self._installation.lanes[0].provider.capabilities

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def call(operation: Operation, *arguments: Any, **named: Any) -> Any:
            lane = self._installation.lane_of.get(operation.delivery_id)
            if lane is None:
                raise ProviderUnavailable("This plan is over.")
            return await getattr(lane.provider, name)(operation, *arguments, **named)

        return call


class LanesAsDisputes:
    """Asks the Stripe account in which a dispute was opened."""

    provider = "stripe"

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def call(dispute_id: str, *arguments: Any, **named: Any) -> Any:
            for lane in self._installation.lanes:
                if any(each["id"] == dispute_id for each in lane.stand_in.view.objects("dispute")):
                    return await getattr(lane.disputes, name)(dispute_id, *arguments, **named)
            raise ProviderUnavailable("This plan is over.")

        return call


class Working:
    """Workers that poll until they are told to stop."""

    def __init__(self, workers: list[Worker]) -> None:
        self._over = asyncio.Event()
        self._task = asyncio.create_task(self._poll(workers))

    async def stop(self) -> None:
        self._over.set()
        await self._task

    async def _poll(self, workers: list[Worker]) -> None:
        async with polling(*workers):
            await self._over.wait()


@dataclass
class Installation:
    """Everything that a plan is played on."""

    server: WorkflowEnvironment
    engine: AsyncEngine
    settings: Settings
    cached_workflows_max: int
    lanes: list[Lane] = field(default_factory=list)
    lane_of: dict[str, Lane] = field(default_factory=dict)
    """By delivery."""
    crashes: Crashes = field(default_factory=Crashes)
    _mortal: Working | None = None
    _steady: Working | None = None
    _restarting: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.reading = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        """The same database without transactions, for single statements: three times as fast."""
        self.make_person: MakePerson = people_in(self.reading)
        self.make_parcel: MakeParcel = parcels_in(self.reading)
        mortal = Mortal(LanesAsProvider(self), self.crashes.strikes)
        self.parts = replace(
            stripe_parts(self.settings),
            provider=cast("StripeProvider", mortal),
            disputes=cast("StripeDisputes", LanesAsDisputes(self)),
        )
        self.inbox = Inbox(self.reading)
        self.intake = Intake(self.inbox, readers_of(self.settings))

    async def start(self) -> None:
        """Start the workers, and the workflow that hands on the provider's news."""
        self._steady = Working(self._made(TaskQueue.WEBHOOKS))
        self._mortal = Working(self._made(*MORTAL))
        await worker.start_webhook_dispatcher(self.server.client)

    async def stop(self) -> None:
        """End the workers; what they have begun is finished first."""
        for working in (self._mortal, self._steady):
            if working is not None:
                await working.stop()

    async def restart_workers(self) -> None:
        """Put new workers in the place of the present ones, as a deployment does."""
        async with self._restarting:
            if self._mortal is not None:
                await self._mortal.stop()
            self._mortal = Working(self._made(*MORTAL))

    def _made(self, *queues: str) -> list[Worker]:
        """Return the real workers of some queues, on parts that can die."""

        def only_those(client: Client, *, task_queue: str, **named: Any) -> Worker | None:
            if task_queue not in queues:
                return None
            # What the sandbox forbids, the other tests show; it imports all of a workflow's modules
            # for each instance, which takes as long as a third of a plan.
            named.setdefault("workflow_runner", UnsandboxedWorkflowRunner())
            return Worker(client, task_queue=task_queue, **named)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(worker, "Worker", only_those)
            patch.setattr(worker, "DatabaseRecords", self._mortal_on(DatabaseRecords))
            patch.setattr(worker, "DatabaseOperations", self._mortal_on(DatabaseOperations))
            patch.setattr(worker, "DatabaseCorrections", self._mortal_on(DatabaseCorrections))
            patch.setattr(worker, "DatabaseChargebacks", self._mortal_on(DatabaseChargebacks))
            made = worker.workers(
                self.server.client,
                self.engine,
                self.settings,
                payments=self.parts,
                cached_workflows_max=self.cached_workflows_max,
            )
        return list(filter(None, made))

    def _mortal_on(self, part: Callable[..., object]) -> Callable[..., object]:
        """Return how to make a part behind which the worker's process may end."""
        return lambda *given, **named: Mortal(part(*given, **named), self.crashes.strikes)


@asynccontextmanager
async def installed(
    database_url: str, lanes: int, cached_workflows_max: int
) -> AsyncIterator[Installation]:
    """Run an installation on a Temporal server of its own; nothing of it is left behind."""
    async with AsyncExitStack() as stack:
        engine = create_engine(
            database_url, application_name="sendalong-money-machine", connections=CONNECTIONS
        )
        stack.push_async_callback(engine.dispose)
        server = await stack.enter_async_context(await start_temporal())
        idle = await stack.enter_async_context(StripeStandIn())
        settings = load_settings(
            database_url=database_url,
            temporal_address=server.client.service_client.config.target_host,
            handover_key=SecretStr(b64encode(HANDOVER_KEY).decode()),
            payments="stripe",
            stripe_secret_key=SecretStr(API_KEY),
            stripe_webhook_secret=SecretStr(SECRET),
            stripe_url=idle.url,
        )
        made = Installation(server, engine, settings, cached_workflows_max)
        for _ in range(lanes):
            made.lanes.append(await _lane(stack))
        stack.push_async_callback(made.parts.close)
        stack.push_async_callback(made.stop)
        await made.start()
        yield made


async def _lane(stack: AsyncExitStack) -> Lane:
    stand_in = await stack.enter_async_context(StripeStandIn())
    http = BoundedClient()
    stack.push_async_callback(cast("Any", http).close_async)
    return Lane(stand_in, stripe_client(API_KEY, api_url=stand_in.url, http_client=http), http)
