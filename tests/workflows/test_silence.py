"""A traveler of whom nothing is heard: asked, urged, looked for, and heard of again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from domain.contracts import CodePurpose
from domain.deadlines import DeadlineKind
from domain.holds.rules import HoldDelivery, ResumeDelivery
from domain.journey.contracts import CheckIn
from domain.journey.terms import SilencePolicy
from domain.policies import Policies
from domain.status import DeliveryStatus
from infra.database.schema import position
from tests.workflows.conftest import Stage
from tests.workflows.play import Play
from workflows.delivery import DeliveryWorkflow

WATCHED = Policies(silence=SilencePolicy())
DAY, HOUR, MOMENT = timedelta(days=1), timedelta(hours=1), timedelta(seconds=5)


@pytest.fixture
async def play(stage: Stage) -> Play:
    """One delivery that is watched, on its way."""
    play = await stage(WATCHED)
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    return play


async def heard_in(play: Play, span: timedelta) -> None:
    """Let a position come in at a moment of the delivery's own clock."""
    at = datetime.now(UTC) + span
    row = {"delivery_id": play.order.delivery_id, "taken_at": at, "received_at": at}
    async with play.engine.begin() as connection:
        await connection.execute(
            insert(position).values(**row, latitude=41, longitude=1, accuracy_m=10)
        )


async def silent(play: Play) -> None:
    await play.pass_time(DAY + MOMENT)
    await play.happened("traveler_nudged")


async def clock_of(play: Play) -> str | None:
    kind: str | None = (await play.standing())["deadline_kind"]
    return kind


async def test_a_silence_climbs_to_an_agent_and_then_to_a_dispute(play: Play) -> None:
    await silent(play)
    assert await clock_of(play) == DeadlineKind.CHECK_IN
    await play.pass_time(6 * HOUR + MOMENT)
    await play.happened("traveler_urged")
    await play.pass_time(12 * HOUR + MOMENT)
    await play.parked("traveler_silent")
    assert await clock_of(play) == DeadlineKind.TRACE
    await play.pass_time(9 * DAY)
    await play.happened("dispute_opened")
    assert (await play.standing())["attention"] is None


async def test_positions_that_come_in_keep_it_quiet(play: Play) -> None:
    await heard_in(play, 20 * HOUR)
    await play.pass_time(30 * HOUR)
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert "traveler_nudged" not in await play.events()


async def test_a_position_after_the_question_ends_the_silence_once(play: Play) -> None:
    await silent(play)
    for _ in range(3):
        await play.handle.signal(DeliveryWorkflow.traveler_heard)
    await play.happened("traveler_heard")
    assert await clock_of(play) == DeadlineKind.HANDOVER
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()
    await play.closed()
    assert (await play.events()).count("traveler_heard") == 1


async def test_an_agent_who_finds_the_traveler_ends_the_search(play: Play) -> None:
    await silent(play)
    await play.pass_time(18 * HOUR + 2 * MOMENT)
    await play.parked("traveler_silent")
    standing = await play.send("check_in", CheckIn(play.agent, "reached by phone"))
    assert (standing.deadline_kind, standing.attention) == (DeadlineKind.HANDOVER, None)
    await silent_again(play)


async def silent_again(play: Play) -> None:
    """Expect that the next silence is noticed as the first was."""
    await play.pass_time(DAY + MOMENT)
    assert (await play.events()).count("traveler_nudged") == 2


async def test_a_handover_ends_the_search_too(play: Play) -> None:
    await silent(play)
    await play.pass_time(18 * HOUR + 2 * MOMENT)
    await play.parked("traveler_silent")
    standing = await play.scan(CodePurpose.HANDOVER)
    assert (standing.status, standing.attention) == (DeliveryStatus.DELIVERED, None)


async def test_an_arrival_is_a_sign_of_life(play: Play) -> None:
    await silent(play)
    await play.arrive()
    await play.reach(DeliveryStatus.ARRIVED)
    assert await clock_of(play) == DeadlineKind.HANDOVER


async def test_a_traveler_who_is_heard_is_warned_before_the_end_of_the_time(play: Play) -> None:
    await heard_in(play, 9 * DAY + 12 * HOUR)
    await play.pass_time(9 * DAY + 19 * HOUR)
    await play.happened("handover_due_soon")
    await play.pass_time(6 * HOUR)
    await play.happened("dispute_opened")
    assert "traveler_nudged" not in await play.events()


async def test_time_on_hold_is_no_silence(play: Play) -> None:
    await play.pass_time(20 * HOUR)
    await play.send("hold", HoldDelivery("The address is being checked."))
    await play.pass_time(3 * DAY)
    await play.send("resume", ResumeDelivery())
    await play.pass_time(3 * HOUR)
    assert "traveler_nudged" not in await play.events()
    await play.pass_time(HOUR + MOMENT)
    await play.happened("traveler_nudged")
    await play.pass_time(18 * HOUR + 2 * MOMENT)
    await play.parked("traveler_silent")
    due_at = (await play.standing())["deadline_at"]
    assert due_at > datetime.now(UTC) + 12 * DAY, "the handover is due three days later too"
