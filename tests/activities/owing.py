"""A traveler who owes something from an earlier delivery, and how it is kept back."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from domain.ids import DeliveryId
from domain.ledger import Bearer, Due, dues_paid_booking, netting_id
from domain.money import Money
from domain.status import DeliveryStatus, EscrowStatus
from domain.transitions import EventKind, MoneyCommand, OperationKind, PaymentIntent
from infra.database.ledger import book
from tests.activities.money_path import SHARE, MoneyPath
from tests.card_network import CardNetwork
from tests.conftest import parcels_in

OWED = Money(1_000, "EUR")


async def owe(path: MoneyPath, amount: Money = OWED) -> Due:
    """Have the traveler of a delivery owe something from an earlier one."""
    earlier = MoneyPath(
        path.engine,
        path.records,
        path.provider,
        await parcels_in(path.engine)(),
        path.traveler_id,
    )
    await earlier.open()
    network = CardNetwork(path.engine, earlier.delivery_id, amount.amount_minor)
    await network.take()
    await network.keep(held_minor=0, traveler_id=path.traveler_id)
    return Due(earlier.delivery_id, amount)


async def pay(path: MoneyPath, delivery_id: DeliveryId, amount: Money) -> None:
    """Have the traveler pay a debt in another way."""
    paid = dues_paid_booking(str(uuid4()), delivery_id, Bearer.TRAVELER, path.traveler_id, amount)
    async with path.engine.begin() as connection:
        await book(connection, [paid])


async def net(path: MoneyPath, account: str, *dues: Due) -> MoneyCommand:
    """Record that debts are kept back from the payout of a delivery that was released."""
    amount = Money(sum(due.amount.amount_minor for due in dues), "EUR")
    intent = PaymentIntent(
        netting_id(path.delivery_id, 1),
        OperationKind.REVERSAL,
        amount,
        source_operation_id=f"{path.delivery_id}:transfer",
    )
    paying = path.at(DeliveryStatus.PAYING_OUT, EscrowStatus.RELEASED)
    await path.record(EventKind.NETTING_STARTED, "netting_started:1", paying, intent)
    payout = path.pay_out(account).intent
    rest = replace(payout, operation_id=f"{path.delivery_id}:payout:2", amount=SHARE - amount)
    netted = path.transition(EventKind.DUES_NETTED, "dues_netted:1", paying, rest)
    return MoneyCommand(
        path.delivery_id,
        intent,
        replace(netted, supersedes=payout.operation_id),
        dues=dues,
    )


async def give_back(path: MoneyPath, account: str, surplus: Money) -> MoneyCommand:
    """Record that a part of what was kept back is transferred to the traveler again."""
    intent = PaymentIntent(
        f"{path.delivery_id}:transfer:surplus:1", OperationKind.TRANSFER, surplus, account
    )
    paying = path.at(DeliveryStatus.PAYING_OUT, EscrowStatus.RELEASED)
    found = path.transition(EventKind.SURPLUS_FOUND, "surplus_found:1", paying, intent)
    await path.records.record(replace(found, supersedes=f"{path.delivery_id}:payout:2"))
    rest = replace(
        path.pay_out(account).intent,
        operation_id=f"{path.delivery_id}:payout:3",
        amount=SHARE - OWED + surplus,
    )
    returned = path.transition(EventKind.SURPLUS_RETURNED, "surplus_returned:1", paying, rest)
    return MoneyCommand(path.delivery_id, intent, returned)
