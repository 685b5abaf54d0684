"""Deliveries found in Temporal's list and frozen or resumed there; and bulk orders, started and read."""

from __future__ import annotations

import asyncio
from base64 import b64decode, b64encode
from dataclasses import dataclass

from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.bulk_holding import FilterRefused
from domain.errors import RefusalCode
from domain.holds.bulk import (
    PAGE_SIZE,
    BulkAction,
    BulkOrder,
    BulkPage,
    BulkTotals,
    bulk_workflow_id,
    full_query,
)
from domain.holds.rules import HoldDelivery, ResumeDelivery
from domain.ids import DELIVERY_PREFIX, DeliveryId, delivery_workflow_id
from domain.visibility import TaskQueue

ANSWER_S_MAX = 20
"""How long one delivery may take to answer before it is counted as refused."""
_UNCHANGED = frozenset({RefusalCode.ON_HOLD, RefusalCode.NOT_ON_HOLD, RefusalCode.DELIVERY_CLOSED})


class TemporalDeliveries:
    """Open deliveries in Temporal's list."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def count(self, query: str) -> int:
        """Return how many open deliveries match.

        Raises:
            FilterRefused: the filter is not understood.
        """
        try:
            return (await self._client.count_workflows(full_query(query))).count
        except RPCError as error:
            raise _refusal_of(error) from error

    async def page(self, query: str, cursor: str) -> BulkPage:
        """Return a part of those that match.

        Raises:
            FilterRefused: the filter is not understood.
        """
        token = b64decode(cursor) if cursor else None
        found = self._client.list_workflows(
            full_query(query), page_size=PAGE_SIZE, next_page_token=token
        )
        try:
            await found.fetch_next_page()
        except RPCError as error:
            raise _refusal_of(error) from error
        ids = tuple(
            DeliveryId(each.id.removeprefix(DELIVERY_PREFIX)) for each in found.current_page or ()
        )
        after = found.next_page_token
        return BulkPage(ids, b64encode(after).decode() if after else "")

    async def apply(self, order: BulkOrder, delivery_id: DeliveryId) -> BulkTotals:
        """Freeze or resume one delivery and return what became of it.

        Idempotency: an order changes each delivery once.
        """
        handle = self._client.get_workflow_handle(delivery_workflow_id(delivery_id))
        command = (
            HoldDelivery(order.reason, order.operator_id, order.role)
            if order.action is BulkAction.HOLD
            else ResumeDelivery(order.reason, order.operator_id, order.role, lets_risk_pass=False)
        )
        try:
            async with asyncio.timeout(ANSWER_S_MAX):
                await handle.execute_update(
                    str(order.action), command, id=bulk_workflow_id(order.bulk_id)
                )
        except WorkflowUpdateFailedError as error:
            return _unanswered(delivery_id, is_unchanged=_code_of(error) in _UNCHANGED)
        except RPCError as error:
            is_gone = error.status is RPCStatusCode.NOT_FOUND
            return _unanswered(delivery_id, is_unchanged=is_gone)
        except TimeoutError:
            return _unanswered(delivery_id, is_unchanged=False)
        return BulkTotals(done=1)


@dataclass(frozen=True, slots=True)
class BulkProgress:
    """How far a bulk order has come."""

    state: str
    """`under way`, `done`, `stopped`, or why it ended."""
    found: int
    done: int
    unchanged: int
    refused: int


async def start_bulk(client: Client, order: BulkOrder) -> None:
    """Start a bulk order, unless it was started before."""
    await client.start_workflow(
        "bulk-hold",
        order,
        id=bulk_workflow_id(order.bulk_id),
        task_queue=TaskQueue.SAGAS,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
        static_summary=f"{order.action} many deliveries: {order.reason}",
    )


async def bulk_progress(client: Client, bulk_id: str) -> BulkProgress | None:
    """Return how far a bulk order has come, without asking a worker; none when there is none."""
    try:
        shown = await client.get_workflow_handle(bulk_workflow_id(bulk_id)).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    memo = await shown.memo()
    return BulkProgress(
        state=str(memo.get("state", "under way")),
        found=int(memo.get("found", 0)),
        done=int(memo.get("done", 0)),
        unchanged=int(memo.get("unchanged", 0)),
        refused=int(memo.get("refused", 0)),
    )


def _refusal_of(error: RPCError) -> Exception:
    if error.status is RPCStatusCode.INVALID_ARGUMENT:
        return FilterRefused(f"The filter is not understood: {error.message}")
    return error


def _code_of(error: WorkflowUpdateFailedError) -> str:
    cause = error.cause
    return cause.type or "" if isinstance(cause, ApplicationError) else ""


def _unanswered(delivery_id: DeliveryId, *, is_unchanged: bool) -> BulkTotals:
    if is_unchanged:
        return BulkTotals(unchanged=1)
    return BulkTotals(refused=1, refused_ids=(delivery_id,))
