"""What reconciliation needs from the world: the provider's own statement."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from domain.reconciliation.lines import BalanceLine
from domain.reconciliation.report import ReconciliationReport, StatementRead


class TooManyLines(Exception):
    """The statement of a stretch of time has more pages than are read in one go: ask for less."""


class ProviderStatement(Protocol):
    """A payment provider's own account of what it moved; reading it changes nothing.

    Raises:
        ProviderUnavailable, ProviderRefused, OutcomeUnknown: from every method.
    """

    @property
    def provider(self) -> str:
        """Name of the provider."""
        ...

    @property
    def covers_payouts(self) -> bool:
        """Whether payouts of travelers' accounts are among the lines."""
        ...

    def lines(self, since: datetime, until: datetime) -> AsyncIterator[Sequence[BalanceLine]]:
        """Return the lines made from one moment to another, page by page, in no certain order.

        A line may be seen only some time after it was made.

        Raises:
            TooManyLines: that is more than is read in one go.
        """
        ...

    async def balances(self) -> Mapping[str, int]:
        """Return what the platform itself has at the provider, settled or not.

        Units: minor units per currency, which may be one that the platform does not know.
        """
        ...


class Reconciliation(Protocol):
    """Compares the provider's statement with the ledger; it books nothing and repairs nothing."""

    async def read_statement(self, run_id: str) -> StatementRead:
        """Keep the provider's statement up to now.

        Raises:
            TooManyLines, ProviderUnavailable, ProviderRefused, OutcomeUnknown.
        Idempotency: a run that is asked again goes on where it was interrupted.
        """
        ...

    async def compare(self, run_id: str) -> ReconciliationReport:
        """Compare what was read with the ledger and bring the list of attention items up to date.

        Raises:
            AnotherRunIsOn: try again once it has ended.
            ProviderUnavailable, ProviderRefused, OutcomeUnknown.
        Idempotency: comparing again raises nothing again.
        """
        ...


class AnotherRunIsOn(Exception):
    """Two runs would settle each other's items."""
