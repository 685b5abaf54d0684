"""The ladder of a dispute at the API: steps, previews, versions and the queue of agents."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.commands import Commands
from infra.identifiers import new_id
from tests.api.client import Person, code_of
from tests.api.dispute_steps import PROOF, every_stage, play_to_agreement, play_to_review
from tests.api.story import Cast, Story, done
from tests.waiting import until


@pytest.fixture
async def cast(story: Story, app: FastAPI) -> Cast:
    """A delivery with a dispute that waits for the traveler's answer."""
    with every_stage(app):
        return await story.disputed()


async def post(person: Person, path: str, body: Any = None) -> dict[str, Any]:
    return done(await person.post(path, body))


async def test_an_agreement_settles_the_money_without_an_agent(cast: Cast) -> None:
    await play_to_agreement(cast, post)
    delivery = await cast.until("settled")
    assert delivery["held_payment"]["status"] == "split"
    view = done(await cast.customer.get(cast.dispute_path))
    assert (view["stage"], view["status"]) == ("closed", "decided")
    assert (view["refund"]["amount_minor"], view["has_agent"]) == (900, False)
    assert [each["status"] for each in view["proposals"]] == ["withdrawn", "accepted"]
    assert view["next_steps"] == []


async def test_everybody_sees_what_they_may_do_next(cast: Cast) -> None:
    async def steps(person: Person) -> list[str]:
        found: list[str] = done(await person.get(cast.dispute_path))["next_steps"]
        return found

    said = ["add_evidence", "write"]
    assert await steps(cast.traveler) == ["answer", *said]
    assert await steps(cast.customer) == said
    assert await steps(cast.agent) == ["take_over", "decide", *said]
    await post(cast.traveler, f"{cast.dispute_path}/answer", {"accepts": False})
    await post(cast.traveler, f"{cast.dispute_path}/proposals", {"outcome": "release"})
    assert await steps(cast.customer) == ["accept_proposal", "propose", "call_agent", *said]
    assert await steps(cast.traveler) == ["withdraw_proposal", "propose", "call_agent", *said]
    assert await steps(cast.recipient) == said


async def test_a_dispute_says_who_must_act_by_when_and_what_happens_otherwise(cast: Cast) -> None:
    view = done(await cast.customer.get(cast.dispute_path))
    assert (view["stage"], view["desired_outcome"]) == ("answer", "refund")
    deadline = view["deadline"]
    assert (deadline["kind"], deadline["owner"]) == ("answer_of_traveler", "traveler")
    assert deadline["default"] == "an agent decides without an answer"
    (served,) = done(await cast.customer.get(f"{cast.path}/deadlines"))["deadlines"]
    assert served == deadline


async def test_an_appeal_needs_evidence_that_the_verdict_had_not_seen(cast: Cast) -> None:
    path = cast.dispute_path
    early = await post(cast.traveler, f"{path}/evidence", PROOF)
    await post(cast.agent, f"{path}/verdict", {"outcome": "refund"})
    again = await post(cast.traveler, f"{path}/evidence", PROOF)
    others = await post(cast.customer, f"{path}/evidence", {**PROOF, "content_sha256": "ef" * 32})
    for evidence in (early, again, others):
        body = {"evidence_id": evidence["evidence_id"]}
        answer = await cast.traveler.post(f"{path}/appeal", body)
        assert (answer.status_code, code_of(answer)) == (422, "evidence_not_new")
    new = await post(cast.traveler, f"{path}/evidence", {**PROOF, "content_sha256": "12" * 32})
    step = await post(cast.traveler, f"{path}/appeal", {"evidence_id": new["evidence_id"]})
    assert (step["stage"], step["deadline"]["kind"]) == ("review", "review")
    refused = await cast.agent.post(f"{path}/verdict", {"outcome": "refund"})
    assert (refused.status_code, code_of(refused)) == (403, "not_your_role")


