"""The whole system as real processes, driven through the public REST API."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import DeliveryId
from domain.transitions import OperationKind
from infra.database.engine import create_engine
from infra.database.invariants import check_invariants
from infra.demo.people import People, make_people
from infra.demo.scenes import MUNICH, request
from infra.encryption.parts import encryption_of
from infra.local_stack.options import StackOptions
from infra.local_stack.ports import free_ports
from infra.local_stack.stack import LocalStack
from infra.payments.sandbox import SandboxProvider
from tests.folders import stack_folder
from tests.waiting import until

QUICK = {
    "windows": {"inspection_s": 2},
    "undo": {"window_s": 0},
    "retries": {"call_s_max": 3},
    "disputes": {"appeal_s": 0},
}
"""Short enough to wait for: a dispute window of two seconds, a provider call of three."""


@dataclass
class System:
    """A running stack with a view into its database and its provider's books."""

    stack: LocalStack
    engine: AsyncEngine
    http: httpx.AsyncClient
    provider: SandboxProvider

    async def people(self, payout_account: str | None = None) -> People:
        number = f"+49151{secrets.randbelow(10**8):08d}"
        return await make_people(
            self.http,
            self.engine,
            number,
            payout_account,
            encryption=encryption_of(self.stack.settings),
        )

    async def requested(self, people: People) -> DeliveryId:
        return DeliveryId(await request(people, "A guitar"))

    async def provider_counts(self, delivery_id: DeliveryId) -> dict[str, int]:
        counts = dict.fromkeys(OperationKind, 0)
        for made in await self.provider.objects(delivery_id):
            counts[made.kind] += made.outcome == "succeeded"
        return {str(kind): count for kind, count in counts.items() if count}

    async def asked(self, delivery_id: DeliveryId, kind: OperationKind) -> None:
        """Wait until the provider has carried out an operation of this kind."""

        async def is_there() -> bool:
            return bool((await self.provider_counts(delivery_id)).get(kind))

        await until(is_there)

    async def require_sound(self, delivery_id: DeliveryId) -> None:
        report = await check_invariants(self.engine, delivery_id)
        assert not report.violations


@asynccontextmanager
async def running_system(folder: Path) -> AsyncIterator[System]:
    """Start the whole system on free ports and stop it afterwards."""
    options = StackOptions(
        folder=folder, ports=free_ports(), environment={"SENDALONG_POLICIES": json.dumps(QUICK)}
    )
    async with LocalStack(options) as stack:
        engine = create_engine(stack.settings.database_url, application_name="sendalong-e2e")
        try:
            async with httpx.AsyncClient(base_url=stack.api_url, timeout=60) as http:
                yield System(stack, engine, http, SandboxProvider(engine))
        finally:
            await engine.dispose()


@pytest.fixture(scope="module")
async def system() -> AsyncIterator[System]:
    """One running system for the tests of a file."""
    with stack_folder() as folder:
        async with running_system(folder) as system:
            yield system


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for a system of one test's own."""
    with stack_folder() as folder:
        yield folder


__all__ = ["MUNICH", "System", "running_system"]
