"""Deliveries whose payment is disputed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.chargebacks import ChargebackOrder
from domain.ids import ChargebackId, PersonId
from infra.chargebacks.records import DatabaseChargebacks
from infra.database.schema import chargeback
from infra.identifiers import new_id
from tests.infra.database.conftest import begin_story, scene
from tests.infra.database.story import Story


@dataclass
class Disputed:
    """A delivery and the chargeback of its payment, which nobody has read yet."""

    story: Story
    chargeback_id: ChargebackId = field(default_factory=lambda: ChargebackId(new_id()))

    @property
    def records(self) -> DatabaseChargebacks:
        return DatabaseChargebacks(self.story.engine, self.story.records)

    @property
    def order(self) -> ChargebackOrder:
        return ChargebackOrder(
            chargeback_id=self.chargeback_id,
            delivery_id=self.story.delivery_id,
            provider="sandbox",
            dispute_id=f"du_{self.chargeback_id}",
            charge_operation_id=self.story.charge.operation_id,
            currency="EUR",
            customer_id=PersonId(self.story.customer.person_id or ""),
            traveler_id=self.story.traveler_id,
        )

    async def announce(self) -> None:
        values = {
            "chargeback_id": self.chargeback_id,
            "provider": "sandbox",
            "dispute_id": self.order.dispute_id,
            "charge_operation_id": self.order.charge_operation_id,
            "delivery_id": self.story.delivery_id,
            "currency": "EUR",
        }
        async with self.story.engine.begin() as connection:
            await connection.execute(insert(chargeback).values(values))


__all__ = ["Disputed", "MakeDisputed", "scene"]

MakeDisputed = Callable[[], Awaitable[Disputed]]


@pytest.fixture
def make_disputed(engine: AsyncEngine) -> MakeDisputed:
    """Return a way to make deliveries with a held payment of which a chargeback is announced."""

    async def make() -> Disputed:
        disputed = Disputed(await begin_story(engine))
        await disputed.story.held()
        await disputed.announce()
        return disputed

    return make


@pytest.fixture
async def disputed(make_disputed: MakeDisputed) -> Disputed:
    """A delivery with a held payment of which a chargeback is announced."""
    return await make_disputed()
