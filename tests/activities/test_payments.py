"""Every payment activity: one effect and a balanced ledger, whenever it is interrupted."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

import pytest
from temporalio.exceptions import ApplicationError

from activities.payment_errors import (
    OUTCOME_UNKNOWN,
    PROVIDER_REFUSED,
    PROVIDER_UNAVAILABLE,
)
from activities.payment_ports import Operation, ProviderAnswer
from activities.payments import PaymentActivities
from domain.ledger import AccountKind
from domain.status import DeliveryStatus, EscrowStatus
from domain.transitions import MoneyCommand, MoneyMoved, OperationKind, PaymentOutcome
from infra.database.operations import DatabaseOperations
from tests.activities.conftest import MakePath
from tests.activities.money_path import FEE, PRICE, SHARE, MoneyPath, Moved

SUCCEEDED = MoneyMoved(PaymentOutcome.SUCCEEDED)
CHARGE, REFUND, RELEASE, PAYOUT = (
    ("charge", PRICE.amount_minor),
    ("refund", PRICE.amount_minor),
    ("release", SHARE.amount_minor),
    ("payout", SHARE.amount_minor),
)


@dataclass
class Step:
    """One activity with everything before it done."""

    path: MoneyPath
    run: Callable[[MoneyCommand], Awaitable[MoneyMoved]]
    command: MoneyCommand
    ask: Callable[[], Awaitable[ProviderAnswer]]
    """Asks the provider as the activity would, and books nothing."""


@dataclass(frozen=True)
class Expected:
    """What an activity leaves behind."""

    moved: Moved
    status: DeliveryStatus
    balances: dict[AccountKind, int]


EXPECTED = {
    OperationKind.CHARGE: Expected(
        Counter([CHARGE]),
        DeliveryStatus.AWAITING_PICKUP,
        {AccountKind.PROVIDER_CASH: 4_200, AccountKind.ESCROW: 4_200},
    ),
    OperationKind.VOID: Expected(Counter([CHARGE, REFUND]), DeliveryStatus.PAYMENT_DUE, {}),
    OperationKind.REFUND: Expected(Counter([CHARGE, REFUND]), DeliveryStatus.CANCELLED, {}),
    OperationKind.TRANSFER: Expected(
        Counter([CHARGE, RELEASE]),
        DeliveryStatus.PAYING_OUT,
        {
            AccountKind.PROVIDER_CASH: 4_200,
            AccountKind.TRAVELER_PAYABLE: 3_780,
            AccountKind.FEE_REVENUE: 420,
        },
    ),
    OperationKind.PAYOUT: Expected(
        Counter([CHARGE, RELEASE, PAYOUT]),
        DeliveryStatus.COMPLETED,
        {AccountKind.PROVIDER_CASH: FEE.amount_minor, AccountKind.FEE_REVENUE: FEE.amount_minor},
    ),
}
every_step = pytest.mark.parametrize("kind", list(EXPECTED))


async def prepare(
    kind: OperationKind, path: MoneyPath, payments: PaymentActivities, script: str = ""
) -> Step:
    """Do what comes before an activity; the script is played by its own call only."""
    provider, method = (
        path.provider,
        f"pm_sandbox_ok_refund_{script}" if script else "pm_sandbox_ok",
    )
    if kind is OperationKind.CHARGE:
        command = await path.hold(f"pm_sandbox_{script or 'ok'}")
        ask = partial(provider.charge, path.charge, PRICE, command.intent.method)
        return Step(path, payments.hold_funds, command, ask)
    hold = await path.hold(method)
    if kind is OperationKind.VOID:
        await provider.charge(path.charge, PRICE, method)
        command = await path.void()
        ask = partial(provider.void, path.operation(command.intent))
        return Step(path, payments.void_hold, command, ask)
    await payments.hold_funds(hold)
    if kind is OperationKind.REFUND:
        command = await path.refund()
        ask = partial(provider.refund, path.operation(command.intent), PRICE)
        return Step(path, payments.refund_funds, command, ask)
    return await _prepare_release(kind, path, payments, script)


async def _prepare_release(
    kind: OperationKind, path: MoneyPath, payments: PaymentActivities, script: str
) -> Step:
    is_payout = kind is OperationKind.PAYOUT
    account = f"acct_sandbox_{path.traveler_id}"
    if script:
        account += f"_payout_{script}" if is_payout else f"_{script}"
    command = await path.release(account)
    if not is_payout:
        ask = partial(path.provider.transfer, path.operation(command.intent), SHARE, account)
        return Step(path, payments.release_funds, command, ask)
    await payments.release_funds(command)
    command = path.pay_out(account)
    ask = partial(path.provider.pay_out, path.operation(command.intent), SHARE, account)
    return Step(path, payments.pay_out, command, ask)


async def require_done_once(step: Step, kind: OperationKind) -> None:
    expected, path = EXPECTED[kind], step.path
    assert await path.require_in_step() == expected.moved
    assert await path.status() is expected.status
    assert await path.balances() == expected.balances
    answer = await path.provider.find(path.operation(step.command.intent))
    assert answer is not None
    operation = await path.row(step.command.intent.operation_id)
    assert (operation.state, operation.provider_id) == ("succeeded", answer.provider_id)


@every_step
async def test_it_moves_the_money_and_books_it(
    path: MoneyPath, payments: PaymentActivities, kind: OperationKind
) -> None:
    step = await prepare(kind, path, payments)
    assert await step.run(step.command) == SUCCEEDED
    await require_done_once(step, kind)


@every_step
async def test_running_it_again_changes_nothing(
    path: MoneyPath, payments: PaymentActivities, kind: OperationKind
) -> None:
    step = await prepare(kind, path, payments)
    for _ in range(3):
        assert await step.run(step.command) == SUCCEEDED
    await require_done_once(step, kind)


@every_step
async def test_running_it_several_times_at_once_changes_nothing(
    path: MoneyPath, payments: PaymentActivities, kind: OperationKind
) -> None:
    step = await prepare(kind, path, payments)
    results = await asyncio.gather(*(step.run(step.command) for _ in range(4)))
    assert results == [SUCCEEDED] * 4
    await require_done_once(step, kind)


@every_step
async def test_a_crash_before_the_call_is_made_good(
    path: MoneyPath,
    payments: PaymentActivities,
    operations: DatabaseOperations,
    kind: OperationKind,
) -> None:
    step = await prepare(kind, path, payments)
    await operations.mark_sent(step.command.intent)
    assert await step.run(step.command) == SUCCEEDED
    await require_done_once(step, kind)


@every_step
async def test_a_crash_between_the_call_and_the_booking_is_made_good(
    path: MoneyPath,
    payments: PaymentActivities,
    operations: DatabaseOperations,
    kind: OperationKind,
) -> None:
    step = await prepare(kind, path, payments)
    await operations.mark_sent(step.command.intent)
    await step.ask()
    assert await step.run(step.command) == SUCCEEDED
    await require_done_once(step, kind)


@every_step
async def test_a_lost_answer_is_tried_again_and_adopted(
    path: MoneyPath, payments: PaymentActivities, kind: OperationKind
) -> None:
    step = await prepare(kind, path, payments, "timeout_after_success")
    with pytest.raises(ApplicationError) as unknown:
        await step.run(step.command)
    assert (unknown.value.type, unknown.value.non_retryable) == (OUTCOME_UNKNOWN, False)
    assert await step.run(step.command) == SUCCEEDED
    await require_done_once(step, kind)


@every_step
async def test_an_unavailable_provider_is_tried_again(
    path: MoneyPath, payments: PaymentActivities, kind: OperationKind
) -> None:
    step = await prepare(kind, path, payments, "unavailable_2")
    for _ in range(2):
        with pytest.raises(ApplicationError) as away:
            await step.run(step.command)
        assert (away.value.type, away.value.non_retryable) == (PROVIDER_UNAVAILABLE, False)
    assert await step.run(step.command) == SUCCEEDED
    await require_done_once(step, kind)


@every_step
async def test_a_refusal_is_final_and_names_no_token(
    path: MoneyPath, payments: PaymentActivities, kind: OperationKind
) -> None:
    step = await prepare(kind, path, payments, "refused")
    before = await path.moved_at_provider()
    with pytest.raises(ApplicationError) as refused:
        await step.run(step.command)
    assert (refused.value.type, refused.value.non_retryable) == (PROVIDER_REFUSED, True)
    assert "sandbox_" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert await path.moved_at_provider() == before
    assert (await path.row(step.command.intent.operation_id)).state == "sent"


@every_step
async def test_what_was_done_by_hand_is_booked_without_asking_the_provider(
    path: MoneyPath, payments: PaymentActivities, kind: OperationKind
) -> None:
    step = await prepare(kind, path, payments, "refused")
    before = await path.moved_at_provider()
    reference = f"by-hand-{path.delivery_id}"
    by_hand = replace(step.command, done_by_hand=reference)
    assert await step.run(by_hand) == SUCCEEDED
    assert await path.moved_at_provider() == before
    operation = await path.row(step.command.intent.operation_id)
    assert (operation.state, operation.provider_id) == ("succeeded", reference)
    assert await path.status() is EXPECTED[kind].status
    assert await path.balances() == EXPECTED[kind].balances


async def test_one_object_of_the_provider_cannot_settle_two_operations(
    make_path: MakePath, payments: PaymentActivities
) -> None:
    first, second = await make_path(), await make_path()
    reference = f"by-hand-{first.delivery_id}"
    await payments.hold_funds(replace(await first.hold(), done_by_hand=reference))
    with pytest.raises(ApplicationError) as conflict:
        await payments.hold_funds(replace(await second.hold(), done_by_hand=reference))
    assert (conflict.value.type, conflict.value.non_retryable) == ("escrow_conflict", True)
    assert await second.balances() == {}


@every_step
async def test_an_intent_that_was_never_recorded_is_not_carried_out(
    path: MoneyPath, payments: PaymentActivities, kind: OperationKind
) -> None:
    step = await prepare(kind, path, payments)
    unknown = replace(step.command.intent, operation_id=f"{path.delivery_id}:unheard-of")
    other = replace(step.command.intent, amount=PRICE + PRICE)
    for intent in (unknown, other):
        with pytest.raises(ApplicationError) as refused:
            await step.run(replace(step.command, intent=intent))
        assert (refused.value.type, refused.value.non_retryable) == ("escrow_conflict", True)
    assert await path.provider.find(Operation(kind, unknown.operation_id)) is None
    assert await step.run(step.command) == SUCCEEDED
    await require_done_once(step, kind)


async def test_the_fee_is_earned_at_release_and_not_before(
    path: MoneyPath, payments: PaymentActivities
) -> None:
    await payments.hold_funds(await path.hold())
    assert AccountKind.FEE_REVENUE not in await path.balances()
    assert await path.escrow() is EscrowStatus.HELD
    await payments.release_funds(await path.release("acct_sandbox_fee"))
    assert (await path.balances())[AccountKind.FEE_REVENUE] == FEE.amount_minor
    assert await path.escrow() is EscrowStatus.RELEASED
