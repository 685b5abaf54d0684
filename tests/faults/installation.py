"""The platform as it is installed, on parts that fail where a plan says so."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

import worker
from activities.payment_ports import PaymentProvider
from domain.policies import Policies, RetryPolicyFigures
from domain.visibility import TaskQueue
from infra.database.operations import DatabaseOperations
from infra.payments.parts import SandboxParts
from infra.payments.sandbox import SandboxProvider
from infra.polling import polling
from infra.settings import Settings
from tests.conftest import parcels_in, people_in
from tests.crashing import Mortal
from tests.faults.faults import Fault, Faults, Plan
from tests.temporal_server import start_temporal
from tests.workflows.play import Play, make_play

QUEUES = (TaskQueue.SAGAS, TaskQueue.PAYMENTS, TaskQueue.WEBHOOKS)
"""Whose work is played: overrides reach deliveries by the last one. Messages are only written."""
TRIES = RetryPolicyFigures(longest_wait_s=1, tries_max=8)
TRIES_IN_VAIN = RetryPolicyFigures(longest_wait_s=1, tries_max=2)


@dataclass
class Installation:
    """Workers on fragile parts, and what a delivery is played on."""

    server: WorkflowEnvironment
    engine: AsyncEngine
    faults: Faults

    @property
    def provider(self) -> SandboxProvider:
        """The provider itself, to play banks and to look into its books."""
        return SandboxProvider(self.engine)

    async def play(self, policies: Policies, plan: Plan | None = None) -> Play:
        """Make a delivery that a plan is in wait for."""
        in_vain = plan is not None and plan.fault is Fault.UNDO_FAILS
        policies = replace(policies, retries=TRIES_IN_VAIN if in_vain else TRIES)
        people, parcels = people_in(self.engine), parcels_in(self.engine)
        play = await make_play(self.server, self.engine, people, parcels, policies)
        if plan is not None:
            self.faults.plans[play.order.delivery_id] = plan
        return play


@asynccontextmanager
async def installed(engine: AsyncEngine, settings: Settings) -> AsyncIterator[Installation]:
    """Run an installation on a Temporal server of its own."""
    async with await start_temporal() as server:
        faults = Faults(server.client)
        async with polling(*_workers(server.client, engine, settings, faults)):
            yield Installation(server, engine, faults)


def _workers(
    client: Client, engine: AsyncEngine, settings: Settings, faults: Faults
) -> list[Worker]:
    parts = SandboxParts(engine)
    fragile_provider = cast("PaymentProvider", Mortal(parts.provider, faults.strikes))

    def make(client: Client, *, task_queue: str, **named: Any) -> Worker | None:
        if task_queue not in QUEUES:
            return None
        runner = UnsandboxedWorkflowRunner()
        options = {**named, "interceptors": [faults], "workflow_runner": runner}
        return Worker(client, task_queue=task_queue, **options)

    def fragile(part: Callable[..., object]) -> Callable[..., object]:
        return lambda *given, **named: Mortal(part(*given, **named), faults.strikes)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "Worker", make)
        patch.setattr(parts, "provider", fragile_provider)
        patch.setattr(worker, "DatabaseOperations", fragile(DatabaseOperations))
        made = worker.workers(client, engine, settings, payments=parts)
    return list(filter(None, made))
