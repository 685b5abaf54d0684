"""Emergency overrides over REST: asked by an operator, approved by an agent, told to both parties."""

from __future__ import annotations

import json
from typing import Any

import httpx
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import delivery_override, override_approval, person
from tests.api.client import Person, code_of
from tests.api.identity.factors import approve, named, next_code, set_up
from tests.api.identity.people import Newcomers
from tests.api.story import Cast, Story, done
from tests.api.test_lists import walk

WHY = {
    "step": "handover",
    "cause": "police",
    "explanation": "The police hold the traveler.",
    "reference": "Case 4711",
    "witness": "Officer Weber",
    "evidence": ["a" * 64],
}
CALLED = {"note": "I have called the station."}


async def asked(story: Story, cast: Cast, **changes: Any) -> tuple[Person, str]:
    """Ask for an override as a new operator; return who asked, and the path of it."""
    operator = await story.person("operator")
    wanted = {**WHY, **changes}
    answer = done(await operator.post(f"{cast.path}/overrides", wanted))
    assert {name: answer[name] for name in wanted} == wanted, "what was sent is given back"
    return operator, f"/v1/overrides/{answer['override_id']}"


async def test_an_override_is_asked_for_and_approved_by_two_people(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await story.picked_up()
    operator, path = await asked(story, cast)
    clocks = done(await cast.agent.get(f"{cast.path}/deadlines"))["deadlines"]
    assert [clock["kind"] for clock in clocks if clock["kind"] == "override"] == ["override"]
    of_parties = done(await cast.customer.get(f"{cast.path}/deadlines"))["deadlines"]
    assert "override" not in [clock["kind"] for clock in of_parties]
    read = done(await cast.agent.get(path))
    assert (read["witness"], read["deadline"]["kind"]) == ("Officer Weber", "override")
    for other in (operator, cast.customer):
        refused = await other.post(f"{path}/approve", CALLED)
        assert code_of(refused) in ("override_same_person", "not_your_role", "not_found")
    approved = done(await cast.agent.post(f"{path}/approve", CALLED))
    assert (approved["status"], approved["witness"]) == ("applied", "Officer Weber")
    assert done(await cast.customer.get(cast.path))["status"] == "delivered"
    listed = done(await operator.get("/v1/overrides", delivery_id=cast.delivery_id))["items"]
    assert [each["status"] for each in listed] == ["applied"]
    again = await cast.agent.post(f"{path}/refuse", CALLED)
    assert (again.status_code, code_of(again)) == (409, "wrong_state")
    async with engine.connect() as connection:
        kept = select(delivery_override).where(
            delivery_override.c.override_id == read["override_id"]
        )
        row = (await connection.execute(kept)).one()
    assert all(word.startswith("enc1.") for word in (row.explanation, row.reference, row.witness))


async def test_the_same_request_again_says_what_was_sent_for_as_long_as_it_may_be_read(
    story: Story, engine: AsyncEngine
) -> None:
    cast, operator = await story.picked_up(), await story.person("operator")
    path = f"{cast.path}/overrides"
    first = done(await operator.post(path, WHY, key="one"))
    again = done(await operator.post(path, WHY, key="one"))
    assert again == first
    gone = update(person).where(person.c.person_id == operator.person_id)
    async with engine.begin() as connection:
        await connection.execute(gone.values(roles=["customer"]))
    assert "Weber" not in (await operator.post(path, WHY, key="one")).text


async def test_parties_learn_of_it_and_not_of_who_and_what_was_said(story: Story) -> None:
    cast = await story.picked_up()
    _, path = await asked(story, cast)
    seen = json.dumps(done(await cast.traveler.get(f"{cast.path}/timeline", limit=100)))
    assert "override_asked" not in seen
    done(await cast.agent.post(f"{path}/approve", CALLED))
    items = done(await cast.traveler.get(f"{cast.path}/timeline", limit=100))["items"]
    (told,) = [item for item in items if item["kind"] == "handover_overridden"]
    assert (told["facts"]["reason"], told["actor_role"]) == ("police", "agent")
    assert "asked_by" not in told["facts"]
    assert "override_approved" not in [item["kind"] for item in items]
    assert code_of(await cast.traveler.get(path)) == "not_found"


async def test_what_somebody_approves_in_a_session_names_it_and_their_second_factor(
    story: Story, http: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    cast = await story.picked_up()
    _, path = await asked(story, cast)
    agent = await Newcomers(http, engine).signed_in()
    hired = update(person).values(roles=["agent"])
    async with engine.begin() as connection:
        await connection.execute(hired.where(person.c.person_id == agent.person_id))
    app, _ = await set_up(agent)
    wanted = f"{path}/approve"
    assert code_of(await agent.post(wanted, CALLED)) == "step_up_required"
    grant = await approve(agent, named("POST", wanted, CALLED), {"totp": next_code(app)})
    headers = {"Step-Up": grant, "Idempotency-Key": "one", "Content-Type": "application/json"}
    body = json.dumps(CALLED).encode()
    sent = await agent.http.post(wanted, content=body, headers={**agent.headers, **headers})
    assert done(sent)["status"] == "applied"
    given = select(override_approval).where(
        override_approval.c.override_id == path.rpartition("/")[2]
    )
    async with engine.connect() as connection:
        row = (await connection.execute(given)).one()
    assert (row.person_id, row.session_id) == (agent.person_id, agent.session_id)
    assert row.step_up_id is not None


async def test_only_staff_without_a_part_in_it_ask_and_only_for_a_step(story: Story) -> None:
    cast, operator = await story.picked_up(), await story.person("operator")
    for other in (cast.customer, cast.traveler, cast.recipient):
        refused = await other.post(f"{cast.path}/overrides", WHY)
        assert (refused.status_code, code_of(refused)) == (403, "not_your_role")
    faults: tuple[dict[str, Any], ...] = (
        {"step": "relay"},
        {"evidence": []},
        {"evidence": ["x"]},
        {"witness": " "},
    )
    for fault in faults:
        answer = await operator.post(f"{cast.path}/overrides", {**WHY, **fault})
        assert (answer.status_code, code_of(answer)) == (422, "fields_invalid")


async def test_whoever_holds_both_roles_approves_in_the_other_one(story: Story) -> None:
    cast, both = await story.picked_up(), await story.person("operator", "agent")
    operator, path = await asked(story, cast)
    second = await story.person("operator")
    refused = await second.post(f"{path}/approve", CALLED)
    assert (refused.status_code, code_of(refused)) == (403, "not_your_role")
    taken_back = await second.post(f"{path}/withdraw", CALLED)
    assert (taken_back.status_code, code_of(taken_back)) == (403, "not_your_role")
    done(await operator.post(f"{path}/withdraw", CALLED))
    _, path = await asked(story, cast)
    assert done(await both.post(f"{path}/approve", CALLED))["status"] == "applied"


async def test_a_party_who_works_here_reads_nothing_of_it(
    story: Story, engine: AsyncEngine
) -> None:
    cast, other = await story.picked_up(), await story.picked_up()
    _, older = await asked(story, other)
    _, path = await asked(story, cast)
    operator, newer = await asked(story, other)
    hired = update(person).where(person.c.person_id == cast.recipient.person_id)
    async with engine.begin() as connection:
        await connection.execute(hired.values(roles=["customer", "operator"]))
    party = cast.recipient
    assert done(await party.get("/v1/overrides", delivery_id=cast.delivery_id))["items"] == []
    assert done(await operator.get("/v1/overrides", delivery_id=cast.delivery_id))["items"] != []
    of_party = await walk(party, "/v1/overrides", limit=1, count=2)
    assert [f"/v1/overrides/{item['override_id']}" for item in of_party] == [newer, older]
    assert code_of(await party.get(path)) == "not_your_role"
    clocks = done(await party.get(f"{cast.path}/deadlines"))["deadlines"]
    assert "override" not in [clock["kind"] for clock in clocks]
