"""Staff freeze a delivery over REST; its people see that, and are refused meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.api.client import code_of
from tests.api.counting import Counter
from tests.api.story import Cast, Story, done

WHY = {"reason": "The customer reports a stolen card."}


async def _events(cast: Cast, name: str) -> dict[str, dict[str, Any]]:
    person = getattr(cast, name)
    items = done(await person.get(f"{cast.path}/timeline", limit=100))["items"]
    return {item["kind"]: item["facts"] for item in items}


async def play_hold(story: Story, counter: Counter) -> None:
    """Freeze a delivery, give it more time and let it go on; each change is counted."""
    cast = await story.picked_up()
    await counter.post(cast.agent, f"{cast.path}/hold", WHY)
    later = {**WHY, "due_at": f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%dT%H:%M:%SZ}"}
    await counter.post(cast.agent, f"{cast.path}/amendments", later)
    await counter.post(cast.agent, f"{cast.path}/resume")


async def test_a_frozen_delivery_is_read_as_such_and_takes_no_commands(story: Story) -> None:
    cast = await story.delivered()
    held = done(await cast.agent.post(f"{cast.path}/hold", WHY))
    assert (held["on_hold"], held["deadline"]["kind"]) == (True, "hold")
    for person in (cast.customer, cast.traveler):
        assert done(await person.get(cast.path))["on_hold"] is True
    answer = await cast.customer.post(f"{cast.path}/confirm")
    assert (answer.status_code, code_of(answer)) == (409, "on_hold")
    assert answer.json()["current_status"] == "delivered"
    clocks = done(await cast.customer.get(f"{cast.path}/deadlines"))["deadlines"]
    assert [(clock["kind"], clock["owner"]) for clock in clocks] == [("hold", "operator")]
    twice = await cast.agent.post(f"{cast.path}/hold", WHY)
    assert (twice.status_code, code_of(twice)) == (409, "on_hold")
    resumed = done(await cast.agent.post(f"{cast.path}/resume"))
    assert (resumed["on_hold"], resumed["deadline"]["kind"]) == (False, "inspection")
    done(await cast.customer.post(f"{cast.path}/confirm"))
    await cast.until("completed")


async def test_why_it_was_frozen_stays_among_staff(story: Story) -> None:
    cast = await story.paid()
    done(await cast.agent.post(f"{cast.path}/hold", WHY))
    done(await cast.agent.post(f"{cast.path}/resume", {"reason": "It was a mistake."}))
    seen = await _events(cast, "agent")
    assert seen["hold_placed"] == WHY
    assert seen["hold_lifted"]["reason"] == "It was a mistake."
    assert "reason" not in (await _events(cast, "customer"))["hold_placed"]


async def test_only_staff_without_a_part_in_it_freeze_and_resume(story: Story) -> None:
    cast = await story.paid()
    for person in (cast.customer, cast.traveler, cast.recipient):
        for path, body in (("hold", WHY), ("resume", {})):
            answer = await person.post(f"{cast.path}/{path}", body)
            assert (answer.status_code, code_of(answer)) == (403, "not_your_role")
    answer = await cast.agent.post(f"{cast.path}/resume")
    assert (answer.status_code, code_of(answer)) == (409, "not_on_hold")
    unexplained = await cast.agent.post(f"{cast.path}/hold", {"reason": " "})
    assert (unexplained.status_code, code_of(unexplained)) == (422, "fields_invalid")
