"""One run: read the statement, compare it with the ledger, list what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from activities.reconciliation_ports import AnotherRunIsOn, ProviderStatement
from domain.attention import AttentionItem, AttentionKind
from domain.policies import ReconciliationPolicy
from domain.reconciliation.bookings import OF_TRAVELER
from domain.reconciliation.checks import (
    BrokenInvariant,
    item_of_broken,
    item_of_claim,
    item_of_held,
    item_of_stuck,
    unexplained,
)
from domain.reconciliation.differences import BalanceDiffers, Difference, deals_with, item_of
from domain.reconciliation.matching import Books, Matching, match_books
from domain.reconciliation.report import ReconciliationReport, StatementRead
from domain.transitions import OperationKind
from infra.database.invariants import CHECK_MS_MAX
from infra.reconciliation.checks import StandingTrouble, broken_invariants, standing_trouble
from infra.reconciliation.findings import Findings, counted, list_findings
from infra.reconciliation.matches import Matches, keep_matches
from infra.reconciliation.reading import KeptStatement
from infra.reconciliation.sides import Scope, both_sides, expected_balances, find_deliveries

CLOCK_SKEW = timedelta(minutes=5)
"""How far the provider's clock may be from ours."""

_LOCK = text("SELECT pg_try_advisory_lock(hashtext('reconciliation'))")
_UNLOCK = text("SELECT pg_advisory_unlock(hashtext('reconciliation'))")
_FINISH = text("""
UPDATE reconciliation_run SET finished_at = now(), matched = :matched, differences = :differences
WHERE run_id = :run_id
""")


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class _Compared:
    """What both sides came to, over all deliveries that were looked at."""

    matches: Matches = field(default_factory=Matches)
    differences: list[Difference] = field(default_factory=list)
    excess: Counter[str] = field(default_factory=Counter)
    """By how much the known lines exceed the bookings that should account for them, by currency."""
    expected: dict[str, int] = field(default_factory=dict)
    trouble: StandingTrouble = field(default_factory=lambda: StandingTrouble((), ()))
    told: set[str] = field(default_factory=set)
    """Ids that are dealt with already: what is said about them elsewhere is not said again."""
    waiting: int = 0

    def add(self, books: Books, matching: Matching) -> None:
        self.matches.add(books, matching)
        self.differences += matching.differences
        self.waiting += len(matching.waiting_movements) + len(matching.waiting_booked)
        for line in books.lines:
            if not line.of_traveler:
                self.excess[line.amount.currency] += line.net.amount_minor
        for booked in books.booked:
            if booked.kind not in OF_TRAVELER:
                self.excess[booked.change.currency] -= booked.change.amount_minor
        self.told |= {name for each in matching.differences for name in deals_with(each)}
        self.told |= {each.line.operation_id for each in matching.waiting_movements}
        self.told |= {each.line.source_id for each in matching.waiting_movements}
        self.told |= {each.key for each in matching.waiting_booked}

    def balances(self, has: Mapping[str, int]) -> list[BalanceDiffers]:
        """Return the currencies in which the provider has what nothing explains."""
        found = []
        for currency in sorted({*has, *self.expected, *self.excess}):
            explained = self.expected.get(currency, 0) + self.excess[currency]
            if has.get(currency, 0) != explained:
                found.append(BalanceDiffers(currency, has.get(currency, 0), explained))
        return found