async def test_a_preview_shows_each_party_s_money_as_the_settlement_will_move_it(
    cast: Cast,
) -> None:
    path, body = f"{cast.dispute_path}/verdict", {"outcome": "split", "refund_minor": 1500}
    preview = done(await cast.agent.post(f"{path}?preview=true", body, key="verdict"))
    assert (preview["is_preview"], preview["refund"]["amount_minor"]) == (True, 1500)
    assert done(await cast.agent.get(cast.dispute_path))["stage"] == "answer"
    refused = await cast.traveler.post(f"{path}?preview=true", body)
    assert (refused.status_code, code_of(refused)) == (403, "not_your_role")
    invalid = await cast.agent.post(f"{path}?preview=true", {"outcome": "split"})
    assert code_of(invalid) == "verdict_amount_invalid"
    given = done(await cast.agent.post(path, body, key="verdict"))
    assert given["appeal_until"] is not None
    for name in ("refund", "traveler_net", "platform_fee"):
        assert given[name] == preview[name]
    for side in (cast.customer, cast.traveler):
        await post(side, f"{cast.dispute_path}/waiver")
    await cast.until("settled")
    balances = done(await cast.agent.get(f"{cast.path}/ledger"))["balances"]
    revenue = next(each for each in balances if each["account"] == "fee_revenue")
    assert revenue["amount"] == preview["platform_fee"]


async def test_whoever_has_not_seen_the_last_word_does_not_decide(cast: Cast) -> None:
    async def decide(tag: str) -> httpx.Response:
        path, body = f"{cast.dispute_path}/verdict", {"outcome": "refund"}
        headers = {**cast.agent.headers, "Idempotency-Key": new_id(), "If-Match": tag}
        return await cast.agent.http.post(path, json=body, headers=headers)

    shown = await cast.agent.get(cast.dispute_path)
    first = shown.headers["etag"]
    assert first == shown.json()["etag"]
    await post(cast.traveler, f"{cast.dispute_path}/messages", {"text": "Wait, look at this."})
    second = (await cast.agent.get(cast.dispute_path)).headers["etag"]
    await post(cast.traveler, f"{cast.dispute_path}/answer", {"accepts": False})
    for tag in (first, second, '"nonsense"', "W/" + second):
        answer = await decide(tag)
        assert (answer.status_code, code_of(answer)) == (412, "dispute_changed"), tag
    third = (await cast.agent.get(cast.dispute_path)).headers["etag"]
    assert done(await decide(third))["outcome"] == "refund"


async def test_a_reply_whose_answer_was_lost_is_no_reason_to_refuse_it(
    cast: Cast, app: FastAPI
) -> None:
    path = cast.dispute_path
    await post(cast.agent, f"{path}/assignment")
    await post(cast.agent, f"{path}/questions", {"side": "traveler", "question": "Was it wet?"})
    tag = (await cast.traveler.get(path)).headers["etag"]
    headers = {**cast.traveler.headers, "Idempotency-Key": new_id(), "If-Match": tag}
    services, body = app.state.services, {"text": "It was dry."}
    # The message stands, and nobody has told the dispute of it yet.
    nobody = Commands(services.temporal, wait_s_max=0)
    app.state.services = replace(services, commands=nobody)
    try:
        lost = await cast.traveler.http.post(f"{path}/replies", json=body, headers=headers)
    finally:
        app.state.services = services
    assert (lost.status_code, code_of(lost)) == (503, "unavailable")
    step = done(await cast.traveler.http.post(f"{path}/replies", json=body, headers=headers))
    assert step["stage"] == "agent"
    messages = done(await cast.agent.get(path))["messages"]
    assert [each["text"] for each in messages].count("It was dry.") == 1


