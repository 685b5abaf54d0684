"""Keys of programs: two may live, each is seen once, and does what its scopes and its owner may."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.auditing.entries import EntryKind
from infra.database.schema import access_token, api_key, audit_entry, person
from infra.database.tokens import token_hash
from infra.identifiers import new_id
from tests.api.client import Person, code_of
from tests.api.story import NEW_DELIVERY, Story, done

KEYS = "/v1/me/api-keys"


def wanted(*scopes: str, **more: Any) -> dict[str, Any]:
    return {"name": "Shop", "scopes": list(scopes), **more}


@pytest.fixture
async def integrator(story: Story) -> Person:
    return await story.person("customer", "integrator")


async def program_of(owner: Person, *scopes: str) -> Person:
    """Return a program with a key of somebody."""
    return replace(owner, token=done(await owner.post(KEYS, wanted(*scopes)))["key"])


async def test_a_key_is_seen_once_and_known_by_its_beginning(
    integrator: Person, engine: AsyncEngine
) -> None:
    idempotency_key = new_id()
    made = done(await integrator.post(KEYS, wanted("reads"), key=idempotency_key))
    assert made["key"].startswith(made["prefix"])
    assert made["prefix"].startswith("sak_")
    again = await integrator.post(KEYS, wanted("reads"), key=idempotency_key)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert done(again) == {**made, "key": None}
    listed = await integrator.get(KEYS)
    assert [item["key_id"] for item in done(listed)["items"]] == [made["key_id"]]
    assert made["key"] not in listed.text
    async with engine.connect() as connection:
        kept = await connection.scalar(
            select(access_token.c.kind).where(access_token.c.token_hash == token_hash(made["key"]))
        )
        audited = list(
            await connection.scalars(
                select(audit_entry.c.body).where(
                    audit_entry.c.kind == EntryKind.ACCESS_GRANTED,
                    audit_entry.c.subject_id == integrator.person_id,
                )
            )
        )
    assert kept == "api_key"
    assert [json.loads(body)["facts"]["scopes"] for body in audited] == ["reads"]
    assert made["key"] not in audited[0]


async def test_a_key_does_what_its_scopes_say(integrator: Person) -> None:
    program = await program_of(integrator, "reads", "open_delivery")
    opened = done(await program.post("/v1/deliveries", NEW_DELIVERY))
    path = f"/v1/deliveries/{opened['delivery_id']}"
    assert done(await program.get(path))["your_roles"] == ["customer", "sender"]
    for command in ("cancel", "confirm"):
        answer = await program.post(f"{path}/{command}")
        assert (answer.status_code, code_of(answer)) == (403, "scope_missing")
    for secret in (await program.get(KEYS), await program.post(KEYS, wanted("reads"))):
        assert code_of(secret) == "scope_missing"


async def test_scopes_give_nothing_that_the_owner_may_not(story: Story, integrator: Person) -> None:
    program = await program_of(integrator, "hold_delivery", "list_attention", "submit_offer")
    cast = await story.requested()
    assert code_of(await program.post(f"{cast.path}/hold", {"reason": "x"})) == "not_found"
    offered = await program.post(f"{cast.path}/offers", {"price_minor": 4200})
    assert code_of(offered) == "not_found"
    assert code_of(await program.get("/v1/attention")) == "not_your_role"


async def test_powers_of_staff_are_in_a_key_only_when_named(story: Story) -> None:
    cast = await story.requested()
    agent = await story.person("agent", "integrator")
    program = await program_of(agent, "reads", "hold_delivery")
    assert code_of(await program.get(cast.path)) == "staff_powers_withheld"
    assert done(await program.post(f"{cast.path}/hold", {"reason": "x"}))["on_hold"]
    assert code_of(await program.get("/v1/attention")) == "scope_missing"


async def test_two_keys_live_and_a_third_waits_for_one_to_end(
    integrator: Person, engine: AsyncEngine
) -> None:
    first = await integrator.post(KEYS, wanted("reads"))
    program = await program_of(integrator, "reads")
    third = await integrator.post(KEYS, wanted("reads"))
    assert (third.status_code, code_of(third)) == (409, "api_keys_reached")
    path = f"{KEYS}/{done(first)['key_id']}/revoke"
    assert done(await integrator.post(path))["is_live"] is False
    revoked = replace(integrator, token=done(first)["key"])
    assert code_of(await revoked.get("/v1/deliveries")) == "unauthenticated"
    done(await integrator.post(KEYS, wanted("reads")))
    done(await program.get("/v1/deliveries"))
    listed = done(await integrator.get(KEYS))["items"]
    assert [item["is_live"] for item in listed] == [True, True, False]
    assert [item["last_used_at"] is not None for item in listed] == [False, True, False]


async def test_a_key_ends_by_itself(integrator: Person, engine: AsyncEngine) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    made = done(await integrator.post(KEYS, wanted("reads", expires_at=soon)))
    program = replace(integrator, token=made["key"])
    done(await program.get("/v1/deliveries"))
    async with engine.begin() as connection:
        await connection.execute(
            update(access_token)
            .where(access_token.c.token_hash == token_hash(made["key"]))
            .values(expires_at=datetime.now(UTC))
        )
    assert code_of(await program.get("/v1/deliveries")) == "unauthenticated"
    past = await integrator.post(KEYS, wanted("reads", expires_at="2020-01-01T00:00:00Z"))
    assert code_of(past) == "fields_invalid"


async def test_a_key_dies_with_its_owners_role(integrator: Person, engine: AsyncEngine) -> None:
    program = await program_of(integrator, "reads")
    done(await program.get("/v1/deliveries"))
    async with engine.begin() as connection:
        of_owner = person.c.person_id == integrator.person_id
        await connection.execute(update(person).where(of_owner).values(roles=["customer"]))
    assert code_of(await program.get("/v1/deliveries")) == "unauthenticated"


@pytest.mark.parametrize("scope", ["everything", "create_api_key", "public_read_health", ""])
async def test_what_no_key_may_be_for_is_refused(integrator: Person, scope: str) -> None:
    assert code_of(await integrator.post(KEYS, wanted(scope))) == "fields_invalid"


async def test_only_those_who_build_on_the_api_have_keys(story: Story) -> None:
    customer = await story.person("customer")
    assert code_of(await customer.post(KEYS, wanted("reads"))) == "not_your_role"
    assert code_of(await customer.get(KEYS)) == "not_your_role"


async def test_an_admin_looks_after_the_keys_of_others(
    story: Story, integrator: Person, engine: AsyncEngine
) -> None:
    admin, agent = await story.person("admin"), await story.person("agent")
    keys = f"/v1/people/{integrator.person_id}/api-keys"
    assert code_of(await agent.post(keys, wanted("reads"))) == "not_your_role"
    made = done(await admin.post(keys, wanted("reads")))
    program = replace(integrator, token=made["key"])
    done(await program.get("/v1/deliveries"))
    assert [item["key_id"] for item in done(await admin.get(keys))["items"]] == [made["key_id"]]
    for scope in ("accept_offer", "show_handover_code", "give_verdict"):
        answer = await admin.post(keys, wanted("reads", scope))
        assert code_of(answer) == "fields_invalid", "its owner alone names what moves money"
    done(await admin.post(f"{keys}/{made['key_id']}/revoke"))
    assert code_of(await program.get("/v1/deliveries")) == "unauthenticated"
    for nobody in (new_id(), agent.person_id):
        answer = await admin.post(f"/v1/people/{nobody}/api-keys", wanted("reads"))
        assert code_of(answer) == "not_found"
    query = select(api_key.c.created_by).where(api_key.c.key_id == made["key_id"])
    async with engine.connect() as connection:
        assert await connection.scalar(query) == admin.person_id


async def test_the_keys_of_others_are_not_there(story: Story, integrator: Person) -> None:
    other = await story.person("integrator")
    made = done(await other.post(KEYS, wanted("reads")))
    foreign = await integrator.post(f"{KEYS}/{made['key_id']}/revoke")
    missing = await integrator.post(f"{KEYS}/{new_id()}/revoke")
    assert (foreign.status_code, code_of(foreign), code_of(missing)) == (
        404,
        "not_found",
        "not_found",
    )
    assert done(await other.get(KEYS))["items"][0]["is_live"]
