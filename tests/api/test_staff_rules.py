"""Staff are nobody special from elsewhere; they are told why, and the audit hears of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from ipaddress import ip_network

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from api.composition import create_app
from domain.attention import AttentionItem, AttentionKind
from domain.auditing.entries import Trail
from domain.ids import DeliveryId
from infra.database.attention import DatabaseAttention
from infra.database.schema import audit_entry
from infra.database.tokens import create_token
from infra.identifiers import new_id
from infra.settings import Settings
from tests.api.client import Person, RefuseUndocumented, code_of
from tests.api.story import NEW_DELIVERY, done
from tests.conftest import MakePerson

OFFICE, ELSEWHERE = "10.1.2.3", "203.0.113.9"
COMMANDS = {"hold": {"reason": "x"}, "resolve": {"action": "retry"}}

From = Callable[..., Awaitable[Person]]


@pytest.fixture(scope="module")
async def guarded(settings: Settings, polling: None) -> AsyncIterator[FastAPI]:
    """An API whose staff work from one network."""
    networks = (ip_network("10.1.0.0/16"),)
    app = create_app(settings.model_copy(update={"staff_networks": networks}))
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture(scope="module")
async def person_from(guarded: FastAPI, engine: AsyncEngine, make_person: MakePerson) -> From:
    """Return a way to make somebody who asks from an address."""

    async def make(address: str, *roles: str, same_as: Person | None = None) -> Person:
        transport = httpx.ASGITransport(guarded, client=(address, 50_000))
        checked = RefuseUndocumented(transport, guarded)
        http = httpx.AsyncClient(transport=checked, base_url="https://sendalong.test")
        if same_as is not None:
            return replace(same_as, http=http)
        person_id = await make_person(*roles)
        return Person(http, person_id, await create_token(engine, person_id))

    return make


@pytest.fixture(scope="module")
async def delivery(person_from: From) -> str:
    """Address of somebody's delivery."""
    customer = await person_from(ELSEWHERE, "customer")
    return (
        f"/v1/deliveries/{done(await customer.post('/v1/deliveries', NEW_DELIVERY))['delivery_id']}"
    )


async def test_from_the_office_staff_see_everything(
    person_from: From, engine: AsyncEngine, delivery: str
) -> None:
    agent = await person_from(OFFICE, "agent")
    assert done(await agent.get(delivery))["your_roles"] == ["agent"]
    delivery_id = delivery.rpartition("/")[2]
    kind, key, about = AttentionKind.MISSING_IN_LEDGER, new_id(), DeliveryId(delivery_id)
    item = AttentionItem(key, kind, "refund re_1", "It is not booked.", about)
    await DatabaseAttention(engine).raise_item(item)
    listed = done(await agent.get("/v1/attention", delivery_id=delivery_id))["items"]
    assert [each["problem"] for each in listed] == ["It is not booked."]


async def test_from_elsewhere_staff_meet_the_same_whatever_is_there(
    person_from: From, delivery: str
) -> None:
    agent = await person_from(ELSEWHERE, "agent", "operator", "admin")
    for path in (delivery, f"/v1/deliveries/{new_id()}", f"/v1/disputes/{new_id()}"):
        answer = await agent.get(path)
        assert (answer.status_code, code_of(answer)) == (403, "staff_powers_withheld")
    assert code_of(await agent.get("/v1/attention")) == "staff_powers_withheld"
    for command, body in COMMANDS.items():
        answer = await agent.post(f"{delivery}/{command}", body)
        assert code_of(answer) == "staff_powers_withheld"
        assert "current_status" not in answer.json()


async def test_what_was_withheld_may_be_done_from_the_office_with_the_same_key(
    person_from: From, delivery: str
) -> None:
    outside = await person_from(ELSEWHERE, "operator")
    inside = await person_from(OFFICE, same_as=outside)
    key, body = new_id(), {"reason": "Somebody asked for it."}
    assert code_of(await outside.post(f"{delivery}/hold", body, key=key)) == "staff_powers_withheld"
    assert done(await inside.post(f"{delivery}/hold", body, key=key))["on_hold"]
    done(await inside.post(f"{delivery}/resume"))


async def test_staff_keep_what_they_may_do_as_private_people(person_from: From) -> None:
    agent = await person_from(ELSEWHERE, "agent", "customer")
    opened = done(await agent.post("/v1/deliveries", NEW_DELIVERY))
    assert opened["your_roles"] == ["customer", "sender"]
    own = f"/v1/deliveries/{opened['delivery_id']}"
    assert done(await agent.get(own))["your_roles"] == ["customer", "sender"]


async def test_refusals_are_in_the_audit_with_who_asked_for_what(
    person_from: From, guarded: FastAPI, engine: AsyncEngine, delivery: str
) -> None:
    stranger = await person_from(ELSEWHERE, "customer")
    offering = await person_from(ELSEWHERE, "traveler")
    for _ in range(3):
        assert code_of(await stranger.get(delivery)) == "not_found"
    assert code_of(await offering.get(f"{delivery}/ledger")) == "not_your_role"
    assert code_of(await offering.post(f"{delivery}/confirm")) == "not_your_role"
    await guarded.state.services.denials.write(everything=True)
    query = select(audit_entry).where(
        audit_entry.c.trail == Trail.DENIALS,
        audit_entry.c.actor_id.in_([stranger.person_id, offering.person_id]),
    )
    async with engine.connect() as connection:
        rows = list(await connection.execute(query))
    delivery_id = delivery.rpartition("/")[2]
    assert {(row.actor_id, row.subject, row.subject_id) for row in rows} == {
        (stranger.person_id, "route", ""),
        (offering.person_id, "delivery", delivery_id),
    }
    assert sum('"action":"read_delivery"' in row.body for row in rows) == 1
    assert sum('"count":"3"' in row.body for row in rows) == 1
    assert sum('"code":"not_your_role"' in row.body for row in rows) == 2
