"""Rows of the outbox, written as transitions write them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import PLATFORM, CodePurpose, Role, Standing
from domain.handover.codes import derive_code
from domain.ids import DeliveryId
from domain.transitions import EventKind, Transition
from infra.database.records import DatabaseRecords
from infra.database.schema import handover_code, notification
from infra.identifiers import new_id
from infra.notifications.composing import CodeLinks
from tests.conftest import MakeParcel

HANDOVER_KEY = b"k" * 32
NONCE = b"n" * 16
LINKS = CodeLinks(HANDOVER_KEY, "https://sendalong.example/")


@dataclass
class OutboxTable:
    """The table `notification`, for one delivery."""

    engine: AsyncEngine
    delivery_id: DeliveryId
    sequence: int = 0

    async def queue(self, **columns: Any) -> str:
        """Write one message as a transition does and return its id."""
        self.sequence += 1
        row = {
            "notification_id": new_id(),
            "delivery_id": self.delivery_id,
            "event_sequence": self.sequence,
            "audience": Role.CUSTOMER,
            "channel": "sms",
            "address": "+34600000042",
            "kind": EventKind.PAYMENT_HELD,
            "parameters": {"reference": "3F9A2C", "price": "EUR 42.00"},
            **columns,
        }
        async with self.engine.begin() as connection:
            await connection.execute(insert(notification).values(row))
        return str(row["notification_id"])

    async def row(self, message_id: str) -> Any:
        """Return one message as it stands."""
        query = select(notification).where(notification.c.notification_id == message_id)
        async with self.engine.connect() as connection:
            return (await connection.execute(query)).one()

    async def states(self) -> list[str]:
        """Return the state of every message, in the order they were written."""
        query = (
            select(notification.c.state)
            .where(notification.c.delivery_id == self.delivery_id)
            .order_by(notification.c.event_sequence)
        )
        async with self.engine.connect() as connection:
            return list((await connection.execute(query)).scalars())

    async def make_due(self) -> None:
        """Let every queued message be due and every lease be over."""
        past = datetime.now(UTC) - timedelta(seconds=1)
        async with self.engine.begin() as connection:
            await connection.execute(update(notification).values(due_at=past))

    async def issue_code(self, purpose: CodePurpose) -> str:
        """Write a handover code and return the token of its link."""
        row = {
            "delivery_id": self.delivery_id,
            "purpose": purpose,
            "nonce": NONCE,
            "code_digest": "c",
            "pin_digest": "p",
            "link_digest": "l",
            "valid_until": datetime.now(UTC) + timedelta(days=1),
            "issued_at": datetime.now(UTC),
        }
        async with self.engine.begin() as connection:
            await connection.execute(insert(handover_code).values(row))
        return derive_code(HANDOVER_KEY, self.delivery_id, purpose, NONCE).link_token


@pytest.fixture
async def table(engine: AsyncEngine, make_parcel: MakeParcel) -> AsyncIterator[OutboxTable]:
    """An empty outbox and a delivery to write messages about."""
    delivery_id = await make_parcel()
    await _empty(engine)
    await DatabaseRecords(engine, HANDOVER_KEY).record(
        Transition(
            delivery_id=delivery_id,
            key="opened",
            event=EventKind.REQUEST_OPENED,
            actor=PLATFORM,
            at=datetime.now(UTC),
            standing=Standing(status="requested", escrow="none"),
        )
    )
    yield OutboxTable(engine, delivery_id)
    await _empty(engine)


async def _empty(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(delete(notification))
