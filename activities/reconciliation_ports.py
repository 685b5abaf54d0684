"""What reconciliation needs from the world: the provider's own statement."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from domain.reconciliation.lines import BalanceLine


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
