"""A delivery that takes offers; each offer owes its customer a message."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.notifications import NotificationActivities
from domain.contracts import PLATFORM, Actor, Role, Standing
from domain.ids import DeliveryId, OfferId, PersonId
from domain.messages import Channel
from domain.money import Money
from domain.policies import RetryPolicyFigures
from domain.status import OfferStatus
from domain.transitions import EventKind, OfferChange, Transition
from infra.database.records import DatabaseRecords
from infra.database.schema import notification, stored_message
from infra.identifiers import new_id
from infra.notifications.composing import CodeLinks
from infra.notifications.outbox import DatabaseOutbox
from infra.notifications.stored import StoredMessages
from tests.conftest import MakeParcel, MakePerson
from tests.keys import ENCRYPTION

HANDOVER_KEY = b"k" * 32


@dataclass
class OpenRequest:
    """One delivery of a customer with a phone, and a traveler who offers."""

    engine: AsyncEngine
    opening: Transition
    traveler_id: PersonId

    async def offer(self) -> None:
        """Write the transition of one more offer, as the workflow does."""
        offer_id = OfferId(new_id())
        price = Money(4_200, "EUR")
        offered = OfferChange(offer_id, self.traveler_id, OfferStatus.OPEN, price, Role.TRAVELER)
        await self._record(
            replace(
                self.opening,
                key=f"offer:{offer_id}",
                event=EventKind.OFFER_SUBMITTED,
                actor=Actor(Role.TRAVELER, self.traveler_id),
                offers=(offered,),
            )
        )

    async def open(self) -> None:
        """Write the first transition; messages of other tests are forgotten."""
        async with self.engine.begin() as connection:
            await connection.execute(delete(notification))
        await self._record(self.opening)

    async def inbox(self) -> list[Any]:
        """Return what the customer's phone shows about this delivery."""
        query = (
            select(stored_message)
            .join(notification, notification.c.notification_id == stored_message.c.message_id)
            .where(notification.c.delivery_id == self.opening.delivery_id)
        )
        async with self.engine.connect() as connection:
            return list(await connection.execute(query))

    async def _record(self, transition: Transition) -> None:
        await DatabaseRecords(self.engine, HANDOVER_KEY).record(transition)


async def make_open_request(
    engine: AsyncEngine, make_person: MakePerson, make_parcel: MakeParcel
) -> OpenRequest:
    """Open a request of a customer whose phone is +34600000777."""
    customer_id = await make_person("customer", phone="+34600000777", email="ada@example.org")
    delivery_id: DeliveryId = await make_parcel(customer_id=customer_id)
    opening = Transition(
        delivery_id=delivery_id,
        key="opened",
        event=EventKind.REQUEST_OPENED,
        actor=PLATFORM,
        at=datetime.now(UTC),
        standing=Standing(status="requested", escrow="none"),
    )
    request = OpenRequest(engine, opening, await make_person("traveler"))
    await request.open()
    return request


def notification_activities(engine: AsyncEngine) -> NotificationActivities:
    """Return the activities over a real outbox whose messages are stored."""
    senders = {channel: StoredMessages(engine, channel) for channel in Channel}
    links = CodeLinks(HANDOVER_KEY, "https://sendalong.example")
    return NotificationActivities(
        DatabaseOutbox(engine, senders, links, RetryPolicyFigures(), keys=ENCRYPTION.keys)
    )
