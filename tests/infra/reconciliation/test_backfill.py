"""What moved before the sandbox had a statement is told as the statement would have told it."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.payment_ports import Operation
from domain.transitions import OperationKind
from infra.database.migrations import SQL_FOLDER
from infra.payments.sandbox import SandboxProvider
from tests.infra.payments.conformance.contract import CENT, CHARGED, PART, charge_of, drawing

ACCOUNT = "acct_sandbox_t"
LINES = text("""
SELECT operation_id, kind, source_id, amount_minor, currency, of_traveler FROM sandbox_line
ORDER BY operation_id
""")


async def test_old_movements_get_the_lines_that_new_ones_write(books: AsyncEngine) -> None:
    await move_everything(SandboxProvider(books))
    backfill = (SQL_FOLDER / "0008_sandbox_statement.sql").read_text("utf-8")
    backfill = backfill.partition("-- What moved before")[2].partition("\n")[2]
    async with books.begin() as connection:
        written = (await connection.execute(LINES)).all()
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(text("DELETE FROM sandbox_line"))
        await connection.exec_driver_sql(backfill)
        assert (await connection.execute(LINES)).all() == written
    assert len(written) == 10


async def move_everything(provider: SandboxProvider) -> None:
    """Move money in every way there is, and in some that move none."""
    charge, hold = charge_of("a"), Operation(OperationKind.AUTHORISE, "b:authorise")
    await provider.charge(charge, CHARGED, "pm_sandbox_ok")
    await provider.refund(drawing(OperationKind.REFUND, charge), CENT)
    transfer = drawing(OperationKind.TRANSFER, charge)
    await provider.transfer(transfer, PART, ACCOUNT)
    await provider.reverse(drawing(OperationKind.REVERSAL, transfer), CENT)
    await provider.pay_out(Operation(OperationKind.PAYOUT, "a:payout"), CENT, ACCOUNT)
    await provider.authorise(hold, CHARGED, "pm_sandbox_ok")
    await provider.capture(drawing(OperationKind.CAPTURE, hold), PART)
    voided = charge_of("c")
    await provider.charge(voided, CHARGED, "pm_sandbox_ok")
    await provider.void(drawing(OperationKind.VOID, voided))
    await provider.charge(charge_of("d"), CHARGED, "pm_sandbox_declined")
    await provider.void(drawing(OperationKind.VOID, charge_of("d")))
    await provider.void(drawing(OperationKind.VOID, charge_of("e")))
    pending = charge_of("f")
    await provider.charge(pending, CHARGED, "pm_sandbox_ok_refund_pending")
    await provider.refund(drawing(OperationKind.REFUND, pending), CENT)
