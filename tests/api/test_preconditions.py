"""Whoever says what they have seen of a delivery or an offer changes nothing else by mistake."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from api.edge.problems import Problem
from api.services import Services
from domain.contracts import Actor, CancelDelivery, CounterOffer, Role
from domain.holds.rules import HoldDelivery
from domain.ids import DeliveryId, OfferId, PersonId
from domain.preconditions import Seen, conditional_id
from tests.api.client import Person, code_of
from tests.api.story import Cast, Story, done
from tests.api.test_corrections import GOODWILL, completed
from tests.api.test_idempotency import forget_answer

REQUEST = "0" * 63
"""Start of the id of an Update, as the API makes it: the last digit tells one from another."""


async def tag_of(person: Person, path: str) -> str:
    tag: str = (await person.get(path)).headers["etag"]
    return tag


async def test_a_delivery_has_one_tag_until_it_changes(story: Story) -> None:
    cast = await story.requested()
    first = await tag_of(cast.customer, cast.path)
    assert first.startswith('"')
    assert await tag_of(cast.customer, cast.path) == first
    headers = {**cast.customer.headers, "If-None-Match": f'"other", W/{first}'}
    known = await cast.customer.http.get(cast.path, headers=headers)
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", first)
    done(await cast.traveler.post(f"{cast.path}/offers", {"price_minor": 4200}))
    changed = await cast.customer.http.get(cast.path, headers=headers)
    assert changed.status_code == 200
    assert changed.headers["etag"] != first


async def test_each_is_tagged_what_they_are_shown(story: Story) -> None:
    cast = await story.requested()
    shown = {await tag_of(each, cast.path) for each in (cast.customer, cast.traveler)}
    assert len(shown) == 2


async def test_what_was_meant_for_another_state_changes_nothing(story: Story) -> None:
    cast = await story.requested()
    stale = await tag_of(cast.customer, cast.path)
    done(await cast.traveler.post(f"{cast.path}/offers", {"price_minor": 4200}))
    foreign = await tag_of(cast.agent, cast.path)
    fresh = await tag_of(cast.customer, cast.path)
    for tag in (stale, foreign, f"W/{fresh}", f'{fresh}, "1.0"', "nonsense", ""):
        answer = await cast.customer.post(f"{cast.path}/cancel", seen=tag)
        assert (answer.status_code, code_of(answer)) == (412, "delivery_changed"), tag
    assert done(await cast.customer.get(cast.path))["status"] == "requested"
    assert done(await cast.customer.post(f"{cast.path}/cancel", seen=fresh))["delivery_id"]


async def test_any_state_may_be_meant(story: Story) -> None:
    cast = await story.requested()
    assert (await cast.customer.post(f"{cast.path}/cancel", seen="*")).is_success


async def test_of_two_who_have_seen_the_same_one_changes_it(story: Story) -> None:
    cast = await story.requested()
    agents = [cast.agent, await story.person("agent")]
    tags = [await tag_of(agent, cast.path) for agent in agents]
    answers = await asyncio.gather(
        *(
            agent.post(
                f"{cast.path}/amendments",
                {"reason": "It was weighed.", "weight_grams": 7000 + number},
                seen=tags[number],
            )
            for number, agent in enumerate(agents)
        )
    )
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert (won.is_success, lost.status_code, code_of(lost)) == (True, 412, "delivery_changed")
    kept = done(await cast.customer.get(cast.path))["weight_grams"]
    assert kept == 7000 + answers.index(won)


async def test_of_two_who_refund_what_both_have_seen_one_does(story: Story) -> None:
    cast = await completed(story)
    agents = [cast.agent, await story.person("agent")]
    tags = [await tag_of(agent, cast.path) for agent in agents]
    answers = await asyncio.gather(
        *(
            agent.post(f"{cast.path}/corrections", GOODWILL, seen=tag)
            for agent, tag in zip(agents, tags, strict=True)
        )
    )
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert (won.status_code, lost.status_code, code_of(lost)) == (201, 412, "delivery_changed")


async def test_outsiders_do_not_learn_what_happens_in_a_delivery(story: Story) -> None:
    cast = await story.requested()
    rival = await story.traveler()
    open_tag = await tag_of(rival, cast.path)
    offer = done(await cast.traveler.post(f"{cast.path}/offers", {"price_minor": 4200}))
    assert await tag_of(rival, cast.path) == open_tag
    mine = done(await rival.post(f"{cast.path}/offers", {"price_minor": 4900}, seen=open_tag))
    accepted = {"payment_method": "pm_sandbox_ok", "price_minor": 4200}
    done(await cast.customer.post(f"{cast.path}/offers/{offer['offer_id']}/accept", accepted))
    closed_tag = await tag_of(rival, cast.path)
    await cast.until("awaiting_pickup")
    assert await tag_of(rival, cast.path) == closed_tag
    path = f"{cast.path}/offers/{mine['offer_id']}"
    assert (await rival.get(path)).headers["etag"] == '"2"'
    late = await (await story.traveler()).get(cast.path)
    assert late.status_code == 404


async def test_what_was_seen_is_compared_when_it_is_the_commands_turn(
    story: Story, app: FastAPI
) -> None:
    services: Services = app.state.services
    cast = await story.offered()
    customer = Actor(Role.CUSTOMER, PersonId(cast.customer.person_id))
    agent = PersonId(cast.agent.person_id)
    commands = {
        "cancel": CancelDelivery(customer),
        "hold": HoldDelivery("The customer reports fraud.", agent, Role.AGENT),
        "counter_offer": CounterOffer(customer, OfferId(cast.offer_id), 4100),
    }
    for number, (name, command) in enumerate(commands.items()):
        is_offer = name == "counter_offer"
        seen = Seen(2, OfferId(cast.offer_id)) if is_offer else Seen(1)
        update_id = conditional_id(f"{REQUEST}{number}", seen)
        with pytest.raises(Problem) as refused:
            await services.commands.change_delivery(
                DeliveryId(cast.delivery_id), name, command, update_id
            )
        expected = "offer_changed" if is_offer else "delivery_changed"
        assert (refused.value.status_code, str(refused.value.code)) == (412, expected)
    shown = done(await cast.customer.get(cast.path))
    assert (shown["status"], shown["on_hold"]) == ("requested", False)


async def test_a_lost_answer_is_repeated_although_the_change_itself_moved_the_tag(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await story.requested()
    path, body = f"{cast.path}/offers", {"price_minor": 4200}
    tag = await tag_of(cast.traveler, cast.path)
    first = await cast.traveler.post(path, body, key="offer", seen=tag)
    await forget_answer(engine, cast.traveler, "offer")
    again = await cast.traveler.post(path, body, key="offer", seen=tag)
    assert (again.status_code, again.json()) == (201, first.json())
    other = await cast.traveler.post(path, body, key="offer")
    assert (other.status_code, code_of(other)) == (422, "idempotency_key_reused")


async def offer_of(cast: Cast, person: Person) -> httpx.Response:
    return await person.get(f"{cast.path}/offers/{cast.offer_id}")


async def test_an_offer_is_accepted_as_it_was_seen(story: Story) -> None:
    cast = await story.offered()
    mine = f"{cast.path}/offers/{cast.offer_id}"
    first = await offer_of(cast, cast.customer)
    stale = first.headers["etag"]
    (listed,) = done(await cast.customer.get(f"{cast.path}/offers"))["items"]
    assert (done(first), stale) == (listed, listed["etag"])
    done(await cast.customer.post(f"{mine}/counter", {"price_minor": 4000}, seen=stale))
    late = await cast.traveler.post(f"{mine}/withdraw", seen=stale)
    assert (late.status_code, code_of(late)) == (412, "offer_changed")
    tag = (await offer_of(cast, cast.traveler)).headers["etag"]
    done(await cast.traveler.post(f"{mine}/counter", {"price_minor": 4200}, seen=tag))
    again = await offer_of(cast, cast.customer)
    # It costs what it did at first and is another state all the same.
    assert done(again)["price"] == done(first)["price"]
    accepted = {"payment_method": "pm_sandbox_ok", "price_minor": 4200}
    late = await cast.customer.post(f"{mine}/accept", accepted, seen=stale)
    assert (late.status_code, code_of(late)) == (412, "offer_changed")
    rival = await story.traveler()
    done(await rival.post(f"{cast.path}/offers", {"price_minor": 4900}))
    done(await cast.customer.post(f"{mine}/accept", accepted, seen=again.headers["etag"]))


async def test_an_offer_of_somebody_else_is_like_none(story: Story) -> None:
    cast = await story.offered()
    rival = await story.traveler()
    path = f"{cast.path}/offers/{cast.offer_id}"
    random = f"{cast.path}/offers/{cast.delivery_id}"
    foreign, missing = await rival.get(path), await rival.get(random)
    assert (foreign.status_code, foreign.json()) == (404, missing.json())
    # An offer of their own makes them a traveler of this delivery, who may withdraw and counter.
    done(await rival.post(f"{cast.path}/offers", {"price_minor": 4900}))
    foreign = await rival.post(f"{path}/counter", {"price_minor": 4100}, seen='"999"')
    missing = await rival.post(f"{random}/counter", {"price_minor": 4100}, seen='"999"')
    assert (foreign.status_code, foreign.json()) == (404, missing.json())


async def test_every_change_of_a_delivery_can_name_what_was_seen(app: FastAPI) -> None:
    for path, methods in app.openapi()["paths"].items():
        operation = methods.get("post")
        if operation is None or not path.startswith("/v1/deliveries/{"):
            continue
        read = {parameter["name"] for parameter in operation["parameters"]}
        assert "If-Match" in read, path
        (code,) = operation["responses"]["412"]["content"]["application/problem+json"]["examples"]
        assert code == ("offer_changed" if "{offer_id}" in path else "delivery_changed")
