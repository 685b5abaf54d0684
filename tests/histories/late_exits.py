"""The ways a delivery can end when a chargeback or a debt comes before its money has left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import select

from domain.chargebacks import ChargebackNews, ChargebackStatus
from domain.contracts import PLATFORM, Standing
from domain.ids import DeliveryId
from domain.ledger import Bearer, dues_paid_booking
from domain.money import Money
from domain.status import DeliveryStatus, EscrowStatus
from domain.transitions import EventKind, Transition
from infra.database.ledger import book
from infra.database.records import DatabaseRecords
from infra.database.schema import payment_operation
from infra.identifiers import new_id
from infra.payments.sandbox import SandboxProvider
from tests.card_network import CardNetwork
from tests.conftest import parcels_in
from tests.histories.exits import Exit
from tests.waiting import until
from tests.workflows.play import HANDOVER_KEY, Play
from workflows.delivery import DeliveryWorkflow


async def _frozen(play: Play, amount_minor: int) -> CardNetwork:
    await play.delivered()
    network = CardNetwork(play.engine, play.order.delivery_id, amount_minor)
    await network.take()
    await play.confirm()
    await play.happened("release_frozen")
    await network.keep()
    return network


async def _tell_of_loss(play: Play, network: CardNetwork) -> None:
    taken = Money(network.amount_minor, "EUR")
    news = ChargebackNews(network.chargeback_id, ChargebackStatus.LOST, taken)
    await play.handle.signal(DeliveryWorkflow.chargeback_moved, news)


async def charged_back(play: Play, provider: SandboxProvider) -> None:
    await _tell_of_loss(play, await _frozen(play, 4_200))


async def charged_back_in_part(play: Play, provider: SandboxProvider) -> None:
    await _tell_of_loss(play, await _frozen(play, 1_000))


async def _owing(play: Play, owed_minor: int) -> DeliveryId:
    """Have the traveler owe something from another delivery, and return that one."""
    traveler = play.traveler.person_id
    records = DatabaseRecords(play.engine, HANDOVER_KEY)
    delivery_id = await parcels_in(play.engine)()
    requested = Standing(DeliveryStatus.REQUESTED, EscrowStatus.NONE)
    opened, now = EventKind.REQUEST_OPENED, datetime.now(UTC)
    await records.record(Transition(delivery_id, "opened", opened, PLATFORM, now, requested))
    network = CardNetwork(play.engine, delivery_id, owed_minor)
    await network.take()
    await network.keep(held_minor=0, traveler_id=traveler)
    return delivery_id


async def netted(play: Play, provider: SandboxProvider) -> None:
    await _owing(play, 1_000)
    await play.delivered()
    await play.confirm()


async def netted_whole(play: Play, provider: SandboxProvider) -> None:
    await _owing(play, 4_000)
    await play.delivered()
    await play.confirm()


async def surplus_returned(play: Play, provider: SandboxProvider) -> None:
    """Part of what is kept back for a debt is paid while the provider is still being asked."""
    earlier = await _owing(play, 1_000)
    await play.delivered("acct_sandbox_t_reversal_unavailable_2")
    await play.confirm()
    netting = f"{play.order.delivery_id}:reversal:netting"

    async def is_asked_for() -> bool:
        found = select(payment_operation.c.state)
        rows = await play.read(found.where(payment_operation.c.operation_id == netting))
        return [row.state for row in rows] == ["sent"]

    await until(is_asked_for)
    paid = Money(400, "EUR")
    assert play.traveler.person_id is not None
    person_id = play.traveler.person_id
    booking = dues_paid_booking(new_id(), earlier, Bearer.TRAVELER, person_id, paid)
    async with play.engine.begin() as connection:
        await book(connection, [booking])


LATE_EXITS: Mapping[str, Exit] = {
    "charged-back": Exit(charged_back, DeliveryStatus.CHARGED_BACK),
    "charged-back-in-part": Exit(charged_back_in_part, DeliveryStatus.COMPLETED),
    "netted": Exit(netted, DeliveryStatus.COMPLETED),
    "netted-whole": Exit(netted_whole, DeliveryStatus.COMPLETED),
    "surplus-returned": Exit(surplus_returned, DeliveryStatus.COMPLETED),
}
"""By the name of the history that is kept of it."""
