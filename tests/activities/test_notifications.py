"""One shift of sending, over a real outbox and the messages of real transitions."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import ActivityEnvironment

from activities.notifications import NotifierShift
from activities.ports import OutboxReport
from activities.shifts import add_reports
from tests.conftest import MakeParcel, MakePerson
from tests.open_request import OpenRequest, make_open_request, notification_activities
from tests.waiting import until

LONG_SHIFT = NotifierShift(length_s=600, wait_s=600)


@pytest.fixture
async def request_open(
    engine: AsyncEngine, make_person: MakePerson, make_parcel: MakeParcel
) -> OpenRequest:
    """A request that takes offers."""
    return await make_open_request(engine, make_person, make_parcel)


async def test_a_shift_sends_what_transitions_left_and_counts_it(
    engine: AsyncEngine, request_open: OpenRequest
) -> None:
    for _ in range(6):
        await request_open.offer()
    shift = NotifierShift(length_s=1, wait_s=1)
    report = await ActivityEnvironment().run(
        notification_activities(engine).deliver_notifications, shift
    )
    assert report == OutboxReport(sent=6)
    inbox = await request_open.inbox()
    assert len(inbox) == 6
    assert {row.address for row in inbox} == {"+34600000777"}
    assert "A traveler offers to carry your parcel for EUR 42.00." in inbox[0].body


async def test_a_message_of_a_transition_goes_out_while_the_shift_waits(
    engine: AsyncEngine, request_open: OpenRequest
) -> None:
    environment = ActivityEnvironment()
    activities = notification_activities(engine)
    shift = asyncio.ensure_future(environment.run(activities.deliver_notifications, LONG_SHIFT))
    await request_open.offer()
    await until(lambda: _has_messages(request_open, 1))
    await request_open.offer()
    await until(lambda: _has_messages(request_open, 2))
    environment.worker_shutdown()
    assert await shift == OutboxReport(sent=2)


async def test_a_shift_ends_in_good_order_when_its_worker_shuts_down(
    engine: AsyncEngine, request_open: OpenRequest
) -> None:
    environment = ActivityEnvironment()
    beats: list[object] = []
    beating = asyncio.Event()

    def note_beat(*details: object) -> None:
        beats.append(details)
        beating.set()

    environment.on_heartbeat = note_beat
    activities = notification_activities(engine)
    shift = asyncio.ensure_future(environment.run(activities.deliver_notifications, LONG_SHIFT))
    await asyncio.wait_for(beating.wait(), 30)
    environment.worker_shutdown()
    assert await asyncio.wait_for(shift, 30) == OutboxReport()
    assert await request_open.inbox() == []


async def test_a_cancelled_shift_ends_at_once(
    engine: AsyncEngine, request_open: OpenRequest
) -> None:
    environment = ActivityEnvironment()
    activities = notification_activities(engine)
    shift = asyncio.ensure_future(environment.run(activities.deliver_notifications, LONG_SHIFT))
    await request_open.offer()
    await until(lambda: _has_messages(request_open, 1))
    environment.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(shift, 30)


def test_reports_add_up() -> None:
    one = OutboxReport(sent=1, refused=2, unknown=3, postponed=4)
    assert add_reports(one, one) == OutboxReport(sent=2, refused=4, unknown=6, postponed=8)


async def _has_messages(request: OpenRequest, count: int) -> bool:
    return len(await request.inbox()) == count
