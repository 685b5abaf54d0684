"""A database and a provider of each test's own: reconciliation looks at everything there is."""

from __future__ import annotations

from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.engine import create_engine
from infra.database.migrate import migrate
from infra.identifiers import new_id
from infra.payments.sandbox import SandboxProvider
from infra.payments.sandbox_statement import SandboxStatement
from infra.payments.stripe_statement import StripeStatement
from tests.conftest import make_database_url
from tests.infra.payments.conftest import Stripe, at_stripe, http
from tests.infra.reconciliation.world import World

__all__ = ["at_stripe", "http"]


@pytest.fixture(scope="session")
def template(database_server: str) -> str:
    """Name of a migrated database that nobody is connected to."""
    name = f"test_books_{new_id()[-12:]}"
    migrate(make_database_url(database_server, name.removeprefix("test_")))
    return name


@pytest.fixture
async def books(database_server: str, template: str) -> AsyncIterator[AsyncEngine]:
    """An empty database."""
    name = f"test_books_{new_id()[-12:]}"
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        sql.Identifier(name), sql.Identifier(template)
    )
    with psycopg.connect(database_server, autocommit=True) as connection:
        connection.execute(copy)
    engine = create_engine(make_database_url(database_server, name.removeprefix("test_")))
    yield engine
    await engine.dispose()


@pytest.fixture(params=["sandbox", "stripe"])
def world(request: pytest.FixtureRequest, books: AsyncEngine) -> World:
    """Deliveries whose money moves at one of the providers."""
    if request.param == "sandbox":
        provider = SandboxProvider(books)
        return World(books, provider, SandboxStatement(books))
    parts: Stripe = request.getfixturevalue("at_stripe")
    return World(books, parts.provider, StripeStatement(parts.client), parts)
