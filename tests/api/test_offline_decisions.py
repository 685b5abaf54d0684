"""Agents decide about scans without network that are in doubt."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine

from tests.api.client import code_of
from tests.api.counting import Counter
from tests.api.identity.phones import activated
from tests.api.offline_trip import Trip, batch, code_at_door, event_of
from tests.api.story import Cast, Story, done
from tests.api.test_risk import share_phone


async def _in_review(story: Story) -> tuple[Cast, Trip, str]:
    cast = await story.picked_up()
    trip, code = await Trip.begun(cast), await code_at_door(cast)
    trip.claim(code)
    assert await trip.told(trip.claim(code)) == [("in_review", ["claim_counter_gap"])]
    items = done(
        await cast.agent.get("/v1/offline-claims", state="in_review", delivery_id=cast.delivery_id)
    )["items"]
    return cast, trip, f"/v1/offline-claims/{items[0]['claim_id']}"


ACCEPT = {"decision": "accept", "reason": "The recipient has the parcel."}
REFUSE = {"decision": "refuse", "reason": "The recipient has no parcel."}


async def play_offline(story: Story, counter: Counter) -> None:
    """Take a manifest along, bring a claim in doubt back and accept it; each change is counted."""
    cast = await story.picked_up()
    phone = await activated(cast.traveler)
    await counter.post(phone, f"{cast.path}/offline-manifest")
    trip, code = await Trip.begun(cast, phone), await code_at_door(cast)
    trip.claim(code)
    told = await counter.post(cast.traveler, f"{cast.path}/offline-claims", batch(trip.claim(code)))
    path = f"/v1/offline-claims/{told['claims'][0]['claim_id']}/decision"
    await counter.post(cast.agent, path, ACCEPT)


async def test_an_accepted_claim_moves_custody_and_lets_the_delivery_go_on(story: Story) -> None:
    cast, trip, path = await _in_review(story)
    seen = done(await cast.agent.get(path))
    assert seen["evidence"]["position"]["away_m"] == 0
    assert done(await cast.traveler.get(path))["evidence"] is None
    decided = done(await cast.agent.post(f"{path}/decision", ACCEPT, key="d"))
    assert (decided["state"], decided["evidence"]["decision_reason"]) == (
        "accepted",
        ACCEPT["reason"],
    )
    delivery = done(await cast.customer.get(cast.path))
    assert (delivery["status"], delivery["on_hold"]) == ("delivered", False)
    assert (await event_of(cast, "handed_over"))["facts"]["method"] == "offline"
    again = await cast.agent.post(f"{path}/decision", ACCEPT, key="d")
    assert done(again)["state"] == "accepted"
    other = await cast.agent.post(f"{path}/decision", REFUSE)
    assert code_of(other) == "claim_conflict"
    settled = done(
        await cast.agent.get("/v1/attention", state="settled", delivery_id=cast.delivery_id)
    )["items"]
    assert [item["kind"] for item in settled] == ["offline_claim"]
    assert trip.counter == 3


async def test_a_pickup_in_review_is_accepted_although_the_delivery_is_on_hold(
    story: Story,
) -> None:
    cast = await story.paid()
    trip, code = await Trip.begun(cast), await code_at_door(cast, "pickup")
    trip.claim(code)
    claim = trip.claim(code, purpose="pickup")
    result = done(await trip.sync(claim))["claims"][0]
    path = f"/v1/offline-claims/{result['claim_id']}/decision"
    assert done(await cast.agent.post(path, ACCEPT))["state"] == "accepted"
    delivery = done(await cast.customer.get(cast.path))
    assert (delivery["status"], delivery["on_hold"]) == ("in_transit", False)


async def test_a_refused_claim_lets_the_delivery_go_on_and_the_code_is_still_good(
    story: Story,
) -> None:
    cast, trip, path = await _in_review(story)
    assert done(await cast.agent.post(f"{path}/decision", REFUSE))["state"] == "refused"
    delivery = done(await cast.customer.get(cast.path))
    assert (delivery["status"], delivery["on_hold"]) == ("in_transit", False)
    assert (await event_of(cast, "claim_refused"))["actor_role"] == "agent"
    code = await code_at_door(cast)
    done(await trip.phone.owner.post(f"{cast.path}/handover", {"code": code}))


async def test_only_agents_without_a_part_in_it_decide(story: Story) -> None:
    cast, _, path = await _in_review(story)
    for person in (cast.customer, cast.traveler, cast.recipient):
        assert code_of(await person.post(f"{path}/decision", ACCEPT)) == "not_found"
    assert code_of(await cast.customer.get(path)) == "not_found"


async def test_a_code_that_somebody_else_used_is_for_an_override(story: Story) -> None:
    cast, trip, path = await _in_review(story)
    code = await code_at_door(cast)
    done(await cast.traveler.post(f"{cast.path}/handover", {"code": code}))
    answer = await cast.agent.post(f"{path}/decision", ACCEPT)
    assert code_of(answer) == "code_already_used"
    assert "emergency override" in answer.json()["detail"]
    assert done(await cast.agent.post(f"{path}/decision", REFUSE))["state"] == "refused"
    assert trip.counter == 3


async def test_nobody_goes_offline_to_be_looked_at_less(story: Story, engine: AsyncEngine) -> None:
    cast = await story.picked_up()
    trip, code = await Trip.begun(cast), await code_at_door(cast)
    await share_phone(engine, cast, f"phone-of-{cast.delivery_id}")
    assert await trip.told(trip.claim(code)) == [("in_review", ["risk_held"])]
    decisions = done(await cast.agent.get(f"{cast.path}/risk-decisions"))["decisions"]
    assert [each["occasion"] for each in decisions].count("handover") == 1
