"""SOS over REST: a call is kept and told of whatever happens, and only staff learn from where it came."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from api.commands import Commands
from domain.holds.policy import HoldPolicy
from domain.sos import SosPolicy
from infra.database.schema import sos_call
from tests.api.client import code_of
from tests.api.story import Cast, Story, done

HERE = {"latitude": 48.1353, "longitude": 11.569, "accuracy_m": 12.5}
CALL = {"position": HERE, "note": "A man follows me."}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def _open_items(cast: Cast) -> list[dict[str, str]]:
    listed = await cast.agent.get("/v1/attention", kind="sos", delivery_id=cast.delivery_id)
    return list(done(listed)["items"])


async def test_a_call_freezes_the_delivery_and_tells_staff_alone_from_where(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await story.picked_up()
    answer = await cast.traveler.post(f"{cast.path}/sos", CALL)
    called = done(answer)
    assert answer.status_code == 201
    assert (called["calls"], called["on_hold"]) == (1, True)
    assert (called["deadline"]["kind"], called["deadline"]["owner"]) == ("sos", "operator")
    kept = done(await cast.agent.get(f"{cast.path}/sos"))["calls"]
    assert [(each["role"], each["note"], each["is_open"]) for each in kept] == [
        ("traveler", "A man follows me.", True)
    ]
    assert kept[0]["position"]["latitude"] == HERE["latitude"]
    (item,) = await _open_items(cast)
    assert item["subject"] == f"call {called['sos_id']}"
    for person in (cast.customer, cast.recipient):
        seen = done(await person.get(cast.path))
        assert (seen["on_hold"], seen["deadline"]["kind"]) == (True, "hold"), "as any other hold"
        assert seen["needs_attention"] is False
        due_in = _moment(seen["deadline"]["due_at"]) - _moment(called["called_at"])
        assert due_in >= timedelta(seconds=HoldPolicy().reminder_s), "as late as any other hold"
        clocks = done(await person.get(f"{cast.path}/deadlines"))["deadlines"]
        assert [clock["kind"] for clock in clocks] == ["hold"]
        story_told = json.dumps(done(await person.get(f"{cast.path}/timeline", limit=100)))
        assert "sos" not in story_told
        refused = await person.get(f"{cast.path}/sos")
        assert (refused.status_code, code_of(refused)) == (403, "not_your_role")
    async with engine.connect() as connection:
        of_call = select(sos_call).where(sos_call.c.sos_id == called["sos_id"])
        row = (await connection.execute(of_call)).one()
    assert all(value.startswith("enc1.") for value in (row.note, row.place))


async def test_calling_again_moves_the_position_and_staff_close_it_with_a_finding(
    story: Story,
) -> None:
    cast = await story.picked_up()
    first = done(await cast.traveler.post(f"{cast.path}/sos"))
    moved = {"position": {**HERE, "latitude": 48.2, "taken_at": "2026-05-10T15:29:58Z"}}
    again = done(await cast.traveler.post(f"{cast.path}/sos", moved))
    assert (again["sos_id"], again["calls"], again["on_hold"]) == (first["sos_id"], 2, True)
    (kept,) = done(await cast.agent.get(f"{cast.path}/sos"))["calls"]
    assert (kept["position"]["latitude"], kept["calls"]) == (48.2, 2)
    silent = await cast.agent.post(f"{cast.path}/resume")
    assert (silent.status_code, code_of(silent)) == (422, "reason_missing")
    done(await cast.agent.post(f"{cast.path}/resume", {"reason": "A false alarm."}))
    assert await _open_items(cast) == []
    (closed,) = done(await cast.agent.get(f"{cast.path}/sos"))["calls"]
    assert (closed["is_open"], closed["finding"]) == (False, "A false alarm.")
    assert done(await cast.customer.get(cast.path))["on_hold"] is False


async def test_the_fourth_hold_of_a_day_is_for_staff_to_place(story: Story) -> None:
    cast = await story.picked_up()
    for _ in range(SosPolicy().holds_max):
        assert done(await cast.recipient.post(f"{cast.path}/sos"))["on_hold"] is True
        done(await cast.agent.post(f"{cast.path}/resume", {"reason": "Nothing was found."}))
    assert done(await cast.recipient.post(f"{cast.path}/sos"))["on_hold"] is False
    assert len(await _open_items(cast)) == 1, "staff are told all the same"
    assert done(await cast.traveler.post(f"{cast.path}/sos"))["on_hold"] is True


async def test_a_call_is_kept_where_nothing_can_be_frozen(story: Story, app: FastAPI) -> None:
    """The delivery is over, or its workflow cannot be reached: operators learn of it all the same."""
    over = await story.paid()
    done(await over.customer.post(f"{over.path}/cancel"))
    await over.until("cancelled")
    cast = await story.picked_up()
    answer = done(await over.customer.post(f"{over.path}/sos", CALL))
    assert (answer["on_hold"], answer["deadline"]) == (False, None)
    assert len(await _open_items(over)) == 1
    services = app.state.services
    app.state.services = replace(services, commands=Commands(services.temporal, wait_s_max=0.0))
    try:
        assert done(await cast.traveler.post(f"{cast.path}/sos", CALL))["on_hold"] is False
    finally:
        app.state.services = services
    assert len(await _open_items(cast)) == 1
    assert done(await cast.traveler.post(f"{cast.path}/sos", CALL))["on_hold"] is True


async def test_only_a_party_calls_and_a_foreign_delivery_is_not_there(story: Story) -> None:
    cast, stranger = await story.picked_up(), await story.person("traveler")
    refused = await cast.agent.post(f"{cast.path}/sos", CALL)
    assert (refused.status_code, code_of(refused)) == (403, "not_your_role")
    unknown = await stranger.post(f"{cast.path}/sos", CALL)
    assert (unknown.status_code, code_of(unknown)) == (404, "not_found")
