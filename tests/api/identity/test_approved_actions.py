"""Money, payout changes, verdicts and overrides are approved by who is signed in, word for word."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import person
from infra.identifiers import new_id
from tests.api.client import code_of
from tests.api.identity.factors import approve, let_steps_pass, named, next_code, set_up
from tests.api.identity.people import PASSWORD, Newcomers, SignedIn, new_address
from tests.api.story import done

ACCOUNT = "/v1/me/payout-account"
WANTED = {
    "country": "DE",
    "return_url": "https://app.example/done",
    "refresh_url": "https://app.example/again",
}
NOTHING = "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21"
BY_STAFF: dict[str, Any] = {
    f"/v1/disputes/{NOTHING}/verdict": {"outcome": "refund"},
    f"/v1/deliveries/{NOTHING}/resolve": {"action": "retry"},
    f"/v1/corrections/{NOTHING}/resolve": {"action": "retry", "reason": "x"},
}
ACCEPT = f"/v1/deliveries/{NOTHING}/offers/{NOTHING}/accept"
ACCEPTED = {"payment_method": "pm_sandbox_ok", "price_minor": 4200}


async def send(
    somebody: SignedIn, path: str, body: Any, *, grant: str | None = None, key: str = "one"
) -> httpx.Response:
    """Send a change with the bytes that `named` has named."""
    headers = {**somebody.headers, "Content-Type": "application/json", "Idempotency-Key": key}
    if grant is not None:
        headers["Step-Up"] = grant
    return await somebody.http.post(path, content=json.dumps(body).encode(), headers=headers)


@pytest.fixture
async def traveler(newcomers: Newcomers) -> SignedIn:
    """Somebody who is signed in and wants to be paid."""
    return await newcomers.signed_in(roles=["traveler"])


async def test_where_money_goes_is_changed_with_a_second_factor_only(
    traveler: SignedIn, engine: AsyncEngine
) -> None:
    refused = await send(traveler, ACCOUNT, WANTED)
    assert (refused.status_code, code_of(refused)) == (403, "second_factor_enrolment_required")
    app, _ = await set_up(traveler)
    assert code_of(await send(traveler, ACCOUNT, WANTED)) == "step_up_required"
    wanted = named("POST", ACCOUNT, WANTED)
    grant = await approve(traveler, wanted, {"totp": next_code(app)})
    elsewhere = {**WANTED, "return_url": "https://evil.example/done"}
    changed = await send(traveler, ACCOUNT, elsewhere, grant=grant)
    assert (changed.status_code, code_of(changed)) == (403, "step_up_required")
    done(await send(traveler, ACCOUNT, WANTED, grant=grant))
    # The same key is the same request: who lost the answer sends it again as it was.
    done(await send(traveler, ACCOUNT, WANTED, grant=grant))
    spent = await send(traveler, ACCOUNT, WANTED, grant=grant, key="two")
    assert code_of(spent) == "step_up_required"
    await let_steps_pass(engine, traveler)
    other = named("POST", ACCEPT, WANTED)
    for_other = await approve(traveler, other, {"totp": next_code(app)})
    assert code_of(await send(traveler, ACCOUNT, WANTED, grant=for_other)) == "step_up_required"


async def test_staff_approve_verdicts_and_overrides(
    newcomers: Newcomers, engine: AsyncEngine
) -> None:
    agent = await newcomers.signed_in()
    hired = update(person).values(roles=["agent"])
    async with engine.begin() as connection:
        await connection.execute(hired.where(person.c.person_id == agent.person_id))
    for path, body in BY_STAFF.items():
        assert code_of(await send(agent, path, body)) == "second_factor_enrolment_required"
    app, _ = await set_up(agent)
    for path, body in BY_STAFF.items():
        refused = await send(agent, path, body)
        assert (refused.status_code, code_of(refused)) == (403, "step_up_required")
    path, body = next(iter(BY_STAFF.items()))
    grant = await approve(agent, named("POST", path, body), {"totp": next_code(app)})
    assert (await send(agent, path, body, grant=grant)).status_code == 404


async def test_who_pays_is_asked_if_there_is_a_factor_to_ask_for(newcomers: Newcomers) -> None:
    customer = await newcomers.signed_in()
    assert (await send(customer, ACCEPT, ACCEPTED)).status_code == 404
    await set_up(customer)
    assert code_of(await send(customer, ACCEPT, ACCEPTED, key="two")) == "step_up_required"


async def test_a_preview_of_a_verdict_approves_no_verdict(
    newcomers: Newcomers, engine: AsyncEngine
) -> None:
    agent = await newcomers.signed_in()
    hired = update(person).values(roles=["agent"])
    async with engine.begin() as connection:
        await connection.execute(hired.where(person.c.person_id == agent.person_id))
    app, _ = await set_up(agent)
    path, body = next(iter(BY_STAFF.items()))
    seen = named("POST", f"{path}?preview=true", body)
    grant = await approve(agent, seen, {"totp": next_code(app)})
    assert code_of(await send(agent, path, body, grant=grant)) == "step_up_required"
    assert (await send(agent, f"{path}?preview=true", body, grant=grant)).status_code == 404


async def test_the_ways_to_reach_somebody_are_changed_with_their_factor(
    newcomers: Newcomers, engine: AsyncEngine
) -> None:
    somebody = await newcomers.signed_in()
    app, _ = await set_up(somebody)
    number = f"+4915{int(new_id()[-8:], 16):010}"
    wanted: dict[str, Any] = {
        "/v1/me/email": {"email": new_address(), "current_password": PASSWORD},
        "/v1/me/phone": {"phone": number},
    }
    for path, body in wanted.items():
        content = json.dumps(body).encode()
        headers = {**somebody.headers, "Content-Type": "application/json"}
        refused = await somebody.http.put(path, content=content, headers=headers)
        assert (refused.status_code, code_of(refused)) == (403, "step_up_required")
        await let_steps_pass(engine, somebody)
        code = {"totp": next_code(app)}
        headers["Step-Up"] = await approve(somebody, named("PUT", path, body), code)
        done(await somebody.http.put(path, content=content, headers=headers))
