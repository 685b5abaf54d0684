"""Plays the card network for one delivery: a chargeback is opened, won or lost in the books."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import func, insert, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.chargebacks import ChargebackStatus
from domain.ids import ChargebackId, DeliveryId, PersonId
from domain.ledger import (
    LedgerTransaction,
    chargeback_booking,
    chargeback_lost_booking,
    chargeback_won_booking,
    platform_bears,
    traveler_bears,
)
from domain.money import Money
from infra.database.ledger import book
from infra.database.schema import chargeback
from infra.identifiers import new_id


@dataclass
class CardNetwork:
    """One chargeback of a delivery's payment; nobody is told of it."""

    engine: AsyncEngine
    delivery_id: DeliveryId
    amount_minor: int = 4_200
    charge: str = "charge:1"
    """Name of the operation that took the payment, behind the delivery's id."""
    chargeback_id: ChargebackId = field(default_factory=lambda: ChargebackId(new_id()))

    async def take(self) -> None:
        """Take the disputed funds."""
        values = {
            "chargeback_id": self.chargeback_id,
            "provider": "sandbox",
            "dispute_id": f"dp_{self.chargeback_id}",
            "charge_operation_id": f"{self.delivery_id}:{self.charge}",
            "delivery_id": self.delivery_id,
            "status": ChargebackStatus.OPEN,
            "amount_minor": self.amount_minor,
            "withdrawn_minor": self.amount_minor,
            "currency": "EUR",
        }
        async with self.engine.begin() as connection:
            await connection.execute(insert(chargeback).values(values))
            await book(connection, [chargeback_booking(self._key("taken"), *self._disputed)])

    async def give_back(self) -> None:
        """Decide for the platform."""
        won = chargeback_won_booking(self._key("won"), *self._disputed)
        await self._decide(won, ChargebackStatus.WON, withdrawn_minor=0)

    async def keep(
        self, held_minor: int | None = None, traveler_id: PersonId | None = None
    ) -> None:
        """Decide for the customer: so much of it comes out of the held payment, or all of it.

        A traveler who is named owes the rest.
        """
        taken_minor = self.amount_minor if held_minor is None else held_minor
        whole, taken = Money(self.amount_minor, "EUR"), Money(taken_minor, "EUR")
        burden = platform_bears(whole, taken)
        if traveler_id is not None:
            burden = traveler_bears(traveler_id, whole, taken)
        lost = chargeback_lost_booking(self._key("lost"), self.delivery_id, burden)
        await self._decide(lost, ChargebackStatus.LOST, taken_from_held_minor=taken_minor)

    @property
    def _disputed(self) -> tuple[DeliveryId, Money]:
        return self.delivery_id, Money(self.amount_minor, "EUR")

    def _key(self, name: str) -> str:
        return f"chargeback:{self.chargeback_id}:{name}"

    async def _decide(
        self, booking: LedgerTransaction, status: ChargebackStatus, **values: int
    ) -> None:
        known = chargeback.c.chargeback_id == self.chargeback_id
        decided = {"status": status, "decided_at": func.now(), **values}
        async with self.engine.begin() as connection:
            await book(connection, [booking])
            await connection.execute(update(chargeback).where(known).values(decided))
