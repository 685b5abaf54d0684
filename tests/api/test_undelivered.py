"""Failed handovers through the API: the choice at the opening, reports with positions, the return."""

from __future__ import annotations

from tests.api.client import code_of
from tests.api.story import MUNICH, Story, done
from tests.api.test_positions import on_the_way
from tests.api.undelivered import AT_THE_DOOR, FAR_AWAY, absent


async def test_a_parcel_that_nobody_takes_comes_back_by_default(story: Story) -> None:
    cast = await story.picked_up()
    assert done(await cast.customer.get(cast.path))["undeliverable_action"] == "return"
    answer = done(await cast.traveler.post(f"{cast.path}/handover-failed", absent(note="Rang.")))
    assert (answer["status"], answer["deadline"]["kind"]) == ("returning", "return")
    assert answer["pickup"]["is_exact"], "the traveler needs the way back"
    track = done(await cast.customer.get(f"{cast.path}/track"))
    assert track["positions"][0]["latitude"] == MUNICH["latitude"]
    assert code_of(await cast.recipient.get(f"{cast.path}/codes/return")) == "not_your_role"
    shown = done(await cast.customer.get(f"{cast.path}/codes/return"))
    back = done(await cast.traveler.post(f"{cast.path}/return", {"code": shown["code"]}))
    assert (back["status"], back["deadline"]["owner"]) == ("returned", "customer")
    done(await cast.customer.post(f"{cast.path}/confirm"))
    settled = await cast.until("settled")
    assert settled["is_closed"]
    timeline = done(await cast.traveler.get(f"{cast.path}/timeline"))["items"]
    failed = next(event for event in timeline if event["kind"] == "return_started")
    assert (failed["facts"]["note"], int(failed["facts"]["distance_m"])) == ("Rang.", 0)


async def test_an_absence_is_reported_from_the_door(story: Story) -> None:
    cast = await story.picked_up(undeliverable_action="retry")
    path = f"{cast.path}/handover-failed"
    nowhere = await cast.traveler.post(path, {"reason": "recipient_absent"})
    assert code_of(nowhere) == "position_not_near"
    away = await cast.traveler.post(path, absent(position=FAR_AWAY))
    assert (away.status_code, code_of(away)) == (409, "position_not_near")
    assert code_of(await cast.customer.post(path, absent())) == "not_your_role"
    again = done(await cast.traveler.post(path, absent()))
    assert (again["status"], again["deadline"]["kind"]) == ("in_transit", "redelivery")
    # The position at the door is known by now, so the next report need not carry one.
    done(await cast.traveler.post(path, {"reason": "recipient_absent"}))


async def test_a_parcel_is_left_where_the_customer_allowed(story: Story) -> None:
    cast = await story.picked_up(undeliverable_action="safe_place")
    left = {"where": "safe_place", "position": AT_THE_DOOR, "note": "Behind the bin."}
    early = await cast.traveler.post(f"{cast.path}/left", left)
    assert code_of(early) == "leaving_not_allowed"
    done(await cast.traveler.post(f"{cast.path}/handover-failed", absent()))
    answer = done(await cast.traveler.post(f"{cast.path}/left", left))
    assert (answer["status"], answer["deadline"]["kind"]) == ("delivered", "inspection")


async def test_a_silence_is_a_clock_that_positions_move(story: Story) -> None:
    cast = await story.picked_up()
    clocks = done(await cast.customer.get(f"{cast.path}/deadlines"))["deadlines"]
    assert [clock["kind"] for clock in clocks] == ["handover", "silence"]
    assert (clocks[1]["owner"], clocks[1]["due_at"] < clocks[0]["due_at"]) == ("traveler", True)
    done(await cast.traveler.post(f"{cast.path}/positions", {"positions": on_the_way(2)}))
    moved = done(await cast.customer.get(f"{cast.path}/deadlines"))["deadlines"]
    assert moved[1]["due_at"] > clocks[1]["due_at"]


async def test_a_word_of_the_traveler_changes_nothing_that_is_well(story: Story) -> None:
    cast = await story.picked_up()
    answer = done(await cast.traveler.post(f"{cast.path}/check-in", {"note": "On the train."}))
    assert (answer["status"], answer["deadline"]["kind"]) == ("in_transit", "handover")
    assert code_of(await cast.customer.post(f"{cast.path}/check-in", {})) == "not_your_role"
    done(await cast.agent.post(f"{cast.path}/check-in", {}))
