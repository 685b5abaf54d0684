"""Charges that do not simply succeed: declines, unsettled charges, voids and late arrivals."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from temporalio.exceptions import ApplicationError

from activities.payment_errors import OUTCOME_UNKNOWN, PROVIDER_REFUSED
from activities.payment_ports import Operation, ProviderAnswer, ProviderRefused
from activities.payments import PaymentActivities
from domain.errors import Refusal, RefusalCode
from domain.ledger import charge_booking
from domain.money import Money
from domain.status import DeliveryStatus, EscrowStatus
from domain.transitions import MoneyMoved, PaymentOutcome
from infra.database.operations import DatabaseOperations
from infra.payments.sandbox import SandboxProvider
from tests.activities.money_path import PRICE, MoneyPath

SUCCEEDED = MoneyMoved(PaymentOutcome.SUCCEEDED)
CHARGED = ("charge", PRICE.amount_minor)
REFUNDED = ("refund", PRICE.amount_minor)


async def state(path: MoneyPath) -> str:
    return str((await path.row(path.charge_id)).state)


async def test_a_decline_is_a_result_and_leaves_the_way_open_for_another_method(
    path: MoneyPath, payments: PaymentActivities
) -> None:
    command = await path.hold("pm_sandbox_declined_expired_card")
    for _ in range(2):
        declined = await payments.hold_funds(command)
        assert declined == MoneyMoved(PaymentOutcome.DECLINED, "expired_card")
    assert await state(path) == "failed"
    assert await path.status() is DeliveryStatus.PAYMENT_DUE
    path.attempt = 1
    assert await payments.hold_funds(await path.hold()) == SUCCEEDED
    assert await path.require_in_step() == Counter([CHARGED])


async def test_a_decline_without_a_transition_of_its_own_moves_nothing(
    path: MoneyPath, payments: PaymentActivities
) -> None:
    command = replace(await path.hold("pm_sandbox_declined"), on_refusal=None)
    declined = await payments.hold_funds(command)
    assert declined == MoneyMoved(PaymentOutcome.DECLINED, "card_declined")
    assert (await path.status(), await path.escrow()) == (
        DeliveryStatus.ACCEPTED,
        EscrowStatus.HOLDING,
    )


@pytest.mark.parametrize(
    ("method", "outcome"),
    [
        ("pm_sandbox_requires_action", PaymentOutcome.REQUIRES_ACTION),
        ("pm_sandbox_pending", PaymentOutcome.PENDING),
    ],
)
async def test_an_unsettled_charge_is_read_again_until_it_settles(
    path: MoneyPath, payments: PaymentActivities, method: str, outcome: PaymentOutcome
) -> None:
    command = await path.hold(method)
    for _ in range(2):
        assert (await payments.hold_funds(command)).outcome is outcome
    assert await state(path) == "sent"
    assert await path.status() is DeliveryStatus.PAYMENT_DUE
    assert await path.require_in_step() == Counter()
    is_pending = outcome is PaymentOutcome.PENDING
    await (path.provider.settle if is_pending else path.provider.approve)(path.charge_id)
    assert await payments.hold_funds(command) == SUCCEEDED
    assert await path.status() is DeliveryStatus.AWAITING_PICKUP
    assert await path.require_in_step() == Counter([CHARGED])


async def test_an_unsettled_charge_may_be_turned_down_in_the_end(
    path: MoneyPath, payments: PaymentActivities
) -> None:
    command = await path.hold("pm_sandbox_pending")
    await payments.hold_funds(command)
    await path.provider.reject(path.charge_id, "insufficient_funds")
    declined = await payments.hold_funds(command)
    assert declined == MoneyMoved(PaymentOutcome.DECLINED, "insufficient_funds")
    assert await state(path) == "failed"


@pytest.mark.parametrize(
    ("method", "moved"),
    [
        (None, Counter()),
        ("pm_sandbox_declined", Counter()),
        ("pm_sandbox_pending", Counter()),
        ("pm_sandbox_requires_action", Counter()),
        ("pm_sandbox_ok", Counter([CHARGED, REFUNDED])),
    ],
)
async def test_a_void_ends_a_charge_whatever_became_of_it(
    path: MoneyPath,
    payments: PaymentActivities,
    operations: DatabaseOperations,
    method: str | None,
    moved: Counter[tuple[str, int]],
) -> None:
    hold = await path.hold(method or "pm_sandbox_ok")
    await operations.mark_sent(hold.intent)
    if method is not None:
        await path.provider.charge(path.charge, PRICE, method)
    assert await payments.void_hold(await path.void()) == SUCCEEDED
    assert await path.require_in_step() == moved
    assert await path.balances() == {}
    assert await state(path) == "failed"
    assert (await path.status(), await path.escrow()) == (
        DeliveryStatus.PAYMENT_DUE,
        EscrowStatus.NONE,
    )


@pytest.mark.parametrize("is_done", [False, True])
async def test_a_hold_that_comes_after_its_void_asks_and_books_nothing(
    path: MoneyPath, payments: PaymentActivities, is_done: bool
) -> None:
    late = await path.hold()
    void = await path.void()
    if is_done:
        await payments.void_hold(void)
    with pytest.raises(ApplicationError) as conflict:
        await payments.hold_funds(late)
    assert (conflict.value.type, conflict.value.non_retryable) == ("escrow_conflict", True)
    await payments.void_hold(void)
    assert await path.require_in_step() == Counter()
    assert await path.escrow() is EscrowStatus.NONE


@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("outcome", list(PaymentOutcome))
async def test_an_answer_that_comes_after_the_void_books_nothing(
    path: MoneyPath,
    payments: PaymentActivities,
    operations: DatabaseOperations,
    is_done: bool,
    outcome: PaymentOutcome,
) -> None:
    late = await path.hold()
    await operations.mark_sent(late.intent)
    answer = await path.provider.charge(path.charge, PRICE, late.intent.method)
    void, charge = await path.void(), charge_booking(path.charge_id, path.delivery_id, PRICE)
    if is_done:
        await payments.void_hold(void)
        path.attempt = 1
        await path.hold()
    with pytest.raises(Refusal) as conflict:
        await operations.finish(
            late.intent, outcome, answer.provider_id, (charge,), late.on_success
        )
    assert conflict.value.code is RefusalCode.ESCROW_CONFLICT
    await payments.void_hold(void)
    assert await path.require_in_step() == Counter([CHARGED, REFUNDED])
    assert await path.escrow() is (EscrowStatus.HOLDING if is_done else EscrowStatus.NONE)


async def test_a_void_cannot_begin_once_the_payment_is_held(
    path: MoneyPath, payments: PaymentActivities
) -> None:
    await payments.hold_funds(await path.hold())
    with pytest.raises(Refusal) as conflict:
        await path.void()
    assert conflict.value.code is RefusalCode.ESCROW_CONFLICT
    assert await path.require_in_step() == Counter([CHARGED])


class Odd(SandboxProvider):
    """A provider whose refunds are not done at once, and which talks too much."""

    answer: ProviderAnswer | None = None

    async def refund(self, operation: Operation, amount: Money) -> ProviderAnswer:
        return self.answer or await super().refund(operation, amount)

    async def charge(
        self, operation: Operation, amount: Money, method: str, *, off_session: bool = False
    ) -> ProviderAnswer:
        if method == "pm_sandbox_refused":
            raise ProviderRefused(f"no such method: {method}")
        return await super().charge(operation, amount, method, off_session=off_session)


@pytest.fixture
def odd(path: MoneyPath) -> Odd:
    return Odd(path.engine)


async def test_a_refund_that_is_pending_is_read_again(
    path: MoneyPath, odd: Odd, operations: DatabaseOperations
) -> None:
    payments = PaymentActivities(odd, operations)
    await payments.hold_funds(await path.hold())
    command = await path.refund()
    odd.answer = ProviderAnswer(PaymentOutcome.PENDING, "re_pending")
    with pytest.raises(ApplicationError) as pending:
        await payments.refund_funds(command)
    assert (pending.value.type, pending.value.non_retryable) == (OUTCOME_UNKNOWN, False)
    odd.answer = None
    assert await payments.refund_funds(command) == SUCCEEDED
    assert await path.require_in_step() == Counter([CHARGED, REFUNDED])


async def test_a_refund_that_is_declined_is_final(
    path: MoneyPath, odd: Odd, operations: DatabaseOperations
) -> None:
    payments = PaymentActivities(odd, operations)
    await payments.hold_funds(await path.hold())
    odd.answer = ProviderAnswer(PaymentOutcome.DECLINED, "", "account_closed")
    with pytest.raises(ApplicationError, match="account_closed") as declined:
        await payments.refund_funds(await path.refund())
    assert (declined.value.type, declined.value.non_retryable) == (PROVIDER_REFUSED, True)


async def test_a_token_that_the_provider_repeats_does_not_travel_on(
    path: MoneyPath, odd: Odd, operations: DatabaseOperations
) -> None:
    payments = PaymentActivities(odd, operations)
    with pytest.raises(ApplicationError, match=r"no such method: \(token\)") as refused:
        await payments.hold_funds(await path.hold("pm_sandbox_refused"))
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
