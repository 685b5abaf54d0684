"""Money that a bank sets aside first and that is taken later, at the sandbox."""

from __future__ import annotations

from dataclasses import replace

from activities.payments import PaymentActivities
from domain.ledger import AccountKind
from domain.status import DeliveryStatus, EscrowStatus
from domain.transitions import (
    EventKind,
    MoneyCommand,
    MoneyMoved,
    OperationKind,
    PaymentIntent,
    PaymentOutcome,
)
from tests.activities.money_path import PRICE, MoneyPath

SUCCEEDED = MoneyMoved(PaymentOutcome.SUCCEEDED)


async def authorise(path: MoneyPath, method: str = "pm_sandbox_ok") -> MoneyCommand:
    """Record the intent to have the price set aside and return the command."""
    hold = await path.hold(method)
    intent = replace(
        hold.intent,
        operation_id=f"{path.delivery_id}:authorise:0",
        kind=OperationKind.AUTHORISE,
    )
    standing = path.at(DeliveryStatus.ACCEPTED, EscrowStatus.HOLDING)
    await path.record(EventKind.PAYMENT_METHOD_GIVEN, "authorising", standing, intent)
    return replace(hold, intent=intent)


async def capture(path: MoneyPath, authorisation: PaymentIntent) -> MoneyCommand:
    """Record the intent to take it and return the command."""
    intent = PaymentIntent(
        f"{path.delivery_id}:capture",
        OperationKind.CAPTURE,
        PRICE,
        source_operation_id=authorisation.operation_id,
    )
    carried = path.at(DeliveryStatus.IN_TRANSIT, EscrowStatus.HELD)
    await path.record(EventKind.PICKED_UP, "picked_up", carried, intent)
    arrived = path.at(DeliveryStatus.ARRIVED, EscrowStatus.HELD)
    return MoneyCommand(
        path.delivery_id, intent, path.transition(EventKind.ARRIVED, "arrived", arrived)
    )


async def test_authorised_money_is_noted_and_booked_as_held_once_it_is_captured(
    path: MoneyPath, payments: PaymentActivities
) -> None:
    command = await authorise(path)
    for _ in range(2):
        assert await payments.authorise_funds(command) == SUCCEEDED
    noted = await path.balances()
    assert noted[AccountKind.MEMO_AUTHORISED] == PRICE.amount_minor
    assert AccountKind.ESCROW not in noted
    taking = await capture(path, command.intent)
    for _ in range(2):
        assert await payments.capture_funds(taking) == SUCCEEDED
    held = await path.balances()
    assert held[AccountKind.ESCROW] == PRICE.amount_minor
    assert AccountKind.MEMO_AUTHORISED not in held


async def test_a_bank_that_sets_nothing_aside_is_an_answer(
    path: MoneyPath, payments: PaymentActivities
) -> None:
    command = await authorise(path, "pm_sandbox_declined_expired_card")
    for _ in range(2):
        declined = await payments.authorise_funds(command)
        assert declined == MoneyMoved(PaymentOutcome.DECLINED, "expired_card")
    assert await path.balances() == {}
