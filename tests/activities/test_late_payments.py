"""Money that moves late: booked from what stands then, once, and told in the delivery's chain."""

from __future__ import annotations

from dataclasses import replace

import pytest
from temporalio.exceptions import ApplicationError

from activities.late_payments import LatePaymentActivities
from activities.payment_errors import PROVIDER_REFUSED
from activities.payments import PaymentActivities
from domain.contracts import PLATFORM
from domain.ledger import AccountKind
from domain.transitions import (
    EventKind,
    LateEvent,
    LateMoneyCommand,
    OperationKind,
    PaymentIntent,
    PaymentOutcome,
)
from infra.database.operations import DatabaseOperations
from infra.database.records import DatabaseRecords
from infra.payments.sandbox import SandboxProvider
from tests.activities.money_path import OPENED_AT, SHARE, MoneyPath


@pytest.fixture(scope="session")
def late_payments(
    provider: SandboxProvider, operations: DatabaseOperations
) -> LatePaymentActivities:
    return LatePaymentActivities(provider, operations)


def late_event(path: MoneyPath, key: str, intent: PaymentIntent | None = None) -> LateEvent:
    return LateEvent(
        path.delivery_id,
        key,
        EventKind.CHARGEBACK_OPENED,
        PLATFORM,
        OPENED_AT,
        facts={"amount": str(SHARE)},
        intent=intent,
    )


async def released(path: MoneyPath, payments: PaymentActivities, account: str) -> None:
    await payments.hold_funds(await path.hold())
    await payments.release_funds(await path.release(account))


async def recall_of(path: MoneyPath, records: DatabaseRecords) -> LateMoneyCommand:
    """Record that the transfer is recalled, and return the command that follows."""
    intent = PaymentIntent(
        f"{path.delivery_id}:reversal:1",
        OperationKind.REVERSAL,
        SHARE,
        source_operation_id=f"{path.delivery_id}:transfer",
    )
    await records.note(late_event(path, "recall_started", intent))
    recalled = late_event(path, "recalled")
    return LateMoneyCommand(path.delivery_id, intent, recalled, path.traveler_id)


async def test_a_recall_takes_the_transfer_back_once(
    path: MoneyPath,
    records: DatabaseRecords,
    payments: PaymentActivities,
    late_payments: LatePaymentActivities,
) -> None:
    await released(path, payments, f"acct_sandbox_{path.traveler_id}")
    command = await recall_of(path, records)
    first = await late_payments.recall_transfer(command)
    again = await late_payments.recall_transfer(command)
    assert first.outcome is again.outcome is PaymentOutcome.SUCCEEDED
    assert await path.balances() == {
        AccountKind.PROVIDER_CASH: 4_200,
        AccountKind.ESCROW: SHARE.amount_minor,
        AccountKind.FEE_REVENUE: 420,
    }
    assert (await path.moved_at_provider())["reversal", SHARE.amount_minor] == 1


async def test_a_refused_recall_is_an_answer_to_who_goes_on_without_it(
    path: MoneyPath,
    records: DatabaseRecords,
    payments: PaymentActivities,
    late_payments: LatePaymentActivities,
) -> None:
    await released(path, payments, f"acct_sandbox_{path.traveler_id}_reversal_refused")
    command = await recall_of(path, records)
    with pytest.raises(ApplicationError) as refused:
        await late_payments.recall_transfer(command)
    assert refused.value.type == PROVIDER_REFUSED
    moved = await late_payments.recall_transfer(
        replace(command, on_refusal=late_event(path, "recall_refused"))
    )
    assert moved.outcome is PaymentOutcome.DECLINED
    assert (await path.row(command.intent.operation_id)).state == "failed"
    assert (await path.balances())[AccountKind.TRAVELER_PAYABLE] == SHARE.amount_minor


async def test_a_recall_that_an_operator_did_is_booked_by_its_reference(
    path: MoneyPath,
    records: DatabaseRecords,
    payments: PaymentActivities,
    late_payments: LatePaymentActivities,
) -> None:
    await released(path, payments, f"acct_sandbox_{path.traveler_id}_reversal_refused")
    command = await recall_of(path, records)
    await late_payments.recall_transfer(replace(command, done_by_hand="trr_by_hand"))
    assert (await path.row(command.intent.operation_id)).provider_id == "trr_by_hand"
    assert (await path.balances())[AccountKind.ESCROW] == SHARE.amount_minor
