"""Many deliveries frozen and resumed by one order, found by a filter of the list."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest
from sqlalchemy import select
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from domain.contracts import Role
from domain.holds.bulk import BulkAction, BulkOrder, BulkPage, BulkTotals
from domain.holds.rules import HoldDelivery
from domain.ids import DeliveryId
from domain.status import DeliveryStatus
from infra.bulk_holds import TemporalDeliveries, bulk_progress, start_bulk
from infra.cli import main
from infra.database.schema import event
from infra.identifiers import new_id
from tests.waiting import until
from tests.workflows.conftest import Stage
from tests.workflows.holding import hold, resume
from tests.workflows.play import Play
from workflows.bulk_hold import BulkHoldWorkflow

Handle = WorkflowHandle[BulkHoldWorkflow, BulkTotals]


async def listed(play: Play, query: str, count: int) -> None:
    """Wait until the list shows so many deliveries: it follows the workflows a moment later."""
    deliveries = TemporalDeliveries(play.environment.client)

    async def is_listed() -> bool:
        return await deliveries.count(query) == count

    await until(is_listed)


def order_of(play: Play, action: BulkAction, query: str) -> BulkOrder:
    return BulkOrder(new_id(), action, query, "The provider looks into it.", play.agent.person_id)


async def started(play: Play, order: BulkOrder) -> Handle:
    client = play.environment.client
    await start_bulk(client, order)
    await start_bulk(client, order)
    return client.get_workflow_handle_for(BulkHoldWorkflow.run, f"bulk-hold:{order.bulk_id}")


async def test_all_that_match_are_frozen_once_and_resumed(stage: Stage) -> None:
    plays = [await stage() for _ in range(3)]
    customer = plays[0].customer
    for play in plays:
        play.order = replace(play.order, customer_id=customer.person_id or play.order.customer_id)
        await play.open()
    first, query = plays[0], f'CustomerId = "{customer.person_id}"'
    await listed(first, query, 3)
    await hold(first)
    order = order_of(first, BulkAction.HOLD, query)
    totals = await (await started(first, order)).result()
    assert (totals.done, totals.unchanged, totals.refused) == (2, 1, 0)
    progress = await bulk_progress(first.environment.client, order.bulk_id)
    assert progress is not None
    assert (progress.state, progress.found, progress.done) == ("done", 3, 2)
    for play in plays:
        assert (await play.standing())["deadline_kind"] == "hold"
        assert (await play.events()).count("hold_placed") == 1
    resumed = await (await started(first, order_of(first, BulkAction.RESUME, query))).result()
    assert resumed.done == 3
    for play in plays:
        await play.handle.cancel()
        assert await play.closed() is DeliveryStatus.CANCELLED


async def test_an_order_changes_each_delivery_once_however_often_it_is_tried(play: Play) -> None:
    await play.open()
    order = order_of(play, BulkAction.HOLD, "OnHold IS NULL")
    deliveries = TemporalDeliveries(play.environment.client)
    for _ in range(2):
        assert (await deliveries.apply(order, play.order.delivery_id)).done == 1
    assert (await play.events()).count("hold_placed") == 1
    gone = await deliveries.apply(order, DeliveryId(new_id()))
    assert (gone.done, gone.unchanged, gone.refused) == (0, 1, 0)


async def test_a_filter_that_nobody_understands_ends_the_order_and_says_so(
    stage: Stage, temporal: WorkflowEnvironment
) -> None:
    play = await stage()
    order = order_of(play, BulkAction.HOLD, "Nonsense = 1")
    totals = await (await started(play, order)).result()
    progress = await bulk_progress(temporal.client, order.bulk_id)
    assert totals == BulkTotals()
    assert progress is not None
    assert progress.state == "ended: filter_refused"
    assert await bulk_progress(temporal.client, new_id()) is None
    await play.open()


def test_what_became_of_two_parts_is_added() -> None:
    refused = BulkTotals(refused=1, refused_ids=(DeliveryId("a"),))
    both = BulkTotals(done=2) + refused
    assert both == BulkTotals(2, 0, 1, (DeliveryId("a"),))
    assert BulkPage((), "").cursor == ""


async def test_many_that_go_on_at_once_let_no_risk_pass(play: Play) -> None:
    await play.open()
    query, decided = f'CustomerId = "{play.order.customer_id}"', new_id()
    risky = HoldDelivery("Risk 70 of 100.", role=Role.OPERATOR, risk_decision_id=decided)
    await listed(play, query, 1)
    await play.send("hold", risky)
    resumed = await (await started(play, order_of(play, BulkAction.RESUME, query))).result()
    assert resumed.done == 1
    await play.send("hold", risky)
    await resume(play)
    lifted = (event.c.delivery_id == play.order.delivery_id) & (event.c.kind == "hold_lifted")
    bodies = await play.read(select(event.c.body).where(lifted).order_by(event.c.sequence))
    let_pass = [json.loads(body)["facts"].get("risk_decision") for (body,) in bodies]
    assert let_pass == [None, decided]
    await play.cancel()


async def test_an_operator_orders_it_from_the_command_line(
    play: Play,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await play.open()
    monkeypatch.setenv("DATABASE_URL", database_url)
    query = f'CustomerId = "{play.order.customer_id}"'
    await listed(play, query, 1)
    address = play.environment.client.service_client.config.target_host
    monkeypatch.setenv("TEMPORAL_ADDRESS", address)
    said = ["--query", query, "--reason", "To look into.", "--by", str(play.agent.person_id)]
    assert await asyncio.to_thread(main, ["bulk", "hold", "--count", *said]) == 0
    assert await asyncio.to_thread(main, ["bulk", "hold", *said]) == 0
    assert "done: 1 done, 0 unchanged, 0 refused" in capsys.readouterr().out
    assert await asyncio.to_thread(main, ["bulk", "resume", *said]) == 0
    assert (await play.events())[-1] == "hold_lifted"
    said[1] = "Nonsense = 1"
    assert await asyncio.to_thread(main, ["bulk", "hold", *said]) == 1
    assert "not understood" in capsys.readouterr().err
    await play.cancel()
