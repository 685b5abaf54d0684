"""`sendalong bulk`: freeze or resume every delivery that a filter finds, and watch it."""

from __future__ import annotations

import argparse
import asyncio

from temporalio.client import Client

from activities.bulk_holding import FilterRefused
from domain.errors import Refusal
from domain.holds.bulk import BulkAction, BulkOrder, bulk_workflow_id, check_bulk
from domain.ids import PersonId
from infra.bulk_holds import BulkProgress, TemporalDeliveries, bulk_progress, start_bulk
from infra.cli.temporal_connection import encrypting_client
from infra.identifiers import new_id
from infra.local_stack.errors import StackError

LOOK_AGAIN_S = 1.0


def run(options: argparse.Namespace) -> int:
    """Order it, print its progress until it ends, and say whether all did as ordered."""
    return asyncio.run(_work(options))


async def _work(options: argparse.Namespace) -> int:
    order = BulkOrder(
        new_id(),
        BulkAction(options.action),
        options.query,
        options.reason,
        PersonId(options.by),
        per_minute=options.per_minute,
    )
    async with encrypting_client(options) as client:
        return await _ordered(client, order, counting_only=options.count)


async def _ordered(client: Client, order: BulkOrder, *, counting_only: bool) -> int:
    try:
        check_bulk(order.query, order.reason, order.per_minute)
        found = await TemporalDeliveries(client).count(order.query)
    except (Refusal, FilterRefused) as refusal:
        raise StackError(str(refusal)) from refusal
    if counting_only:
        print(f"{found} open deliveries match.")
        return 0
    await start_bulk(client, order)
    print(f"{bulk_workflow_id(order.bulk_id)}: {found} open deliveries match.")
    progress = await _watched(client, order)
    return 1 if progress.refused or progress.state != "done" else 0


async def _watched(client: Client, order: BulkOrder) -> BulkProgress:
    said = ""
    while True:
        progress = await bulk_progress(client, order.bulk_id)
        if progress is None:
            raise StackError("The order is gone.")
        line = (
            f"{progress.state}: {progress.done} done, {progress.unchanged} unchanged, "
            f"{progress.refused} refused"
        )
        if line != said:
            print(line, flush=True)
            said = line
        if progress.state != "under way":
            return progress
        await asyncio.sleep(LOOK_AGAIN_S)
