"""In sandbox mode a delivery moves through time, with all that belongs to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.robo import RUNS_AT_ONCE_MAX, RunState
from infra.identifiers import new_id
from infra.robo.runs import RobotRuns
from tests.api.client import code_of
from tests.api.story import Cast, Story, done


async def advance(cast: Cast, by: str, key: str | None = None) -> int:
    path = f"/v1/sandbox{cast.path.removeprefix('/v1')}/advance"
    answer = done(await cast.customer.post(path, {"by": by}, key=key))
    assert answer["arrived"]
    return int(answer["ahead_s"])


async def test_a_week_without_offers_passes_at_once(story: Story) -> None:
    cast = await story.requested()
    assert await advance(cast, "P8D") == 8 * 86_400
    assert done(await cast.customer.get(cast.path))["status"] == "expired"


async def test_a_repeated_request_moves_once_and_a_second_one_moves_on(story: Story) -> None:
    cast = await story.requested()
    assert await advance(cast, "P1D", "once") == 86_400
    assert await advance(cast, "P1D", "once") == 86_400
    assert await advance(cast, "PT36H") == int(2.5 * 86_400)
    assert done(await cast.customer.get(cast.path))["status"] == "requested"


async def test_a_dispute_moves_with_its_delivery(story: Story) -> None:
    cast = await story.disputed()
    await advance(cast, "P60D")
    assert (await cast.until("refunded", "settled", "completed"))["is_closed"]


async def test_a_delivery_that_was_moved_goes_on_as_any_other(story: Story) -> None:
    cast = await story.requested()
    await advance(cast, "P3D")
    offer = done(await cast.traveler.post(f"{cast.path}/offers", {"price_minor": 4200}))
    path = f"{cast.path}/offers/{offer['offer_id']}/accept"
    done(await cast.customer.post(path, {"payment_method": "pm_sandbox_ok", "price_minor": 4200}))
    seen = await cast.until("awaiting_pickup", "scheduled")
    due_at = datetime.fromisoformat(seen["deadline"]["due_at"])
    assert due_at > datetime.now(UTC) + timedelta(days=3)


@pytest.mark.parametrize("by", ["6 days", "-P6D", "P", "P91D", "PT0S", "P1DT", 6, None])
async def test_only_a_duration_ahead_is_taken(story: Story, by: object) -> None:
    cast = await story.requested()
    path = f"/v1/sandbox{cast.path.removeprefix('/v1')}/advance"
    assert code_of(await cast.customer.post(path, {"by": by})) == "fields_invalid"


async def test_strangers_and_onlookers_do_not_move_it(story: Story) -> None:
    cast, stranger = await story.requested(), await story.person("customer")
    path = f"/v1/sandbox{cast.path.removeprefix('/v1')}/advance"
    assert code_of(await stranger.post(path, {"by": "P1D"})) == "not_found"
    assert code_of(await cast.traveler.post(path, {"by": "P1D"})) == "not_your_role"


async def test_with_real_money_there_is_nothing_here(story: Story, app: FastAPI) -> None:
    cast = await story.requested()
    services = app.state.services
    app.state.services = replace(services, sandbox=None)
    try:
        path = f"/v1/sandbox{cast.path.removeprefix('/v1')}/advance"
        assert code_of(await cast.customer.post(path, {"by": "P1D"})) == "not_found"
    finally:
        app.state.services = services


async def test_when_enough_robots_play_others_wait(story: Story, engine: AsyncEngine) -> None:
    runs, person = RobotRuns(engine), await story.person("customer")
    playing = [new_id() for _ in range(RUNS_AT_ONCE_MAX)]
    try:
        for run_id in playing:
            await runs.begin(run_id, "happy", 10, person.person_id)
        answer = await person.post("/v1/sandbox/robo", {"scenario": "happy"}, key="play")
        assert code_of(answer) == "robots_busy"
        assert int(answer.headers["Retry-After"]) > 0
        shown = done(await person.get(f"/v1/sandbox/robo/{playing[0]}"))
        assert (shown["state"], shown["steps"]) == ("playing", [])
    finally:
        for run_id in playing:
            await runs.finish(run_id, RunState.MET)


@pytest.mark.parametrize("wish", [{"scenario": "fairy-tale"}, {"scenario": "happy", "speed": 0}])
async def test_robots_play_what_there_is(story: Story, wish: dict[str, Any]) -> None:
    person = await story.person("customer")
    assert code_of(await person.post("/v1/sandbox/robo", wish)) == "fields_invalid"


async def test_with_real_money_no_robots_play(story: Story, app: FastAPI) -> None:
    person, services = await story.person("customer"), app.state.services
    app.state.services = replace(services, sandbox=None)
    try:
        answer = await person.post("/v1/sandbox/robo", {"scenario": "happy"})
        assert code_of(answer) == "not_found"
        assert code_of(await person.get(f"/v1/sandbox/robo/{new_id()}")) == "not_found"
    finally:
        app.state.services = services
