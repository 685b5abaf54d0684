"""Where Temporal was not told to let clocks be moved, nothing moves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import workflow
from temporalio.testing import WorkflowEnvironment

from domain.ids import DeliveryId, delivery_workflow_id
from infra.identifiers import new_id
from infra.local_stack.programs import temporal_binary
from infra.payments.sandbox_clock import SandboxClock
from infra.robo.clocks import ClocksStandStill, DeliveryClocks


@workflow.defn(name="waiting")
class Waiting:
    """Stands for a delivery; no worker runs it."""

    @workflow.run
    async def run(self) -> None:
        """Do nothing."""


async def test_a_server_with_fixed_clocks_is_named(engine: AsyncEngine) -> None:
    delivery_id = DeliveryId(new_id())
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=temporal_binary(), dev_server_log_level="never"
    ) as server:
        await server.client.start_workflow(
            Waiting.run, id=delivery_workflow_id(delivery_id), task_queue="nobody"
        )
        clocks = DeliveryClocks(engine, server.client)
        with pytest.raises(ClocksStandStill):
            await clocks.advance(delivery_id, "once", timedelta(days=1))
    assert await SandboxClock(engine).ahead(delivery_id) == timedelta(0)
