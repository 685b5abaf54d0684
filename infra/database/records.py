"""The records of deliveries: one call, one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.contracts import ScanCode
from domain.disputing.stored import StoredDispute
from domain.ids import DeliveryId, OfferId, PersonId
from domain.ledger import Due
from domain.money import Money
from domain.policies import LimitPolicy
from domain.status import IllegalMove
from domain.transitions import LateEvent, Recorded, ScanOutcome, Transition
from infra.database import transition_sql as sql
from infra.database.delivery_books import left_to_pay_out
from infra.database.dues import unclaimed_dues
from infra.database.positions import last_received
from infra.database.stored_disputes import stored_dispute
from infra.database.transition_parts import Part
from infra.database.transition_writer import TransitionWriter
from infra.disputes.agents import agent_for
from infra.encryption.owned import OwnedKeys


class DatabaseRecords:
    """Port `Records` on PostgreSQL.

    Raises:
        Refusal: `escrow_conflict`, as the port says.
        IllegalMove: the transition can never be written; trying again cannot help.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        handover_key: bytes,
        limits: LimitPolicy | None = None,
        keys: OwnedKeys | None = None,
    ) -> None:
        """`limits` stand in where a parcel was stored without its own policies.

        With `keys`, words that people wrote are encrypted in the events.
        """
        self._engine = engine
        self._writer = TransitionWriter(handover_key, limits or LimitPolicy(), keys)

    async def record(self, transition: Transition) -> Recorded:
        """Write one transition: event, projection, offers, codes, messages and intent."""
        async with self._engine.begin() as connection:
            return await self.write(connection, transition)

    async def dues_of(self, traveler_id: PersonId, currency: str) -> tuple[Due, ...]:
        """Return what a traveler owes in a currency and no payout keeps back yet, oldest first."""
        async with self._engine.connect() as connection:
            return await unclaimed_dues(connection, traveler_id, currency)

    async def left_to_pay_out(self, delivery_id: DeliveryId, currency: str) -> Money:
        """Return what is surely still on the traveler's account for a delivery."""
        async with self._engine.connect() as connection:
            return await left_to_pay_out(connection, delivery_id, currency)

    async def sequence_of(self, delivery_id: DeliveryId, offer_id: OfferId | None) -> int | None:
        """Return the number of the latest event of a delivery, or of the latest change of an offer."""
        statement = sql.HEAD_SEQUENCE if offer_id is None else sql.OFFER_SEQUENCE
        place = {"delivery_id": delivery_id, "offer_id": offer_id}
        async with self._engine.connect() as connection:
            sequence: int | None = await connection.scalar(text(statement), place)
        return sequence

    async def choose_agent(
        self, delivery_id: DeliveryId, skill: str, excluded: PersonId | None
    ) -> PersonId | None:
        """Return who is to decide a dispute about a delivery, or none when there is nobody."""
        async with self._engine.connect() as connection:
            return await agent_for(connection, delivery_id, skill, excluded)

    async def last_heard(self, delivery_id: DeliveryId) -> datetime | None:
        """Return when the last position of a delivery came in, whenever it was taken, or none."""
        async with self._engine.connect() as connection:
            return await last_received(connection, delivery_id)

    async def stored_dispute(self, delivery_id: DeliveryId) -> StoredDispute | None:
        """Return the open dispute of a delivery, or none when it has none or steps were taken in it."""
        async with self._engine.connect() as connection:
            return await stored_dispute(connection, delivery_id)

    async def accept_scan(self, scan: ScanCode, transition: Transition) -> ScanOutcome:
        """Use a handover code up and write its transition in the same transaction."""
        async with self._engine.begin() as connection:
            with _faults_named(transition):
                return await self._writer.write_scan(connection, transition, scan)

    async def accept_late_scan(self, scan: ScanCode, late: LateEvent) -> ScanOutcome:
        """Use a handover code up and write an event that leaves its delivery where it stands."""
        async with self._engine.begin() as connection:
            with _faults_named(late):
                return await self._writer.write_late_scan(connection, late, scan)

    async def note(self, late: LateEvent) -> Recorded:
        """Write an event that leaves its delivery where it stands."""
        async with self._engine.begin() as connection:
            return await self.write_late(connection, late)

    async def write_through(
        self, connection: AsyncConnection, transition: Transition, gate: Part
    ) -> int | None:
        """Write one transition as a part of the caller's transaction, if its gate lets it through."""
        with _faults_named(transition):
            return await self._writer.write_through(connection, transition, gate)

    async def write_late(self, connection: AsyncConnection, late: LateEvent) -> Recorded:
        """Write such an event as a part of the caller's transaction."""
        with _faults_named(late):
            return Recorded(await self._writer.write_late(connection, late))

    async def write(self, connection: AsyncConnection, transition: Transition) -> Recorded:
        """Write one transition as a part of the caller's transaction."""
        with _faults_named(transition):
            return Recorded(await self._writer.write(connection, transition))


@contextmanager
def _faults_named(transition: Transition | LateEvent) -> Iterator[None]:
    """Turn what the database refuses for good into a fault that is not tried again.

    The rule is named and the values are not: they may be anything.
    """
    try:
        yield
    except (OperationalError, InterfaceError):
        # The database was not reached, or asks to try again: the next try may well succeed.
        raise
    except DBAPIError as error:
        rule = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        reason = rule or type(error.orig).__name__
        raise IllegalMove(f"the database refuses {transition.key}: {reason}") from None
    except (ValueError, LookupError, TypeError) as error:
        raise IllegalMove(f"{transition.key} holds an unknown value: {error}") from None
