"""Checks invariants I1 to I8 over the whole database or one delivery, and names what breaks them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.ids import DeliveryId
from infra.database.audit import AUDIT_CHECKS
from infra.database.chargeback_checks import CHARGEBACK_CHECKS
from infra.database.checks import Check, of_delivery
from infra.database.custody_checks import CUSTODY_CHECKS
from infra.database.money_checks import MONEY_CHECKS

CHECK_MS_MAX = 10 * 60 * 1_000
"""A check reads every row there is; nobody waits behind it."""

INVARIANTS: dict[str, str] = {
    "I1": "debits equal credits, and balances are the sums of their entries",
    "I2": "no more leaves than was captured, and a closed delivery holds nothing",
    "I3": "a held payment has at most one outcome",
    "I4": "each provider object belongs to exactly one booked operation",
    "I5": "no money leaves before a handover, a verdict or an approved override",
    "I6": "a handover code is accepted at most once",
    "I7": "every state change has one event, and the chain verifies",
    "I8": "no step of a provider is overdue without an alert",
}
"""What each invariant says, in the words of the report."""


_DELIVERIES = text(f"SELECT count(*) FROM delivery WHERE {of_delivery('delivery_id')}")  # noqa: S608 -- It is made of constants only.


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that breaks an invariant."""

    invariant: str
    """For example `I1`."""
    delivery_id: DeliveryId | None
    """The delivery; none for an account that belongs to no delivery."""
    subject: str
    """What is wrong, for example `event 3` or `account escrow:<id>:EUR`."""
    problem: str
    """What is wrong with it."""

    def __str__(self) -> str:
        """Return one line for people."""
        delivery = f"delivery {self.delivery_id}: " if self.delivery_id else ""
        return f"{self.invariant} broken: {delivery}{self.subject}: {self.problem}"


@dataclass(frozen=True, slots=True)
class InvariantReport:
    """What a check found."""

    deliveries: int
    """Deliveries that were looked at."""
    violations: tuple[Violation, ...]

    def __str__(self) -> str:
        """Return a line per invariant and per violation, for people."""
        broken = {violation.invariant for violation in self.violations}
        lines = [
            f"{name} {'BROKEN' if name in broken else 'holds'}: {meaning}"
            for name, meaning in INVARIANTS.items()
        ]
        lines += [str(violation) for violation in self.violations]
        return "\n".join([f"{self.deliveries} deliveries checked", *lines])


async def check_invariants(
    engine: AsyncEngine, delivery_id: DeliveryId | None = None
) -> InvariantReport:
    """Check one delivery or, by default, everything, on one consistent view of the database."""
    async with engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="REPEATABLE READ")
        await connection.execute(text("SET TRANSACTION READ ONLY"))
        await connection.execute(text(f"SET LOCAL statement_timeout = {CHECK_MS_MAX}"))
        found: list[Violation] = []
        for check in (*MONEY_CHECKS, *CHARGEBACK_CHECKS, *CUSTODY_CHECKS, *AUDIT_CHECKS):
            found += await _violations(connection, check, delivery_id)
        deliveries = await connection.scalar(_DELIVERIES, {"only": delivery_id})
    found.sort(key=lambda violation: violation.invariant)
    return InvariantReport(int(deliveries or 0), tuple(found))


async def _violations(
    connection: AsyncConnection, check: Check, delivery_id: DeliveryId | None
) -> list[Violation]:
    if check.needs_table and not await _exists(connection, check.needs_table):
        return []
    rows = await connection.execute(text(check.sql), {"only": delivery_id, **check.values})
    return [Violation(check.invariant, row.delivery_id, row.subject, row.problem) for row in rows]


async def _exists(connection: AsyncConnection, table: str) -> bool:
    return await connection.scalar(text("SELECT to_regclass(:name)"), {"name": table}) is not None
