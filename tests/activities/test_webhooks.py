"""One shift over a real inbox, and one reading of a list."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import ActivityEnvironment

from activities.shifts import add_reports
from activities.webhook_ports import DispatchReport
from activities.webhooks import WebhookActivities, WebhookShift
from infra.webhooks.catching_up import CatchingUp
from tests.infra.webhooks.conftest import empty
from tests.infra.webhooks.post_room import Pages, PostRoom, event
from tests.waiting import PATIENCE_S, until


@pytest.fixture
async def post_room(engine: AsyncEngine) -> AsyncIterator[PostRoom]:
    await empty(engine)
    yield PostRoom(engine)
    await empty(engine)


async def test_shifts_settle_whatever_comes_in_and_count_only_their_own(
    post_room: PostRoom,
) -> None:
    activities = WebhookActivities(post_room.webhooks())
    news = [event("customer.created", "cus_1") for _ in range(20)]
    await post_room.receive(*news)

    async def all_are_seen() -> bool:
        return {(await post_room.row(each)).state for each in news} == {"seen"}

    shift = WebhookShift(length_s=1, wait_s=1)
    report = DispatchReport()
    async with asyncio.timeout(PATIENCE_S):
        while not await all_are_seen():
            worked = await ActivityEnvironment().run(activities.dispatch_webhooks, shift)
            report = add_reports(report, worked)
    # A shift elsewhere may take its share of the work, but nothing is settled twice.
    assert report.seen <= len(news)
    assert report == DispatchReport(seen=report.seen)


async def test_a_shift_that_is_cancelled_ends_at_once(post_room: PostRoom) -> None:
    environment = ActivityEnvironment()
    activities = WebhookActivities(post_room.webhooks())
    shift = asyncio.ensure_future(
        environment.run(activities.dispatch_webhooks, WebhookShift(length_s=600, wait_s=600))
    )
    news = event("customer.created", "cus_1")
    await post_room.receive(news)

    async def is_seen() -> bool:
        return bool((await post_room.row(news)).state == "seen")

    await until(is_seen)
    environment.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(shift, 30)


async def test_a_reading_counts_what_no_webhook_brought(
    post_room: PostRoom, engine: AsyncEngine
) -> None:
    listed = Pages([event("customer.created", "cus_1")])
    activities = WebhookActivities(post_room.webhooks(CatchingUp(engine, "stripe", listed)))
    environment = ActivityEnvironment()
    reports = [await environment.run(activities.catch_up_events) for _ in range(2)]
    assert add_reports(*reports) == DispatchReport(missed=1)
