"""Scans at every level: what is let through, what is refused, and what is kept of each attempt."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import CodePurpose
from infra.database.schema import event, idempotent_request, presence, scan_attempt
from tests.api.client import code_of
from tests.api.scans import Meeting, meeting
from tests.api.story import Cast, Story, done
from tests.api.test_proofs import photo

HIGH = ("high", CodePurpose.PICKUP)
SCANS = 200


async def attempts(engine: AsyncEngine, cast: Cast) -> Sequence[Row[Any]]:
    """Return what is kept of the attempts at a delivery, the first one first."""
    own = scan_attempt.c.delivery_id == cast.delivery_id
    statement = select(scan_attempt).where(own).order_by(scan_attempt.c.attempt_id)
    async with engine.connect() as connection:
        return (await connection.execute(statement)).all()


@pytest.fixture
async def high(story: Story, engine: AsyncEngine) -> Meeting:
    """A pickup at the high level, with everybody there."""
    return await meeting(engine, await story.paid(), *HIGH)


async def test_a_rotating_code_moves_custody_and_its_attempt_is_kept(
    high: Meeting, engine: AsyncEngine
) -> None:
    assert done(await high.scan())["status"] == "in_transit"
    (kept,) = await attempts(engine, high.cast)
    assert (kept.outcome, kept.level, kept.method) == ("accepted", "high", "rotating")
    assert (kept.device_id, kept.distance_m) == (high.scanner.device_id, 0)
    assert kept.event_sequence is not None


async def test_a_code_of_the_standard_level_is_refused_and_not_shown_any_more(
    high: Meeting,
) -> None:
    answer = await high.cast.customer.get(f"{high.cast.path}/codes/pickup")
    assert (answer.status_code, code_of(answer)) == (409, "code_needs_device")
    for text in ("123456", "SA1P" + "A" * 42):
        assert code_of(await high.scan(high.body(code=text))) == "code_version_wrong"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code": "SA2P"}, "code_wrong"),
        ({"position": None}, "place_missing"),
        ({"position": {"accuracy_m": 5_000.0}}, "place_inaccurate"),
        ({"position": {"latitude": 52.5851}}, "place_too_far"),
        ({"position": {"is_mock": True}}, "place_mocked"),
        ({"position": {"taken_at": "2026-01-01T00:00:00Z"}}, "place_outdated"),
    ],
)
async def test_what_proves_too_little_is_refused_and_kept(
    high: Meeting, engine: AsyncEngine, changes: dict[str, Any], code: str
) -> None:
    position = changes.get("position", {})
    body = high.body(**changes)
    if position:
        body["position"] = high.position(**position)
    assert code_of(await high.scan(body)) == code
    (kept,) = await attempts(engine, high.cast)
    assert (kept.outcome, kept.refusal, kept.event_sequence) == ("refused", code, None)
    assert done(await high.scan())["status"] == "in_transit"


async def test_a_screenshot_is_of_no_use_a_minute_later(high: Meeting) -> None:
    assert code_of(await high.scan(high.body(code=high.shown(steps_ago=3)))) == "code_outdated"


async def test_the_scan_is_signed_by_a_device_of_the_traveler(high: Meeting) -> None:
    unsigned = await high.cast.traveler.post(high.path, high.body())
    assert (unsigned.status_code, code_of(unsigned)) == (403, "device_missing")
    theirs = await high.shower.post(high.path, high.body(), by=high.cast.traveler)
    assert code_of(theirs) == "device_wrong"
    forged = await high.scan(headers={"Sendalong-Signature": "A" * 86})
    assert code_of(forged) == "device_wrong"


async def test_whoever_shows_never_scans_their_own_delivery(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await story.picked_up()
    code = done(await cast.recipient.get(f"{cast.path}/codes/handover"))["code"]
    for person in (cast.customer, cast.recipient):
        answer = await person.post(f"{cast.path}/handover", {"code": code})
        assert (answer.status_code, code_of(answer)) == (403, "own_delivery")
    refusals = [kept.refusal for kept in await attempts(engine, cast)]
    assert refusals[-2:] == ["own_delivery", "own_delivery"]


async def test_a_lost_reply_is_answered_the_same_and_is_no_other_attempt(
    high: Meeting, engine: AsyncEngine
) -> None:
    body = high.body(code=high.shown(steps_ago=1))
    first = await high.scan(body, key="mine")
    again = await high.scan(body, key="mine")
    assert done(first)["status"] == done(again)["status"] == "in_transit"
    # The server dies before it keeps its answer; meanwhile the code has changed.
    await forget_answer(engine, high)
    async with engine.begin() as connection:
        own = scan_attempt.c.delivery_id == high.cast.delivery_id
        ago = scan_attempt.c.attempted_at - timedelta(hours=1)
        await connection.execute(update(scan_attempt).where(own).values(attempted_at=ago))
    later = await high.scan(body, key="mine")
    assert done(later)["status"] == "in_transit"
    (kept,) = await attempts(engine, high.cast)
    assert kept.outcome == "accepted"


async def test_a_lost_refusal_is_the_same_refusal(high: Meeting, engine: AsyncEngine) -> None:
    body = high.body(code=high.shown(steps_ago=3))
    assert code_of(await high.scan(body, key="mine")) == "code_outdated"
    await forget_answer(engine, high)
    assert code_of(await high.scan(body, key="mine")) == "code_outdated"
    assert len(await attempts(engine, high.cast)) == 1


async def test_the_maximum_needs_both_people_and_a_photo(story: Story, engine: AsyncEngine) -> None:
    there = await meeting(engine, await story.paid(), "maximum", CodePurpose.PICKUP)
    assert code_of(await there.scan()) == "proof_missing"
    await photographed(there)
    assert done(await there.scan())["status"] == "in_transit"


async def test_the_maximum_needs_whoever_shows_to_be_there(
    story: Story, engine: AsyncEngine
) -> None:
    there = await meeting(engine, await story.paid(), "maximum", CodePurpose.PICKUP)
    await photographed(there)
    async with engine.begin() as connection:
        own = presence.c.person_id == there.cast.customer.person_id
        await connection.execute(delete(presence).where(own))
    assert code_of(await there.scan()) == "person_unproven"


@pytest.mark.parametrize("level", ["standard", "high", "maximum"])
async def test_of_two_hundred_scans_of_one_code_one_is_accepted(
    story: Story, engine: AsyncEngine, level: str
) -> None:
    cast = await story.paid()
    if level == "standard":
        code = done(await cast.customer.get(f"{cast.path}/codes/pickup"))["code"]
        scans = [cast.traveler.post(f"{cast.path}/pickup", {"code": code}) for _ in range(SCANS)]
    else:
        there = await meeting(engine, cast, level, CodePurpose.PICKUP)
        if level == "maximum":
            await photographed(there)
        scans = [there.scan() for _ in range(SCANS)]
    answers = await asyncio.gather(*scans)
    codes = Counter(code_of(answer) for answer in answers if not answer.is_success)
    assert codes == {"code_already_used": SCANS - 1}
    kept = Counter(attempt.outcome for attempt in await attempts(engine, cast))
    assert kept == {"accepted": 1, "refused": SCANS - 1}
    assert await acceptances(engine, cast) == 1


async def acceptances(engine: AsyncEngine, cast: Cast) -> int:
    """Return how many events of a delivery say that its code was accepted."""
    accepted = event.c.kind.in_(("picked_up", "pickup_verified"))
    statement = select(event.c.sequence).where(event.c.delivery_id == cast.delivery_id, accepted)
    async with engine.connect() as connection:
        return len((await connection.execute(statement)).all())


async def photographed(at: Meeting) -> None:
    """Have the traveler take a picture of the parcel."""
    done(await at.cast.traveler.post(f"{at.cast.path}/proofs", photo(leg=str(at.purpose))))


async def forget_answer(engine: AsyncEngine, at: Meeting) -> None:
    """Forget the kept answers of the traveler, as if the server had died before it kept them."""
    own = idempotent_request.c.person_id == at.cast.traveler.person_id
    unanswered = {"status_code": None, "response": None, "held_until": None}
    async with engine.begin() as connection:
        await connection.execute(update(idempotent_request).where(own).values(unanswered))


async def test_staff_alone_read_the_attempts_page_by_page(high: Meeting) -> None:
    path, cast = f"{high.cast.path}/scan-attempts", high.cast
    for text in ("SA2P", "no code"):
        assert code_of(await high.scan(high.body(code=text))) == "code_wrong"
    done(await high.scan())
    first = done(await cast.agent.get(path, limit=2))
    rest = done(await cast.agent.get(path, limit=2, cursor=first["next_cursor"]))
    shown = [(each["outcome"], each["refusal"]) for each in (*first["items"], *rest["items"])]
    assert shown == [("accepted", ""), ("refused", "code_wrong"), ("refused", "code_wrong")]
    assert rest["next_cursor"] is None
    assert code_of(await cast.traveler.get(path)) == "not_your_role"