async def test_agents_find_what_they_have_to_do(cast: Cast) -> None:
    await post(cast.agent, f"{cast.dispute_path}/assignment")
    queue = done(await cast.agent.get("/v1/disputes", assigned="me", stage="agent"))["items"]
    assert [(each["dispute_id"], each["agent_id"]) for each in queue] == [
        (cast.dispute_id, cast.agent.person_id)
    ]
    assert queue[0]["deadline"]["owner"] == "agent"
    assert done(await cast.agent.get("/v1/disputes", assigned="me", stage="answer"))["items"] == []
    (mine,) = done(await cast.customer.get("/v1/disputes"))["items"]
    assert mine["agent_id"] is None


async def test_a_question_is_for_the_side_that_is_asked_and_its_reply_is_a_message(
    cast: Cast,
) -> None:
    path = cast.dispute_path
    await post(cast.agent, f"{path}/assignment")
    question = {"side": "traveler", "question": "Was it cracked at pickup?"}
    await post(cast.agent, f"{path}/questions", question)
    seen = [
        done(await person.get(path))["question"]
        for person in (cast.traveler, cast.agent, cast.customer, cast.recipient)
    ]
    assert seen == [question["question"], question["question"], None, None]
    refused = await cast.customer.post(f"{path}/replies", {"text": "I know!"})
    assert (refused.status_code, code_of(refused)) == (409, "wrong_state")
    step = await post(cast.traveler, f"{path}/replies", {"text": "It was."})
    assert step["deadline"]["kind"] == "verdict"
    messages = done(await cast.customer.get(path))["messages"]
    assert [each["text"] for each in messages] == ["It was."]


async def test_every_side_is_told_of_the_steps_in_the_timeline(cast: Cast) -> None:
    await play_to_review(cast, post)
    kinds = [e["kind"] for e in done(await cast.customer.get(f"{cast.path}/timeline"))["items"]]
    opened = kinds.index("dispute_opened")
    assert kinds[opened:] == [
        "dispute_opened",
        "dispute_contested",
        "agent_called",
        "agent_took_over",
        "side_replied",
        "first_verdict_given",
        "appeal_waived",
        "verdict_appealed",
    ]


async def test_nothing_is_asked_of_a_stranger(cast: Cast, story: Story) -> None:
    stranger = await story.person("customer", "traveler", payout_account="acct_sandbox_ok")
    nothing = "/v1/disputes/01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21"
    bodies: dict[str, Any] = {
        "answer": {"accepts": True},
        "proposals": {"outcome": "release"},
        "agent": None,
        "assignment": None,
        "questions": {"side": "customer", "question": "?"},
        "replies": {"text": "!"},
        "appeal": {"evidence_id": cast.dispute_id},
        "waiver": None,
        "verdict?preview=true": {"outcome": "refund"},
    }
    for step, body in bodies.items():
        foreign = await stranger.post(f"{cast.dispute_path}/{step}", body)
        missing = await stranger.post(f"{nothing}/{step}", body)
        assert (foreign.status_code, foreign.content) == (404, missing.content), step


async def test_a_dispute_takes_no_steps_while_its_delivery_is_on_hold(cast: Cast) -> None:
    await post(cast.agent, f"{cast.path}/hold", {"reason": "The carrier is asked."})

    async def is_still() -> bool:
        clock = done(await cast.customer.get(cast.dispute_path))["deadline"]
        return bool(clock["kind"] == "hold")

    await until(is_still)
    for person, step, body in (
        (cast.traveler, "answer", {"accepts": True}),
        (cast.agent, "assignment", None),
        (cast.agent, "verdict", {"outcome": "refund"}),
    ):
        answer = await person.post(f"{cast.dispute_path}/{step}", body)
        assert (answer.status_code, code_of(answer)) == (409, "on_hold"), step
    await post(cast.agent, f"{cast.path}/resume")

    async def goes_on() -> bool:
        clock = done(await cast.customer.get(cast.dispute_path))["deadline"]
        return bool(clock["kind"] == "answer_of_traveler")

    await until(goes_on)
    await post(cast.traveler, f"{cast.dispute_path}/answer", {"accepts": True})
