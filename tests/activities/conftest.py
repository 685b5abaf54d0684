"""The payment activities on the real database and the sandbox provider."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.payments import PaymentActivities
from infra.database.operations import DatabaseOperations
from infra.database.records import DatabaseRecords
from infra.payments.sandbox import SandboxProvider
from tests.activities.money_path import MoneyPath
from tests.conftest import MakeParcel, MakePerson

MakePath = Callable[[], Awaitable[MoneyPath]]


@pytest.fixture(scope="session")
def records(engine: AsyncEngine) -> DatabaseRecords:
    return DatabaseRecords(engine, b"k" * 32)


@pytest.fixture(scope="session")
def operations(engine: AsyncEngine, records: DatabaseRecords) -> DatabaseOperations:
    return DatabaseOperations(engine, records)


@pytest.fixture(scope="session")
def provider(engine: AsyncEngine) -> SandboxProvider:
    return SandboxProvider(engine)


@pytest.fixture(scope="session")
def payments(provider: SandboxProvider, operations: DatabaseOperations) -> PaymentActivities:
    return PaymentActivities(provider, operations)


@pytest.fixture(scope="session")
def make_path(
    engine: AsyncEngine,
    records: DatabaseRecords,
    provider: SandboxProvider,
    make_parcel: MakeParcel,
    make_person: MakePerson,
) -> MakePath:
    async def make() -> MoneyPath:
        traveler_id = await make_person("traveler")
        path = MoneyPath(engine, records, provider, await make_parcel(), traveler_id)
        await path.open()
        return path

    return make


@pytest.fixture
async def path(make_path: MakePath) -> MoneyPath:
    """A delivery that was just opened."""
    return await make_path()
