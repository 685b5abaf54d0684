"""Risk at a scan: proven once more, held until staff have looked, or refused; nothing is used up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.risk.rules import RuleModel
from infra.database.schema import device, person
from infra.identifiers import new_id
from infra.risk.desk import RiskDesk
from tests.api.client import Person, code_of
from tests.api.identity.factors import approve, named, next_code, set_up
from tests.api.identity.sessions import signed_in
from tests.api.story import Cast, Story, done
from tests.api.test_risk import decisions, items, share_phone


async def share_device(engine: AsyncEngine, cast: Cast) -> None:
    """Have customer and traveler take the same phone into use."""
    public_key = new_id().encode()[:32]
    async with engine.begin() as connection:
        for one in (cast.customer, cast.traveler):
            row = {"device_id": new_id(), "person_id": one.person_id, "public_key": public_key}
            await connection.execute(
                insert(device).values(**row, algorithm="ed25519", name="Phone")
            )


async def grow_old(engine: AsyncEngine, *people: Person) -> None:
    """Let accounts be there for a year."""
    year = datetime.now(UTC) - timedelta(days=365)
    ids = [one.person_id for one in people]
    async with engine.begin() as connection:
        aged = update(person).where(person.c.person_id.in_(ids)).values(created_at=year)
        await connection.execute(aged)


async def code_at(cast: Cast, purpose: str = "pickup") -> dict[str, str]:
    by = cast.customer if purpose == "pickup" else cast.recipient
    return {"code": done(await by.get(f"{cast.path}/codes/{purpose}"))["code"]}


async def scan(cast: Cast, body: Any, key: str | None = None) -> httpx.Response:
    return await cast.traveler.post(f"{cast.path}/pickup", body, key=key)


async def resume(cast: Cast, operator: Person, **more: Any) -> None:
    reason = {"reason": "One household; the parcel was seen."}
    done(await operator.post(f"{cast.path}/resume", {**reason, **more}))


async def test_a_scan_between_strangers_goes_on_and_is_kept(story: Story) -> None:
    cast = await story.delivered()
    found = [(each["occasion"], each["outcome"]) for each in await decisions(cast)]
    assert found == [("handover", "allow"), ("pickup", "allow"), ("deal", "allow")]


async def test_a_held_scan_moves_nothing_and_works_once_staff_let_it_go_on(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await story.paid()
    operator = await story.person("operator")
    await share_device(engine, cast)
    body = await code_at(cast)
    answer = await scan(cast, body)
    assert (answer.status_code, code_of(answer)) == (409, "risk_held")
    assert "device" not in answer.text
    now = done(await operator.get(cast.path))
    assert (now["status"], now["deadline"]["kind"]) == ("awaiting_pickup", "hold")
    timeline = done(await operator.get(f"{cast.path}/timeline"))["items"]
    (held,) = [each for each in timeline if each["kind"] == "hold_placed"]
    assert "shared_device, account_new" in str(held)
    told = await cast.traveler.get(f"{cast.path}/timeline")
    assert "shared_device" not in told.text
    assert "risk_decision" in str(held)
    assert "risk_decision" not in told.text
    (item,) = await items(cast)
    assert "Both sides of the delivery use the same device. (60)" in item["problem"]
    assert code_of(await scan(cast, body)) == "risk_held"
    await resume(cast, operator, lets_risk_pass=False)
    assert code_of(await scan(cast, body)) == "risk_held"
    await resume(cast, operator)
    done(await scan(cast, body))
    assert (await decisions(cast))[0]["outcome"] == "allow"
    await cast.until("in_transit")


async def test_what_is_added_after_a_hold_was_lifted_is_held_again(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await story.paid()
    operator = await story.person("operator")
    await share_device(engine, cast)
    body = await code_at(cast)
    assert code_of(await scan(cast, body)) == "risk_held"
    await resume(cast, operator)
    await share_phone(engine, cast, f"phone-{cast.delivery_id}")
    answer = await scan(cast, body)
    assert (answer.status_code, code_of(answer)) == (403, "risk_refused")
    assert (await decisions(cast))[0]["score"] == 100
    assert done(await cast.customer.get(cast.path))["status"] == "awaiting_pickup"
    done(await operator.post(f"{cast.path}/hold", {"reason": "Look at both."}))
    await resume(cast, operator)
    assert code_of(await scan(cast, body)) == "risk_refused"
    refused = (await decisions(cast))[0]["decision_id"]
    done(await operator.post(f"{cast.path}/hold", {"reason": "Both were seen."}))
    await resume(cast, operator, risk_decision_id=refused)
    done(await scan(cast, body))


async def test_a_hold_that_was_placed_for_something_else_clears_no_risk(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await story.paid()
    operator = await story.person("operator")
    await share_device(engine, cast)
    body, path = await code_at(cast), f"{cast.path}/resume"
    done(await operator.post(f"{cast.path}/hold", {"reason": "The address is being checked."}))
    assert code_of(await scan(cast, body)) == "risk_held"
    await resume(cast, operator)
    # The hold that follows is its own, and of this one staff know what it is for.
    assert code_of(await scan(cast, body)) == "risk_held"
    allowed = next(each for each in await decisions(cast) if each["outcome"] == "allow")
    for stranger in (allowed["decision_id"], new_id()):
        answer = await operator.post(path, {"risk_decision_id": stranger})
        assert (answer.status_code, code_of(answer)) == (404, "risk_decision_unknown")
    await resume(cast, operator)
    done(await scan(cast, body))


async def test_a_step_up_is_asked_for_and_lets_the_same_request_pass(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await story.paid()
    await grow_old(engine, cast.customer, cast.traveler)
    await share_phone(engine, cast, f"phone-{cast.delivery_id}")
    cast.traveler = await signed_in(engine, cast.traveler)
    body, key = await code_at(cast), new_id()
    assert code_of(await scan(cast, body, key)) == "risk_step_up"
    app, _ = await set_up(cast.traveler)
    answer = await scan(cast, body, key)
    assert (answer.status_code, code_of(answer)) == (403, "risk_step_up")
    assert answer.headers["www-authenticate"].startswith('Step-Up at="/v1/me/step-ups"')
    # By its address alone: codes change faster than people answer.
    grant = await approve(
        cast.traveler, named("POST", f"{cast.path}/pickup"), {"totp": next_code(app)}
    )
    done(await with_grant(cast, f"{cast.path}/pickup", body, grant, key))
    first = next(each for each in await decisions(cast) if each["occasion"] == "pickup")
    assert (first["outcome"], first["score"]) == ("step_up", 50)
    # The same request after a lost answer is the same request.
    done(await with_grant(cast, f"{cast.path}/pickup", body, grant, key))
    at_the_door = await with_grant(
        cast, f"{cast.path}/handover", await code_at(cast, "handover"), grant, new_id()
    )
    assert code_of(at_the_door) == "risk_step_up"


async def with_grant(cast: Cast, path: str, body: Any, grant: str, key: str) -> httpx.Response:
    headers = {**cast.traveler.headers, "Step-Up": grant, "Idempotency-Key": key}
    return await cast.traveler.http.post(path, json=body, headers=headers)


async def test_a_scan_whose_signals_cannot_be_read_uses_nothing_up(
    story: Story, app: FastAPI, engine: AsyncEngine
) -> None:
    cast = await story.paid()
    services, body, key = app.state.services, await code_at(cast), new_id()
    impatient = RiskDesk(services.engine, RuleModel(), wait_s_max=0.05)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("LOCK TABLE strike IN ACCESS EXCLUSIVE MODE")
        app.state.services = replace(services, risk=impatient)
        try:
            answer = await scan(cast, body, key)
        finally:
            app.state.services = services
    assert (answer.status_code, code_of(answer)) == (503, "unavailable")
    assert done(await cast.customer.get(cast.path))["status"] == "awaiting_pickup"
    done(await scan(cast, body, key))


async def test_a_phone_that_makes_its_position_up_is_held(story: Story) -> None:
    cast = await story.paid()
    place = {"latitude": 52.5401, "longitude": 13.4105, "accuracy_m": 9.5, "is_mock": True}
    taken = {"taken_at": datetime.now(UTC).isoformat()}
    answer = await scan(cast, {**await code_at(cast), "position": {**place, **taken}})
    assert code_of(answer) == "risk_held"
    assert (await decisions(cast))[0]["reasons"][0]["code"] == "place_mocked"
