"""Staff act in a person's place: they see what the person sees, and do what they said they would."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.auditing.entries import EntryKind
from domain.identity.acting import is_change, may_act, nameable
from domain.identity.actions import Action
from domain.identity.permissions import RULES, Nature
from infra.database.schema import access_token, audit_entry
from infra.database.tokens import token_hash
from infra.identifiers import new_id
from tests.api.client import Person, code_of
from tests.api.story import NEW_DELIVERY, Story, done

WHY = "Cannot find the code, asked us by phone."


async def acting(agent: Person, whom: Person, *actions: str) -> Person:
    """Return the agent in the place of somebody."""
    body = {"reason": WHY, "actions": list(actions)}
    made = done(await agent.post(f"/v1/people/{whom.person_id}/acting", body))
    return replace(whom, token=made["credential"])


async def written(engine: AsyncEngine, whom: Person) -> list[tuple[str, dict[str, Any]]]:
    query = (
        select(audit_entry.c.actor_id, audit_entry.c.body)
        .where(
            audit_entry.c.kind == EntryKind.ACTED_AS,
            audit_entry.c.subject_id == whom.person_id,
        )
        .order_by(audit_entry.c.sequence)
    )
    async with engine.connect() as connection:
        rows = await connection.execute(query)
    return [(row.actor_id, json.loads(row.body)["facts"]) for row in rows]


@pytest.mark.parametrize("action", list(Action))
def test_acting_never_reaches_money_factors_or_powers_of_staff(action: Action) -> None:
    nature = RULES[action].nature
    assert may_act(list(Action), action) is (nature in (Nature.READING, Nature.CHANGING))
    assert may_act([], action) is (nature is Nature.READING)
    assert is_change(action) is (nature is not Nature.READING)
    assert (str(action) in nameable()) is (nature is Nature.CHANGING)


async def test_an_agent_sees_what_the_person_sees(story: Story, engine: AsyncEngine) -> None:
    cast = await story.requested()
    in_place = await acting(cast.agent, cast.customer)
    assert done(await in_place.get(cast.path)) == done(await cast.customer.get(cast.path))
    stranger = await story.requested()
    assert code_of(await in_place.get(stranger.path)) == "not_found"
    for refused in (
        await in_place.post(f"{cast.path}/cancel"),
        await in_place.post("/v1/deliveries", NEW_DELIVERY),
        await in_place.get("/v1/me/second-factors"),
        await in_place.get("/v1/attention"),
    ):
        assert (refused.status_code, code_of(refused)) == (403, "scope_missing")
    ((actor, facts),) = await written(engine, cast.customer)
    assert (actor, facts) == (cast.agent.person_id, {"reason": WHY, "may": ""})


async def test_codes_and_scans_are_for_their_own_people(story: Story) -> None:
    """Whoever saw a code in the place of one side could finish the delivery as the other."""
    cast = await story.picked_up()
    for person, purpose in ((cast.customer, "pickup"), (cast.recipient, "handover")):
        in_place = await acting(cast.agent, person)
        shown = await in_place.get(f"{cast.path}/codes/{purpose}")
        assert (shown.status_code, code_of(shown)) == (403, "scope_missing")
    named = {"reason": WHY, "actions": ["scan_handover"]}
    path = f"/v1/people/{cast.traveler.person_id}/acting"
    assert code_of(await cast.agent.post(path, named)) == "fields_invalid"


async def test_a_named_change_is_made_with_both_ids_in_the_audit(
    story: Story, engine: AsyncEngine
) -> None:
    customer, agent = await story.person("customer"), await story.person("agent")
    in_place = await acting(agent, customer, "open_delivery")
    opened = done(await in_place.post("/v1/deliveries", NEW_DELIVERY))
    path = f"/v1/deliveries/{opened['delivery_id']}"
    assert done(await customer.get(path))["your_roles"] == ["customer", "sender"]
    _, (actor, facts) = await written(engine, customer)
    assert actor == agent.person_id
    assert facts == {"action": "open_delivery", "reason": WHY}


async def test_nothing_that_moves_money_can_be_named(story: Story) -> None:
    customer, agent = await story.person("customer"), await story.person("agent")
    path = f"/v1/people/{customer.person_id}/acting"
    for action in ("accept_offer", "cancel_delivery", "create_api_key", "hold_delivery", "fly"):
        answer = await agent.post(path, {"reason": WHY, "actions": [action]})
        assert code_of(answer) == "fields_invalid"


async def test_the_credential_is_seen_once_and_ends(story: Story, engine: AsyncEngine) -> None:
    customer, agent = await story.person("customer"), await story.person("agent")
    path, key = f"/v1/people/{customer.person_id}/acting", new_id()
    made = done(await agent.post(path, {"reason": WHY}, key=key))
    again = done(await agent.post(path, {"reason": WHY}, key=key))
    assert again == {**made, "credential": None}
    in_place = replace(customer, token=made["credential"])
    done(await in_place.get("/v1/deliveries"))
    async with engine.begin() as connection:
        row = access_token.c.token_hash == token_hash(made["credential"])
        ended = update(access_token).where(row).values(expires_at=datetime.now(UTC))
        await connection.execute(ended)
    assert code_of(await in_place.get("/v1/deliveries")) == "unauthenticated"


async def test_only_support_and_admins_act_and_never_for_each_other(story: Story) -> None:
    customer, agent = await story.person("customer"), await story.person("agent")
    for role in ("customer", "operator", "integrator"):
        nobody = await story.person(role)
        answer = await nobody.post(f"/v1/people/{customer.person_id}/acting", {"reason": WHY})
        assert code_of(answer) == "not_your_role"
    admin = await story.person("admin")
    for whom in (admin.person_id, agent.person_id, new_id()):
        answer = await agent.post(f"/v1/people/{whom}/acting", {"reason": WHY})
        assert code_of(answer) == "not_found"
    done(await admin.post(f"/v1/people/{customer.person_id}/acting", {"reason": WHY}))