class DatabaseReconciliation:
    """Port `Reconciliation` on PostgreSQL and a provider's statement."""

    def __init__(
        self,
        engine: AsyncEngine,
        statement: ProviderStatement,
        policy: ReconciliationPolicy | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._engine = engine
        self._statement = statement
        self._policy = policy or ReconciliationPolicy()
        self._clock = clock
        self._kept = KeptStatement(engine, statement, self._policy)

    async def read_statement(self, run_id: str) -> StatementRead:
        """Keep the provider's statement up to now."""
        return await self._kept.read(run_id, self._clock())

    async def compare(self, run_id: str) -> ReconciliationReport:
        """Compare what was read with the ledger and bring the list of attention items up to date."""
        async with self._alone():
            read, now = await self._kept.known(run_id), self._clock()
            has = await self._still_balances(read, now)
            broken = await broken_invariants(self._engine)
            compared = await self._compared(read, now)
            differences = list(compared.differences)
            if has is not None:
                differences += compared.balances(has)
            items = self._items(compared, differences, broken)
            return await self._finish(run_id, read, now, compared, items, is_still=has is not None)

    async def _still_balances(self, read: StatementRead, now: datetime) -> Mapping[str, int] | None:
        """Return the balances as they stand with the lines that are kept, or none if they move."""
        for _ in range(self._policy.balance_tries):
            before = await self._statement.balances()
            await self._kept.read_again(read.until - CLOCK_SKEW, now + CLOCK_SKEW)
            if await self._statement.balances() == before:
                return before
        return None

    async def _compared(self, read: StatementRead, now: datetime) -> _Compared:
        scope = Scope(
            self._statement.provider,
            self._statement.covers_payouts,
            read.until - timedelta(seconds=self._policy.grace_s),
        )
        async with self._engine.begin() as connection:
            await find_deliveries(connection, scope.provider, OperationKind)
        compared = _Compared()
        async with self._view() as connection:
            async for books in both_sides(connection, scope):
                compared.add(books, match_books(books))
            compared.expected = await expected_balances(connection, scope)
            compared.trouble = await standing_trouble(connection, self._policy, now)
        compared.told |= {each.operation_id for each in compared.trouble.stuck}
        return compared

    def _items(
        self,
        compared: _Compared,
        differences: list[Difference],
        broken: tuple[BrokenInvariant, ...],
    ) -> tuple[AttentionItem, ...]:
        trouble = compared.trouble
        return (
            *(item_of(self._statement.provider, each) for each in differences),
            *(item_of_stuck(each) for each in trouble.stuck),
            *(item_of_held(each) for each in trouble.held),
            *(item_of_claim(each) for each in trouble.claims),
            *(item_of_broken(each) for each in unexplained(broken, frozenset(compared.told))),
        )

    async def _finish(
        self,
        run_id: str,
        read: StatementRead,
        now: datetime,
        compared: _Compared,
        items: tuple[AttentionItem, ...],
        *,
        is_still: bool,
    ) -> ReconciliationReport:
        provider, matched = self._statement.provider, len(compared.matches.pairs)
        missing = () if is_still else (AttentionKind.BALANCE_DIFFERS,)
        async with self._engine.begin() as connection:
            await keep_matches(connection, provider, compared.matches)
            listed = await list_findings(connection, Findings(provider, items, missing), now)
            done = {"run_id": run_id, "matched": matched, "differences": len(items)}
            await connection.execute(_FINISH, done)
        return ReconciliationReport(
            statement=read,
            matched=matched,
            waiting=compared.waiting,
            found=counted(items),
            raised=listed.raised,
            settled=listed.settled,
            explained=listed.explained,
            balances_compared=is_still,
        )

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        async with self._engine.connect() as plain:
            connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
            if not await connection.scalar(_LOCK):
                raise AnotherRunIsOn("Another reconciliation is comparing.")
            try:
                yield
            except BaseException:
                # It may be in the middle of anything; the lock ends with the session.
                await connection.invalidate()
                raise
            await connection.execute(_UNLOCK)

    @asynccontextmanager
    async def _view(self) -> AsyncIterator[AsyncConnection]:
        """Hold one consistent view of the database."""
        async with self._engine.connect() as plain:
            connection = await plain.execution_options(isolation_level="REPEATABLE READ")
            await connection.execute(text("SET TRANSACTION READ ONLY"))
            await connection.execute(text(f"SET LOCAL statement_timeout = {CHECK_MS_MAX}"))
            yield connection
