"""The clock of an agent stands still while nobody is at work, and the sides' clocks do not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.business_hours import HoursPolicy, due_after
from domain.disputing.policy import DisputePolicy
from domain.policies import Policies
from domain.status import DeliveryStatus
from infra.time_zones import dated
from tests.workflows.conftest import Stage
from tests.workflows.play import Play

DAY = timedelta(days=1)
CLOSED_DAYS = 20


@pytest.fixture
async def play(stage: Stage) -> Play:
    """One delivery whose agents are away for twenty days from today."""
    today = datetime.now(UTC).date() - DAY
    away = tuple((today + number * DAY).isoformat() for number in range(CLOSED_DAYS + 2))
    hours = HoursPolicy(holidays=away)
    alone = DisputePolicy(answer_s=0, negotiation_s=0, appeal_s=0)
    return await stage(dated(Policies(hours=hours, disputes=alone), datetime.now(UTC)))


async def test_holidays_are_no_time_to_decide_in(play: Play) -> None:
    await play.delivered()
    await play.dispute()
    row = await play.standing()
    policies = play.order.policies
    begun_at, due_at = row["updated_at"], row["deadline_at"]
    assert due_at == due_after(policies.hours, begun_at, policies.windows.verdict_s)
    assert due_at > begun_at + CLOSED_DAYS * DAY
    await play.pass_dispute_time(CLOSED_DAYS * DAY)
    assert "verdict_overdue" not in await play.events()
    await play.pass_dispute_time(due_at - begun_at - (CLOSED_DAYS - 1) * DAY)
    await play.happened("verdict_overdue")
    await play.pass_dispute_time(30 * DAY)
    assert await play.closed() is DeliveryStatus.COMPLETED
