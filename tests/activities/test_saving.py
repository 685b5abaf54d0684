"""Payment methods that are saved at acceptance and charged once their customer is away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from temporalio.exceptions import ApplicationError

from activities.payment_errors import OUTCOME_UNKNOWN, PROVIDER_REFUSED
from activities.payments import PaymentActivities
from domain.status import DeliveryStatus, EscrowStatus
from domain.transitions import (
    EventKind,
    MoneyCommand,
    MoneyMoved,
    OperationKind,
    PaymentIntent,
    PaymentOutcome,
)
from infra.database.operations import DatabaseOperations
from tests.activities.at_stripe import AtStripe, at_stripe, require_sound
from tests.activities.money_path import PRICE, MoneyPath
from tests.stripe_stand_in import Fault

SETUP, CUSTOMER = "POST /v1/setup_intents", "POST /v1/customers"
VISA = "pm_card_visa"


@pytest.fixture(scope="module")
async def stage(operations: DatabaseOperations) -> AsyncIterator[AtStripe]:
    async with at_stripe(operations) as stage:
        yield stage


async def save(path: MoneyPath, method: str = "pm_sandbox_ok") -> MoneyCommand:
    """Record the intent to save a method and return the command."""
    hold = await path.hold(method)
    intent = PaymentIntent(f"{path.delivery_id}:save:0", OperationKind.SAVE, PRICE, method)
    standing = path.at(DeliveryStatus.ACCEPTED, EscrowStatus.HOLDING)
    await path.record(EventKind.PAYMENT_METHOD_GIVEN, "saving", standing, intent)
    noted = path.transition(EventKind.PAYMENT_UNSETTLED, "saved", standing)
    return replace(hold, intent=intent, on_success=noted)


async def charge_away(path: MoneyPath, token: str) -> MoneyCommand:
    """Record the intent to charge a saved method and return the command."""
    path.attempt = 1
    hold = await path.hold("pm_sandbox_ok")
    intent = replace(
        hold.intent,
        operation_id=f"{path.delivery_id}:charge:away",
        method=token,
        off_session=True,
    )
    standing = path.at(DeliveryStatus.ACCEPTED, EscrowStatus.HOLDING)
    await path.record(EventKind.PAYMENT_METHOD_GIVEN, "charging", standing, intent)
    return replace(hold, intent=intent)


async def void(path: MoneyPath) -> MoneyCommand:
    """Record the intent to forget the method and return the command."""
    intent = PaymentIntent(
        f"{path.delivery_id}:void:save",
        OperationKind.VOID,
        PRICE,
        source_operation_id=f"{path.delivery_id}:save:0",
    )
    standing = path.at(DeliveryStatus.ACCEPTED, EscrowStatus.HOLDING)
    await path.record(EventKind.PAYMENT_VOID_STARTED, "void_started", standing, intent)
    due = path.at(DeliveryStatus.PAYMENT_DUE, EscrowStatus.NONE)
    return MoneyCommand(
        path.delivery_id, intent, path.transition(EventKind.PAYMENT_VOIDED, "voided", due)
    )


async def test_a_saved_method_is_told_each_time_and_charged_while_its_customer_is_away(
    path: MoneyPath, payments: PaymentActivities
) -> None:
    command = await save(path)
    saved = await payments.save_method(command)
    assert saved.outcome is PaymentOutcome.SUCCEEDED
    assert saved.saved_method
    assert await payments.save_method(command) == saved
    assert await path.balances() == {}
    charge = await charge_away(path, saved.saved_method)
    assert (await payments.hold_funds(charge)).outcome is PaymentOutcome.SUCCEEDED
    assert await path.status() is DeliveryStatus.AWAITING_PICKUP
    await require_sound(path)


async def test_a_method_that_cannot_be_saved_is_an_answer(
    path: MoneyPath, payments: PaymentActivities
) -> None:
    command = await save(path, "pm_sandbox_declined_lost_card")
    for _ in range(2):
        declined = await payments.save_method(command)
        assert declined == MoneyMoved(PaymentOutcome.DECLINED, "lost_card")


async def test_a_saving_that_waits_for_its_customer_is_read_again(
    path: MoneyPath, payments: PaymentActivities
) -> None:
    command = await save(path, "pm_sandbox_requires_action")
    for _ in range(2):
        asked = await payments.save_method(command)
        assert (asked.outcome, asked.saved_method) == (PaymentOutcome.REQUIRES_ACTION, "")
    await path.provider.approve(command.intent.operation_id)
    assert (await payments.save_method(command)).saved_method


@pytest.mark.parametrize("was_saved", [True, False])
async def test_a_method_that_was_given_up_books_nothing_and_is_not_charged(
    path: MoneyPath, payments: PaymentActivities, was_saved: bool
) -> None:
    command = await save(path)
    saved = await payments.save_method(command) if was_saved else None
    assert (await payments.void_hold(await void(path))).outcome is PaymentOutcome.SUCCEEDED
    assert await path.balances() == {}
    await require_sound(path)
    if saved is None:
        with pytest.raises(ApplicationError, match="given up"):
            await payments.save_method(command)
        return
    charge = await charge_away(path, saved.saved_method)
    with pytest.raises(ApplicationError) as refused:
        await payments.hold_funds(charge)
    assert refused.value.type == PROVIDER_REFUSED
    assert not any(part in str(refused.value) for part in saved.saved_method.split("/"))


@pytest.mark.parametrize("route", [SETUP, CUSTOMER])
@pytest.mark.parametrize(
    "fault", [Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.CACHED_500, Fault.CACHED_500_AFTER]
)
async def test_whatever_gets_lost_at_stripe_one_method_is_saved(
    path: MoneyPath, stage: AtStripe, route: str, fault: Fault
) -> None:
    command = await save(path, VISA)
    stage.stand_in.faults.put(route, fault)
    with pytest.raises(ApplicationError) as unknown:
        await stage.payments.save_method(command)
    assert unknown.value.type == OUTCOME_UNKNOWN
    saved = await stage.payments.save_method(command)
    assert saved.outcome is PaymentOutcome.SUCCEEDED
    assert await stage.payments.save_method(command) == saved
    made = [
        intent
        for intent in stage.stand_in.view.objects("setup_intent")
        if intent["metadata"]["delivery_id"] == path.delivery_id
    ]
    assert len(made) == 1
    charge = await charge_away(path, saved.saved_method)
    assert (await stage.payments.hold_funds(charge)).outcome is PaymentOutcome.SUCCEEDED
    assert stage.moved(path).captured == PRICE.amount_minor
    await require_sound(path)


async def test_a_customer_who_was_away_pays_at_stripe_after_coming_back(
    path: MoneyPath, stage: AtStripe
) -> None:
    command = await save(path, "pm_card_authenticationRequired")
    assert (await stage.payments.save_method(command)).outcome is PaymentOutcome.REQUIRES_ACTION
    row = await path.row(command.intent.operation_id)
    stage.stand_in.world.authenticate(row.provider_id)
    saved = await stage.payments.save_method(command)
    charge = await charge_away(path, saved.saved_method)
    for _ in range(2):
        asked = await stage.payments.hold_funds(charge)
        assert asked == MoneyMoved(PaymentOutcome.REQUIRES_ACTION, "authentication_required")
    row = await path.row(charge.intent.operation_id)
    stage.stand_in.world.authenticate(row.provider_id)
    assert (await stage.payments.hold_funds(charge)).outcome is PaymentOutcome.SUCCEEDED
    await require_sound(path)
