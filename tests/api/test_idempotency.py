"""The same request is carried out once and answered the same, whatever happened in between."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import event, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import dispute_message, idempotent_request, parcel
from infra.identifiers import new_id
from tests.api.client import Person, code_of
from tests.api.story import NEW_DELIVERY, Story, done


async def forget_answer(engine: AsyncEngine, person: Person, key: str) -> None:
    """Leave the database as a crash between the change and the keeping of its answer would."""
    forget = (
        update(idempotent_request)
        .where(idempotent_request.c.person_id == person.person_id, idempotent_request.c.key == key)
        .values(status_code=None, response=None)
    )
    async with engine.begin() as connection:
        assert (await connection.execute(forget)).rowcount == 1


async def hold(engine: AsyncEngine, person: Person, key: str, seconds: int) -> None:
    """Leave the database as a request does that is under way, or one whose process has died."""
    hold = (
        update(idempotent_request)
        .where(idempotent_request.c.person_id == person.person_id, idempotent_request.c.key == key)
        .values(
            status_code=None,
            response=None,
            held_by=new_id(),
            held_until=func.now() + timedelta(seconds=seconds),
        )
    )
    async with engine.begin() as connection:
        assert (await connection.execute(hold)).rowcount == 1


async def test_the_same_request_gets_the_kept_answer(story: Story) -> None:
    customer = await story.person("customer")
    first = await customer.post("/v1/deliveries", NEW_DELIVERY, key="open")
    again = await customer.post("/v1/deliveries", NEW_DELIVERY, key="open")
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers


async def test_a_kept_answer_holds_no_personal_details(story: Story, engine: AsyncEngine) -> None:
    cast = await story.paid()
    scan = {"code": done(await cast.customer.get(f"{cast.path}/codes/pickup"))["code"]}
    first = done(await cast.traveler.post(f"{cast.path}/pickup", scan, key="scan"))
    again = done(await cast.traveler.post(f"{cast.path}/pickup", scan, key="scan"))
    assert again == first
    assert first["recipient"]["name"] == "Mara"
    code = done(await cast.recipient.get(f"{cast.path}/codes/handover"))["code"]
    done(await cast.traveler.post(f"{cast.path}/handover", {"code": code}))
    done(await cast.customer.post(f"{cast.path}/confirm"))
    await cast.until("completed")
    late = done(await cast.traveler.post(f"{cast.path}/pickup", scan, key="scan"))
    assert (late["status"], late["recipient"], late["destination"]["address"]) == (
        "in_transit",
        None,
        None,
    )
    kept = select(idempotent_request.c.response).where(
        idempotent_request.c.person_id.in_([cast.customer.person_id, cast.traveler.person_id])
    )
    async with engine.connect() as connection:
        answers = (await connection.scalars(kept)).all()
    assert answers
    assert not any(word in str(answers) for word in ("Mara", "Kastanienallee", "Sendlinger"))


async def test_a_refusal_is_kept_too(story: Story) -> None:
    cast = await story.requested()
    first = await cast.customer.post(f"{cast.path}/confirm", key="confirm")
    again = await cast.customer.post(f"{cast.path}/confirm", key="confirm")
    assert code_of(first) == "wrong_state"
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert code_of(again) == "wrong_state"


async def test_a_key_belongs_to_one_body(story: Story) -> None:
    cast = await story.requested()
    path = f"{cast.path}/offers"
    done(await cast.traveler.post(path, {"price_minor": 4200}, key="mine"))
    other = await cast.traveler.post(path, {"price_minor": 4300}, key="mine")
    assert (other.status_code, code_of(other)) == (422, "idempotency_key_reused")


async def test_a_request_that_is_under_way_is_refused_until_its_time_is_over(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await story.requested()
    path, body = f"{cast.path}/offers", {"price_minor": 4200}
    first = await cast.traveler.post(path, body, key="offer")
    await hold(engine, cast.traveler, "offer", 60)
    again = await cast.traveler.post(path, body, key="offer")
    assert (again.status_code, code_of(again)) == (409, "request_in_flight")
    assert int(again.headers["retry-after"]) > 0
    other = await cast.traveler.post(path, {"price_minor": 4300}, key="offer")
    assert (other.status_code, code_of(other)) == (422, "idempotency_key_reused")
    await hold(engine, cast.traveler, "offer", -1)
    late = await cast.traveler.post(path, body, key="offer")
    assert (late.status_code, late.json()) == (201, first.json())
    kept = await cast.traveler.post(path, body, key="offer")
    assert kept.headers["idempotency-replayed"] == "true"


async def test_a_key_belongs_to_one_address(story: Story) -> None:
    cast = await story.offered()
    done(await cast.customer.post(f"{cast.path}/cancel", key="mine"))
    other = await cast.customer.post(f"{cast.path}/confirm", key="mine")
    assert code_of(other) == "idempotency_key_reused"


async def test_a_key_belongs_to_one_person(story: Story) -> None:
    first, second = await story.person("customer"), await story.person("customer")
    one = done(await first.post("/v1/deliveries", NEW_DELIVERY, key="shared"))
    two = done(await second.post("/v1/deliveries", NEW_DELIVERY, key="shared"))
    assert one["delivery_id"] != two["delivery_id"]


async def test_the_order_of_fields_does_not_make_another_request(story: Story) -> None:
    customer = await story.person("customer")
    turned = dict(reversed(NEW_DELIVERY.items()))
    one = done(await customer.post("/v1/deliveries", NEW_DELIVERY, key="order"))
    two = done(await customer.post("/v1/deliveries", turned, key="order"))
    assert one["delivery_id"] == two["delivery_id"]


@pytest.mark.parametrize("key", ["", " ", "has space", "tab\t", "ü", "x" * 256])
async def test_a_key_that_is_no_key_is_refused(story: Story, key: str) -> None:
    customer = await story.person("customer")
    headers = [
        (b"authorization", customer.headers["Authorization"].encode()),
        (b"idempotency-key", key.encode()),
    ]
    answer = await customer.http.post("/v1/deliveries", json=NEW_DELIVERY, headers=headers)
    assert (answer.status_code, code_of(answer)) == (400, "idempotency_key_invalid")


async def test_a_missing_key_is_refused(story: Story) -> None:
    customer = await story.person("customer")
    answer = await customer.http.post("/v1/deliveries", json=NEW_DELIVERY, headers=customer.headers)
    assert (answer.status_code, code_of(answer)) == (400, "idempotency_key_missing")


async def test_a_crash_before_the_answer_was_kept_opens_no_second_delivery(
    story: Story, engine: AsyncEngine
) -> None:
    customer = await story.person("customer")
    first = await customer.post("/v1/deliveries", NEW_DELIVERY, key="open")
    await forget_answer(engine, customer, "open")
    again = await customer.post("/v1/deliveries", NEW_DELIVERY, key="open")
    assert again.json() == first.json()
    listed = done(await customer.get("/v1/deliveries"))
    assert [item["delivery_id"] for item in listed["items"]] == [first.json()["delivery_id"]]
    async with engine.connect() as connection:
        mine = select(func.count()).where(parcel.c.customer_id == customer.person_id)
        assert await connection.scalar(mine) == 1


async def test_a_crash_before_the_answer_was_kept_makes_no_second_offer(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await story.requested()
    path, body = f"{cast.path}/offers", {"price_minor": 4200}
    first = await cast.traveler.post(path, body, key="offer")
    await forget_answer(engine, cast.traveler, "offer")
    again = await cast.traveler.post(path, body, key="offer")
    assert again.json() == first.json()
    assert len(done(await cast.customer.get(path))["items"]) == 1


async def test_a_crash_is_survived_even_when_the_delivery_closed_since(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await story.requested()
    opened = await cast.customer.post(f"{cast.path}/cancel", key="cancel")
    await cast.until("cancelled")
    await forget_answer(engine, cast.customer, "cancel")
    again = await cast.customer.post(f"{cast.path}/cancel", key="cancel")
    assert (again.status_code, again.json()["status"]) == (200, opened.json()["status"])
    other = await cast.customer.post(f"{cast.path}/cancel", key="another")
    assert (other.status_code, code_of(other)) == (409, "delivery_closed")


async def test_a_delivery_that_closed_is_not_opened_again(
    story: Story, engine: AsyncEngine
) -> None:
    customer = await story.person("customer")
    opened = done(await customer.post("/v1/deliveries", NEW_DELIVERY, key="open"))
    path = f"/v1/deliveries/{opened['delivery_id']}"
    done(await customer.post(f"{path}/cancel"))
    await forget_answer(engine, customer, "open")
    again = await customer.post("/v1/deliveries", NEW_DELIVERY, key="open")
    assert again.json()["delivery_id"] == opened["delivery_id"]
    timeline = done(await customer.get(f"{path}/timeline"))
    assert [item["kind"] for item in timeline["items"]] == ["request_opened", "cancelled"]


async def test_a_crash_before_the_answer_was_kept_writes_no_second_message(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await story.disputed()
    path, body = f"{cast.dispute_path}/messages", {"text": "It was cracked at pickup already."}
    first = await cast.traveler.post(path, body, key="message")
    await forget_answer(engine, cast.traveler, "message")
    again = await cast.traveler.post(path, body, key="message")
    assert (again.status_code, again.json()) == (201, first.json())
    done(await cast.agent.post(f"{cast.dispute_path}/verdict", {"outcome": "release"}))
    await forget_answer(engine, cast.traveler, "message")
    last = await cast.traveler.post(path, body, key="message")
    assert (last.status_code, last.json()) == (201, first.json())
    async with engine.connect() as connection:
        count = select(func.count()).where(dispute_message.c.dispute_id == cast.dispute_id)
        assert await connection.scalar(count) == 1


async def test_a_change_whose_answer_cannot_be_kept_is_answered_and_not_done_again(
    story: Story, app: FastAPI, engine: AsyncEngine
) -> None:
    cast = await story.requested()
    path, body = f"{cast.path}/offers", {"price_minor": 4200}

    def lose_connection(*arguments: Any) -> None:
        if arguments[2].startswith("UPDATE idempotent_request"):
            raise OperationalError(arguments[2], {}, ConnectionError("the connection was lost"))

    listened = app.state.engine.sync_engine
    event.listen(listened, "before_cursor_execute", lose_connection)
    try:
        first = await cast.traveler.post(path, body, key="offer")
    finally:
        event.remove(listened, "before_cursor_execute", lose_connection)
    early = await cast.traveler.post(path, body, key="offer")
    assert code_of(early) == "request_in_flight"
    await hold(engine, cast.traveler, "offer", -1)
    again = await cast.traveler.post(path, body, key="offer")
    assert (first.status_code, first.json()) == (201, again.json())
    assert len(done(await cast.customer.get(path))["items"]) == 1
