"""Money that a chargeback has frozen: not asked for, but adopted when the provider has moved it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from temporalio.exceptions import ApplicationError

from activities.payments import PaymentActivities
from domain.errors import Refusal, RefusalCode
from domain.ledger import AccountKind, ChargebackLost, completed
from domain.status import DeliveryStatus, EscrowStatus
from domain.transitions import EventKind, MoneyCommand, MoneyMoved, PaymentOutcome
from infra.database.delivery_books import books_of
from infra.database.ledger import book
from infra.database.operations import DatabaseOperations
from infra.payments.sandbox import SandboxProvider
from tests.activities.money_path import PRICE, MoneyPath
from tests.card_network import CardNetwork

SUCCEEDED = MoneyMoved(PaymentOutcome.SUCCEEDED)
OK = "acct_sandbox_t"


def network_of(path: MoneyPath, amount_minor: int = PRICE.amount_minor) -> CardNetwork:
    return CardNetwork(path.engine, path.delivery_id, amount_minor, path.charge.operation_id[37:])


async def releasing(path: MoneyPath, payments: PaymentActivities, account: str) -> MoneyCommand:
    await payments.hold_funds(await path.hold())
    return await path.release(account)


async def refusal_of(payments: PaymentActivities, command: MoneyCommand) -> str | None:
    with pytest.raises(ApplicationError) as refused:
        await payments.release_funds(command)
    assert refused.value.non_retryable == (refused.value.type == RefusalCode.CHARGEBACK_OPEN)
    return refused.value.type


async def state(path: MoneyPath, command: MoneyCommand) -> str:
    return str((await path.row(command.intent.operation_id)).state)


async def test_what_was_never_sent_is_not_sent_while_it_is_frozen(
    path: MoneyPath, payments: PaymentActivities, provider: SandboxProvider
) -> None:
    command = await releasing(path, payments, OK)
    network = network_of(path)
    await network.take()
    assert await refusal_of(payments, command) == "chargeback_open"
    assert await state(path, command) == "intent"
    assert await provider.objects(command.intent.operation_id) == ()
    await network.give_back()
    assert await payments.release_funds(command) == SUCCEEDED


async def test_what_left_before_the_chargeback_is_adopted(
    path: MoneyPath, payments: PaymentActivities
) -> None:
    command = await releasing(path, payments, f"{OK}_timeout_after_success")
    assert await refusal_of(payments, command) == "outcome_unknown"
    await network_of(path).take()
    assert await payments.release_funds(command) == SUCCEEDED
    assert await state(path, command) == "succeeded"


async def test_what_was_sent_and_never_arrived_is_looked_up_and_kept_back(
    path: MoneyPath, payments: PaymentActivities, provider: SandboxProvider
) -> None:
    command = await releasing(path, payments, f"{OK}_unavailable_1")
    assert await refusal_of(payments, command) == "provider_unavailable"
    network = network_of(path)
    await network.take()
    assert await refusal_of(payments, command) == "chargeback_open"
    assert await refusal_of(payments, command) == "chargeback_open"
    assert await state(path, command) == "intent"
    assert await provider.objects(command.intent.operation_id) == ()
    await network.give_back()
    assert await payments.release_funds(command) == SUCCEEDED


async def test_more_than_a_lost_chargeback_has_left_is_kept_back(
    path: MoneyPath, payments: PaymentActivities
) -> None:
    command = await releasing(path, payments, OK)
    network = network_of(path, 1_000)
    await network.take()
    await network.keep()
    assert await refusal_of(payments, command) == "chargeback_open"
    assert await state(path, command) == "intent"


async def test_what_a_person_has_done_by_hand_is_booked_although_it_was_frozen_since(
    path: MoneyPath, payments: PaymentActivities
) -> None:
    command = await releasing(path, payments, f"{OK}_unavailable_1")
    assert await refusal_of(payments, command) == "provider_unavailable"
    await network_of(path).take()
    by_hand = replace(command, done_by_hand="tr_by_hand")
    assert await payments.release_funds(by_hand) == SUCCEEDED
    assert (await path.row(command.intent.operation_id)).provider_id == "tr_by_hand"


async def test_what_was_replaced_is_never_sent_and_what_was_sent_is_never_replaced(
    path: MoneyPath, payments: PaymentActivities, operations: DatabaseOperations
) -> None:
    command = await releasing(path, payments, OK)
    releasing_on = path.transition(
        EventKind.HELD_REDUCED,
        "held_reduced:2",
        path.at(DeliveryStatus.RELEASING, EscrowStatus.RELEASING),
        replace(command.intent, operation_id=f"{command.intent.operation_id}:2"),
    )
    replacing = replace(releasing_on, supersedes=command.intent.operation_id)
    await path.records.record(replacing)
    assert await state(path, command) == "failed"
    with pytest.raises(Refusal, match="given up"):
        await operations.mark_sent(command.intent)
    assert replacing.intent is not None
    await operations.mark_sent(replacing.intent)
    too_late = replace(
        replacing,
        key="held_reduced:3",
        intent=replace(command.intent, operation_id=f"{command.intent.operation_id}:3"),
        supersedes=replacing.intent.operation_id,
    )
    with pytest.raises(Refusal, match="asked for already"):
        await path.records.record(too_late)


async def test_a_loss_leaves_what_is_on_its_way_out_to_be_booked(
    path: MoneyPath, payments: PaymentActivities
) -> None:
    command = await releasing(path, payments, f"{OK}_timeout_after_success")
    assert await refusal_of(payments, command) == "outcome_unknown"
    await network_of(path).take()
    loss = ChargebackLost("loss", path.delivery_id, PRICE, None)
    async with path.engine.begin() as connection:
        books = await books_of(connection, path.delivery_id, PRICE.currency)
        await book(connection, completed((loss,), books))
    assert await payments.release_funds(command) == SUCCEEDED
    assert AccountKind.ESCROW not in await path.balances()
