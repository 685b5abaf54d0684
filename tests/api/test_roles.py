"""Admins give and take roles; it counts at once, and is in the audit with its reason."""

from __future__ import annotations

import asyncio
import json

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.disputing.rules import APPEALS_SKILL
from domain.ids import DeliveryId
from infra.cli import main
from infra.database.schema import audit_entry, person
from infra.disputes.agents import agent_for
from infra.identifiers import new_id
from tests.api.client import code_of
from tests.api.story import Story, done

WHY = "Joined support in May."


async def reasons(engine: AsyncEngine, person_id: str) -> list[tuple[str, str, str]]:
    """Return what the audit says about the roles of somebody."""
    query = (
        select(audit_entry.c.kind, audit_entry.c.actor_role, audit_entry.c.body)
        .where(audit_entry.c.subject_id == person_id)
        .order_by(audit_entry.c.sequence)
    )
    async with engine.connect() as connection:
        rows = await connection.execute(query)
    return [(row.kind, row.actor_role, json.loads(row.body)["facts"]["reason"]) for row in rows]


def order(role: str) -> dict[str, str]:
    return {"role": role, "reason": WHY}


async def test_a_role_counts_from_the_next_request_on(story: Story, engine: AsyncEngine) -> None:
    admin, newcomer = await story.person("admin"), await story.person("customer")
    path = f"/v1/people/{newcomer.person_id}/roles"
    assert code_of(await newcomer.get("/v1/attention")) == "not_your_role"
    granted = done(await admin.post(f"{path}/grant", order("senior_agent")))
    assert granted["roles"] == ["agent", "customer", "senior_agent"]
    done(await newcomer.get("/v1/attention"))
    again = done(await admin.post(f"{path}/grant", order("agent")))
    assert again == granted
    assert done(await admin.post(f"{path}/revoke", order("agent")))["roles"] == ["customer"]
    assert code_of(await newcomer.get("/v1/attention")) == "not_your_role"
    assert await reasons(engine, newcomer.person_id) == [
        ("role_granted", "admin", WHY),
        ("role_revoked", "admin", WHY),
    ]


@pytest.mark.parametrize("role", ["customer", "agent", "operator", "integrator"])
async def test_nobody_else_gives_roles(story: Story, role: str) -> None:
    somebody = await story.person(role)
    path = f"/v1/people/{somebody.person_id}/roles/grant"
    assert code_of(await somebody.post(path, order("admin"))) == "not_your_role"


async def test_an_admin_changes_no_roles_of_their_own(story: Story) -> None:
    admin = await story.person("admin")
    for way in ("grant", "revoke"):
        answer = await admin.post(f"/v1/people/{admin.person_id}/roles/{way}", order("agent"))
        assert code_of(answer) == "not_your_role"
    nobody = await admin.post(f"/v1/people/{new_id()}/roles/grant", order("agent"))
    assert code_of(nobody) == "not_found"
    unknown = await admin.post(f"/v1/people/{admin.person_id}/roles/grant", order("owner"))
    assert code_of(unknown) == "fields_invalid"


async def test_the_command_line_gives_the_first_roles(
    story: Story,
    engine: AsyncEngine,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    newcomer = await story.person("customer")
    words = ["role", "grant", "admin", "--person", newcomer.person_id, "--reason", WHY]
    assert await asyncio.to_thread(main, words) == 0
    assert capsys.readouterr().out == "admin customer\n"
    assert await reasons(engine, newcomer.person_id) == [("role_granted", "operator", WHY)]
    words[4] = new_id()
    assert await asyncio.to_thread(main, words) == 1
    assert "There is no person" in capsys.readouterr().err


async def test_appeals_go_to_senior_agents_first(story: Story, engine: AsyncEngine) -> None:
    cast = await story.requested()
    await story.person("senior_agent")
    async with engine.begin() as connection:
        chosen = await agent_for(connection, DeliveryId(cast.delivery_id), APPEALS_SKILL, None)
        query = select(person.c.roles, person.c.skills).where(person.c.person_id == chosen)
        found = (await connection.execute(query)).one()
    assert "senior_agent" in found.roles or APPEALS_SKILL in found.skills
