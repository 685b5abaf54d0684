"""A traveler who handed the parcel on, and how that traveler's part is sent."""

from __future__ import annotations

from domain.ids import PersonId
from domain.money import Money
from domain.status import DeliveryStatus, EscrowStatus
from domain.transitions import EventKind, MoneyCommand, OperationKind, PaymentIntent
from tests.activities.money_path import MoneyPath
from tests.conftest import people_in

GIVER_SHARE = Money(1_500, "EUR")


async def give_share(path: MoneyPath, account: str) -> MoneyCommand:
    """Record that the part of who handed the parcel on is transferred, before the other one's."""
    intent = PaymentIntent(
        f"{path.delivery_id}:transfer:giver",
        OperationKind.TRANSFER,
        GIVER_SHARE,
        account,
        path.charge_id,
    )
    releasing = path.at(DeliveryStatus.RELEASING, EscrowStatus.RELEASING)
    await path.record(EventKind.GIVER_SHARE_STARTED, "giver_share_started:1", releasing, intent)
    released = path.transition(
        EventKind.GIVER_SHARE_RELEASED,
        "giver_share_released",
        releasing,
        _payout(path, account),
    )
    giver_id = await people_in(path.engine)("traveler")
    return MoneyCommand(path.delivery_id, intent, released, payee_id=giver_id)


def pay_out_share(path: MoneyPath, account: str, giver_id: PersonId | None) -> MoneyCommand:
    """Return the command; its intent was recorded when the part was transferred."""
    releasing = path.at(DeliveryStatus.RELEASING, EscrowStatus.RELEASING)
    return MoneyCommand(
        path.delivery_id,
        _payout(path, account),
        path.transition(EventKind.GIVER_PAID_OUT, "giver_paid_out", releasing),
        despite_dues=True,
        payee_id=giver_id,
    )


def _payout(path: MoneyPath, account: str) -> PaymentIntent:
    return PaymentIntent(
        f"{path.delivery_id}:payout:giver", OperationKind.PAYOUT, GIVER_SHARE, account
    )
