"""Activities that freeze or resume many deliveries, some at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from temporalio import activity
from temporalio.exceptions import ApplicationError

from domain.holds.bulk import BulkOrder, BulkPage, BulkStep, BulkTotals
from domain.ids import DeliveryId

FILTER_REFUSED = "filter_refused"
"""Type of the final error when the list cannot be filtered so."""


class FilterRefused(Exception):
    """The server does not understand a filter."""


class DeliveryHolds(Protocol):
    """Open deliveries, found by a filter, frozen and resumed one by one."""

    async def count(self, query: str) -> int:
        """Return how many open deliveries match.

        Raises:
            FilterRefused: the filter is not understood.
        """
        ...

    async def page(self, query: str, cursor: str) -> BulkPage:
        """Return a part of those that match.

        Raises:
            FilterRefused: the filter is not understood.
        """
        ...

    async def apply(self, order: BulkOrder, delivery_id: DeliveryId) -> BulkTotals:
        """Freeze or resume one delivery and return what became of it.

        Idempotency: an order changes each delivery once.
        """
        ...


class BulkHoldActivities:
    """Works a bulk order off."""

    def __init__(self, holds: DeliveryHolds) -> None:
        self._holds = holds

    @property
    def all(self) -> Sequence[Callable[..., Awaitable[Any]]]:
        """Return every activity, for a worker."""
        return self.count_deliveries, self.list_deliveries, self.change_deliveries

    @activity.defn
    async def count_deliveries(self, order: BulkOrder) -> int:
        """Return how many open deliveries match."""
        try:
            return await self._holds.count(order.query)
        except FilterRefused as error:
            raise ApplicationError(str(error), type=FILTER_REFUSED, non_retryable=True) from error

    @activity.defn
    async def list_deliveries(self, order: BulkOrder) -> BulkPage:
        """Return the next part of those that match."""
        try:
            return await self._holds.page(order.query, order.cursor)
        except FilterRefused as error:
            raise ApplicationError(str(error), type=FILTER_REFUSED, non_retryable=True) from error

    @activity.defn
    async def change_deliveries(self, step: BulkStep) -> BulkTotals:
        """Freeze or resume the deliveries of a part; again changes nothing more."""
        totals = BulkTotals()
        for delivery_id in step.deliveries:
            totals += await self._holds.apply(step.order, delivery_id)
            activity.heartbeat()
        return totals
