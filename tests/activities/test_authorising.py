"""Money that a bank sets aside first and that is taken later, at the sandbox and at Stripe."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from temporalio.exceptions import ApplicationError

from activities.payment_ports import AUTHORISATION_ENDED
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
from infra.database.operations import DatabaseOperations
from tests.activities.at_stripe import OK, PAYMENT, AtStripe, at_stripe, require_sound
from tests.activities.money_path import PRICE, MoneyPath
from tests.stripe_stand_in import Fault

SUCCEEDED = MoneyMoved(PaymentOutcome.SUCCEEDED)
TOO_LATE = MoneyMoved(PaymentOutcome.DECLINED, AUTHORISATION_ENDED)
CAPTURE = "POST /v1/payment_intents/{intent}/capture"


@pytest.fixture(scope="module")
async def stage(operations: DatabaseOperations) -> AsyncIterator[AtStripe]:
    async with at_stripe(operations) as stage:
        yield stage


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
    noted = path.transition(EventKind.PAYMENT_UNSETTLED, "authorised", standing)
    return replace(hold, intent=intent, on_success=noted)


async def capture(path: MoneyPath, authorisation: PaymentIntent) -> MoneyCommand:
    """Record the intent to take it and return the command."""
    intent = PaymentIntent(
        f"{path.delivery_id}:capture",
        OperationKind.CAPTURE,
        PRICE,
        source_operation_id=authorisation.operation_id,
    )
    standing = path.at(DeliveryStatus.ACCEPTED, EscrowStatus.HOLDING)
    await path.record(EventKind.PAYMENT_METHOD_GIVEN, "capturing", standing, intent)
    held = path.at(DeliveryStatus.AWAITING_PICKUP, EscrowStatus.HELD)
    due = path.at(DeliveryStatus.PAYMENT_DUE, EscrowStatus.NONE)
    return MoneyCommand(
        path.delivery_id,
        intent,
        path.transition(EventKind.PAYMENT_HELD, "payment_held", held),
        path.transition(EventKind.PAYMENT_DECLINED, "payment_declined", due),
    )


async def void(path: MoneyPath, authorisation: PaymentIntent) -> MoneyCommand:
    """Record the intent to give it up and return the command."""
    intent = PaymentIntent(
        f"{path.delivery_id}:void:0",
        OperationKind.VOID,
        PRICE,
        source_operation_id=authorisation.operation_id,
    )
    standing = path.at(DeliveryStatus.ACCEPTED, EscrowStatus.HOLDING)
    await path.record(EventKind.PAYMENT_VOID_STARTED, "void_started", standing, intent)
    due = path.at(DeliveryStatus.PAYMENT_DUE, EscrowStatus.NONE)
    voided = path.transition(EventKind.PAYMENT_VOIDED, "voided", due)
    return MoneyCommand(path.delivery_id, intent, voided)


async def test_authorised_money_is_noted_and_booked_as_held_once_it_is_captured(
    path: MoneyPath, payments: PaymentActivities
) -> None:
    command = await authorise(path)
    for _ in range(2):
        authorised = await payments.authorise_funds(command)
        assert authorised.outcome is PaymentOutcome.SUCCEEDED
        assert authorised.capture_before is not None
        assert authorised.capture_before > datetime.now(UTC)
    noted = await path.balances()
    assert noted[AccountKind.MEMO_AUTHORISED] == PRICE.amount_minor
    assert AccountKind.ESCROW not in noted
    taking = await capture(path, command.intent)
    for _ in range(2):
        assert await payments.capture_funds(taking) == SUCCEEDED
    held = await path.balances()
    assert held[AccountKind.ESCROW] == PRICE.amount_minor
    assert AccountKind.MEMO_AUTHORISED not in held
    await require_sound(path)


async def test_a_bank_that_sets_nothing_aside_is_an_answer(
    path: MoneyPath, payments: PaymentActivities
) -> None:
    command = await authorise(path, "pm_sandbox_declined_expired_card")
    for _ in range(2):
        declined = await payments.authorise_funds(command)
        assert declined == MoneyMoved(PaymentOutcome.DECLINED, "expired_card")
    assert await path.balances() == {}


async def test_a_capture_that_comes_too_late_is_an_answer_and_leaves_nothing_noted(
    path: MoneyPath, payments: PaymentActivities
) -> None:
    command = await authorise(path)
    await payments.authorise_funds(command)
    await path.provider.lapse(command.intent.operation_id)
    taking = await capture(path, command.intent)
    for _ in range(2):
        assert await payments.capture_funds(taking) == TOO_LATE
    assert await path.balances() == {}
    assert await path.status() is DeliveryStatus.PAYMENT_DUE
    await require_sound(path)


@pytest.mark.parametrize("was_answered", [True, False])
async def test_a_void_strikes_out_what_was_authorised(
    path: MoneyPath,
    payments: PaymentActivities,
    operations: DatabaseOperations,
    was_answered: bool,
) -> None:
    command = await authorise(path)
    if was_answered:
        await payments.authorise_funds(command)
    else:
        sent = await operations.mark_sent(command.intent)
        await path.provider.authorise(sent.operation, PRICE, command.intent.method)
    ending = await void(path, command.intent)
    for _ in range(2):
        assert await payments.void_hold(ending) == SUCCEEDED
    assert await path.balances() == {}
    await require_sound(path)
    with pytest.raises(ApplicationError) as late:
        await payments.capture_funds(await capture(path, command.intent))
    assert late.value.type == "escrow_conflict"


async def test_a_capture_whose_answer_was_lost_is_booked_with_its_refund_by_the_void(
    path: MoneyPath, payments: PaymentActivities, operations: DatabaseOperations
) -> None:
    command = await authorise(path)
    await payments.authorise_funds(command)
    taking = await capture(path, command.intent)
    sent = await operations.mark_sent(taking.intent)
    await path.provider.capture(sent.operation, PRICE)
    ending = await void(path, command.intent)
    for _ in range(2):
        assert await payments.void_hold(ending) == SUCCEEDED
    assert await path.balances() == {}
    await require_sound(path)
    with pytest.raises(ApplicationError) as late:
        await payments.capture_funds(taking)
    assert late.value.type == "escrow_conflict"
    assert await path.balances() == {}


async def test_what_expires_at_stripe_is_declined_and_what_is_captured_is_held(
    path: MoneyPath, stage: AtStripe
) -> None:
    command = await authorise(path, OK)
    authorised = await stage.payments.authorise_funds(command)
    assert authorised.capture_before is not None
    assert await stage.payments.authorise_funds(command) == authorised
    (charge,) = stage.moved(path).charges
    stage.stand_in.world.move_capture_before(charge["id"], stage.stand_in.clock.now())
    taking = await capture(path, command.intent)
    for _ in range(2):
        assert await stage.payments.capture_funds(taking) == TOO_LATE
    assert await path.balances() == {}
    await require_sound(path)


@pytest.mark.parametrize(
    ("route", "fault"),
    [
        (PAYMENT, Fault.DROP_AFTER),
        (CAPTURE, Fault.DROP_AFTER),
        (CAPTURE, Fault.CACHED_500_AFTER),
        (CAPTURE, Fault.CACHED_500),
    ],
)
async def test_a_void_at_stripe_ends_everything_that_was_authorised_or_captured(
    path: MoneyPath, stage: AtStripe, route: str, fault: Fault
) -> None:
    command = await authorise(path, OK)
    stage.stand_in.faults.put(route, fault)
    if route == PAYMENT:
        with pytest.raises(ApplicationError):
            await stage.payments.authorise_funds(command)
    else:
        await stage.payments.authorise_funds(command)
        with pytest.raises(ApplicationError):
            await stage.payments.capture_funds(await capture(path, command.intent))
    assert await stage.payments.void_hold(await void(path, command.intent)) == SUCCEEDED
    moved = stage.moved(path)
    assert moved.captured == moved.refunded
    left = await path.balances()
    assert left.get(AccountKind.PROVIDER_FEE_EXPENSE, 0) == moved.fees
    assert AccountKind.ESCROW not in left
    assert AccountKind.MEMO_AUTHORISED not in left
    await require_sound(path)


async def test_nobodys_word_brings_back_what_the_bank_has_let_go(
    path: MoneyPath, payments: PaymentActivities, operations: DatabaseOperations
) -> None:
    command = await authorise(path)
    await payments.authorise_funds(command)
    taking = await capture(path, command.intent)
    await operations.mark_sent(taking.intent)
    await path.provider.lapse(command.intent.operation_id)
    assert await payments.capture_funds(replace(taking, done_by_hand="ch_by_hand")) == TOO_LATE
    assert await path.balances() == {}
    await require_sound(path)


async def test_what_was_given_up_by_hand_is_struck_out_too(
    path: MoneyPath, payments: PaymentActivities
) -> None:
    command = await authorise(path)
    await payments.authorise_funds(command)
    ending = replace(await void(path, command.intent), done_by_hand="gone")
    with pytest.raises(ApplicationError, match="still in force"):
        await payments.void_hold(ending)
    await path.provider.lapse(command.intent.operation_id)
    assert await payments.void_hold(ending) == SUCCEEDED
    assert await path.balances() == {}
