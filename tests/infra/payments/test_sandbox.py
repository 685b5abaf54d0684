"""The sandbox provider's own features: scripted gaps, its read API and its unreachable books."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.payment_ports import (
    Operation,
    OutcomeUnknown,
    ProviderAnswer,
    ProviderRefused,
    ProviderUnavailable,
)
from domain.money import Money
from domain.transitions import OperationKind, PaymentOutcome
from infra.database.engine import create_engine
from infra.payments.sandbox import SandboxProvider
from infra.payments.sandbox_books import SandboxObject
from tests.infra.payments.conformance.contract import (
    CHARGED,
    PART,
    charge_of,
    drawing,
    new_delivery,
)
from tests.waiting import until


@pytest.fixture
def sandbox(engine: AsyncEngine) -> SandboxProvider:
    return SandboxProvider(engine)


async def found(sandbox: SandboxProvider, operation: Operation) -> ProviderAnswer:
    """Wait until an operation is in the books."""

    async def is_there() -> bool:
        return await sandbox.find(operation) is not None

    await until(is_there)
    answer = await sandbox.find(operation)
    assert answer is not None
    return answer


async def test_a_hanging_charge_is_in_the_books_while_its_caller_waits(
    sandbox: SandboxProvider,
) -> None:
    charge, method = charge_of(new_delivery()), "pm_sandbox_hang_after_success"
    caller = asyncio.create_task(sandbox.charge(charge, CHARGED, method))
    answer = await found(sandbox, charge)
    assert not caller.done()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert await sandbox.charge(charge, CHARGED, method) == answer


async def test_a_hanging_transfer_answers_when_it_has_slept_enough(
    sandbox: SandboxProvider,
) -> None:
    charge = charge_of(new_delivery())
    await sandbox.charge(charge, CHARGED, "pm_sandbox_ok")
    account, transfer = (
        "acct_sandbox_slow_hang_after_success_0",
        drawing(OperationKind.TRANSFER, charge),
    )
    answer = await sandbox.transfer(transfer, PART, account)
    assert await sandbox.find(transfer) == answer


async def test_it_is_unavailable_as_often_as_the_token_says(sandbox: SandboxProvider) -> None:
    charge = charge_of(new_delivery())
    for _ in range(3):
        with pytest.raises(ProviderUnavailable):
            await sandbox.charge(charge, CHARGED, "pm_sandbox_unavailable_3")
    answer = await sandbox.charge(charge, CHARGED, "pm_sandbox_unavailable_3")
    assert answer.outcome is PaymentOutcome.SUCCEEDED
    await sandbox.charge(charge_of(new_delivery()), CHARGED, "pm_sandbox_unavailable_0")


async def test_its_books_show_one_delivery_in_the_order_of_events(
    sandbox: SandboxProvider,
) -> None:
    delivery = new_delivery()
    account = f"acct_sandbox_{delivery}"
    source = charge_of(delivery, 1)
    await sandbox.charge(charge_of(delivery), CHARGED, "pm_sandbox_declined")
    await sandbox.charge(source, CHARGED, "pm_sandbox_ok")
    await sandbox.refund(drawing(OperationKind.REFUND, source), CHARGED - PART)
    await sandbox.transfer(drawing(OperationKind.TRANSFER, source), PART, account)
    assert await sandbox.balance(account, "EUR") == PART
    await sandbox.pay_out(Operation(OperationKind.PAYOUT, f"{delivery}:payout"), PART, account)
    assert await sandbox.balance(account, "EUR") == Money(0, "EUR")
    declined, charge, refund, transfer, payout = await sandbox.objects(delivery)
    assert (declined.outcome, declined.detail) == (PaymentOutcome.DECLINED, "card_declined")
    assert charge == SandboxObject(
        f"{delivery}:charge:1",
        OperationKind.CHARGE,
        PaymentOutcome.SUCCEEDED,
        "",
        charge.provider_id,
        "",
        CHARGED.amount_minor,
        "EUR",
        refunded_minor=(CHARGED - PART).amount_minor,
        transferred_minor=PART.amount_minor,
    )
    assert [entry.kind for entry in (refund, transfer, payout)] == ["refund", "transfer", "payout"]
    assert (refund.charge_id, transfer.charge_id, payout.charge_id) == (
        charge.operation_id,
        charge.operation_id,
        "",
    )


async def test_a_prefix_is_not_a_pattern(sandbox: SandboxProvider) -> None:
    await sandbox.charge(charge_of(new_delivery()), CHARGED, "pm_sandbox_ok")
    assert await sandbox.objects("%") == ()


async def test_only_an_unsettled_charge_can_be_moved_on(sandbox: SandboxProvider) -> None:
    delivery = new_delivery()
    await sandbox.charge(charge_of(delivery), CHARGED, "pm_sandbox_ok")
    await sandbox.charge(charge_of(delivery, 1), CHARGED, "pm_sandbox_pending")
    for move, number in ((sandbox.approve, 0), (sandbox.settle, 0), (sandbox.approve, 1)):
        with pytest.raises(ProviderRefused):
            await move(f"{delivery}:charge:{number}")
    with pytest.raises(ProviderRefused):
        await sandbox.reject(f"{delivery}:charge:2")


async def test_the_database_itself_refuses_an_overdrawn_charge(
    sandbox: SandboxProvider, engine: AsyncEngine
) -> None:
    charge = charge_of(new_delivery())
    await sandbox.charge(charge, CHARGED, "pm_sandbox_ok")
    async with engine.connect() as connection:
        with pytest.raises(IntegrityError):
            await connection.execute(
                text("UPDATE sandbox_charge SET refunded_minor = 4201 WHERE operation_id = :id"),
                {"id": charge.operation_id},
            )


async def test_books_out_of_reach_make_the_provider_unavailable() -> None:
    nowhere = create_engine("postgresql://postgres@127.0.0.1:1/nowhere")
    with pytest.raises(ProviderUnavailable):
        await SandboxProvider(nowhere).charge(charge_of("never"), CHARGED, "pm_sandbox_ok")
    await nowhere.dispose()


@pytest.fixture
async def lost_at_commit(engine: AsyncEngine) -> AsyncIterator[Operation]:
    """An operation whose commit ends its own connection, as a failing server would."""
    operation = charge_of(new_delivery())
    statements = (
        """CREATE FUNCTION lose_connection() RETURNS trigger LANGUAGE plpgsql AS $$
           BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$""",
        f"""CREATE CONSTRAINT TRIGGER lose_connection AFTER INSERT ON sandbox_operation
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
            WHEN (NEW.operation_id = '{operation.operation_id}') EXECUTE FUNCTION lose_connection()""",
    )
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    yield operation
    async with engine.begin() as connection:
        await connection.execute(text("DROP FUNCTION lose_connection CASCADE"))


async def test_a_connection_lost_in_the_commit_leaves_the_outcome_unknown(
    database_url: str, lost_at_commit: Operation
) -> None:
    lossy = create_engine(database_url)
    with pytest.raises(OutcomeUnknown):
        await SandboxProvider(lossy).charge(lost_at_commit, CHARGED, "pm_sandbox_ok")
    assert await SandboxProvider(lossy).find(lost_at_commit) is None
    await lossy.dispose()
