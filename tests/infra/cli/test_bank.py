"""`sendalong bank`: the customer's bank takes a payment back and the platform hears of it."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.money import Money
from infra.cli import main
from infra.database.engine import create_engine
from infra.payments.sandbox import SandboxProvider
from tests.infra.payments.conformance.contract import charge_of

LIBPQ_PREFIX = "postgresql+psycopg://"


@pytest.fixture
def delivery(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let the commands use the migrated database, in which the sandbox has taken a payment."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    delivery_id = str(uuid4())

    async def charge() -> None:
        engine: AsyncEngine = create_engine(database_url)
        provider = SandboxProvider(engine)
        await provider.charge(charge_of(delivery_id), Money(4_200, "EUR"), "pm_sandbox_ok")
        await engine.dispose()

    asyncio.run(charge())
    return delivery_id


def news_of(database_url: str, dispute_id: str) -> list[str]:
    with psycopg.connect(database_url.replace(LIBPQ_PREFIX, "postgresql://")) as session:
        found = session.execute(
            "SELECT name FROM webhook_event WHERE provider = 'sandbox' AND object_id = %s"
            " ORDER BY received_at, name",
            (dispute_id,),
        )
        return [row[0].removeprefix("charge.dispute.") for row in found]


def test_a_payment_is_taken_back_and_decided(
    delivery: str, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bank", "dispute", delivery, "--amount", "1000"]) == 0
    told = capsys.readouterr().out
    dispute_id = told.split()[0]
    assert told == f"{dispute_id} is open about EUR 10.00; EUR 10.00 taken.\n"
    assert main(["bank", "decide", dispute_id, "won"]) == 0
    assert f"{dispute_id} is won" in capsys.readouterr().out
    assert news_of(database_url, dispute_id) == [
        "created",
        "funds_withdrawn",
        "closed",
        "funds_reinstated",
    ]


def test_an_inquiry_is_escalated_or_closed(
    delivery: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for action, status in (("escalate", "open"), ("close", "closed_without_loss")):
        assert main(["bank", "dispute", delivery, "--inquiry"]) == 0
        told = capsys.readouterr().out
        assert told.endswith("is inquiry about EUR 42.00; EUR 0.00 taken.\n")
        assert main(["bank", action, told.split()[0]]) == 0
        assert f" is {status} about" in capsys.readouterr().out


def test_what_cannot_happen_is_refused(delivery: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bank", "decide", "du_of_nobody", "lost"]) == 1
    assert main(["bank", "dispute", str(uuid4())]) == 1
    assert "has taken no payment" in capsys.readouterr().err
