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
from domain.ids import DeliveryId, PersonId
from infra.audit.chain_checks import Scope, faults_of_chains
from infra.database.schema import access_token, audit_entry, event, person
from infra.database.tokens import create_token, token_hash
from infra.identifiers import new_id
from tests.api.client import Person, code_of
from tests.api.identity.notices import notices_to
from tests.api.story import NEW_DELIVERY, Story, done
from tests.api.test_idempotency import forget_answer

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
    for whom, purpose in ((cast.customer, "pickup"), (cast.recipient, "handover")):
        in_place = await acting(cast.agent, whom)
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


async def events_of(engine: AsyncEngine, path: str) -> list[tuple[str, dict[str, str]]]:
    """Return what the chain of a delivery says: what happened, and who did it."""
    query = select(event.c.kind, event.c.body).where(event.c.delivery_id == path.rpartition("/")[2])
    async with engine.connect() as connection:
        rows = await connection.execute(query.order_by(event.c.sequence))
    return [(row.kind, json.loads(row.body)["actor"]) for row in rows]


async def test_the_history_of_the_delivery_and_the_person_s_own_trail_name_both(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await story.requested()
    agent, traveler = cast.agent, await story.person("traveler")
    in_place = await acting(agent, traveler, "submit_offer", "open_delivery")
    done(await in_place.post(f"{cast.path}/offers", {"price_minor": 4200}))
    offered = (await events_of(engine, cast.path))[-1]
    both = {"person_id": traveler.person_id, "acted_by": agent.person_id}
    assert offered == ("offer_submitted", {"role": "traveler", **both})
    customer = await acting(agent, cast.customer, "open_delivery")
    opened = done(await customer.post("/v1/deliveries", NEW_DELIVERY))
    (first, *_) = await events_of(engine, f"/v1/deliveries/{opened['delivery_id']}")
    both = {"person_id": cast.customer.person_id, "acted_by": agent.person_id}
    assert first == ("request_opened", {"role": "customer", **both})
    async with engine.connect() as connection:
        for delivery_id in (cast.path.rpartition("/")[2], opened["delivery_id"]):
            scope = Scope(DeliveryId(delivery_id))
            assert await faults_of_chains(connection, scope) == []
    exported = done(await cast.customer.post("/v1/me/exports"))["audit"]
    (entry,) = [each for each in exported if each["kind"] == "acted_for"]
    named = (entry["staff_id"], entry["action"], entry["reason"], entry["by_you"])
    assert named == (agent.person_id, "open_delivery", WHY, False)


async def test_the_person_is_told_once_of_each_kind_of_change(
    story: Story, engine: AsyncEngine
) -> None:
    customer, agent = await story.person("customer"), await story.person("agent")
    async with engine.begin() as connection:
        with_mail = update(person).values(email=f"{customer.person_id}@example.org")
        await connection.execute(with_mail.where(person.c.person_id == customer.person_id))
    in_place = await acting(agent, customer, "open_delivery")
    assert await notices_to(engine, customer.person_id) == []
    for _ in range(2):
        done(await in_place.post("/v1/deliveries", NEW_DELIVERY))
    said = {"action": "open delivery", "reason": WHY}
    assert await notices_to(engine, customer.person_id) == [("account_acted_for", said)]


async def test_acting_ends_with_the_session_and_with_the_role_that_it_came_from(
    story: Story, engine: AsyncEngine
) -> None:
    customer, hired = await story.person("customer"), await story.person("agent")
    for column, value in (("revoked_at", datetime.now(UTC)), ("expires_at", datetime.now(UTC))):
        agent = replace(hired, token=await create_token(engine, PersonId(hired.person_id)))
        in_place = await acting(agent, customer)
        done(await in_place.get("/v1/deliveries"))
        async with engine.begin() as connection:
            own = access_token.c.token_hash == token_hash(agent.token)
            await connection.execute(update(access_token).where(own).values({column: value}))
        assert code_of(await in_place.get("/v1/deliveries")) == "unauthenticated"
    changed = ((hired, ["operator"]), (customer, ["agent"]))
    for whom, roles in changed:
        await set_roles(engine, hired, ["agent"])
        in_place = await acting(hired, customer)
        await set_roles(engine, whom, roles)
        assert code_of(await in_place.get("/v1/deliveries")) == "unauthenticated"


async def set_roles(engine: AsyncEngine, whom: Person, roles: list[str]) -> None:
    changed = update(person).where(person.c.person_id == whom.person_id).values(roles=roles)
    async with engine.begin() as connection:
        await connection.execute(changed)


async def test_a_credential_whose_answer_was_lost_is_named_again_and_not_made_twice(
    story: Story, engine: AsyncEngine
) -> None:
    customer, agent = await story.person("customer"), await story.person("agent")
    path, body = f"/v1/people/{customer.person_id}/acting", {"reason": WHY, "actions": []}
    first = done(await agent.post(path, body, key="act"))
    await forget_answer(engine, agent, "act")
    again = done(await agent.post(path, body, key="act"))
    assert again == {**first, "credential": None}
    assert len(await written(engine, customer)) == 1


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
