"""The same request is carried out once and answered the same, whatever happened in between."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import event, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.chargebacks.starting import ChargebackStarts
from infra.database.schema import dispute_message, idempotent_request, parcel
from infra.payments.sandbox_network import SandboxCardNetwork
from tests.api.client import Person, changing_paths, code_of
from tests.api.counting import ROUND_TRIPS_MAX, Counter
from tests.api.dispute_steps import play_ladder
from tests.api.story import NEW_DELIVERY, Cast, Story, done
from tests.api.test_bulk_holds import play_bulk_hold
from tests.api.test_chargebacks import disputed, shown
from tests.api.test_extra_costs import play_extra_costs
from tests.api.test_holds import play_hold
from tests.api.test_no_show import play_leaving
from tests.api.test_positions import on_the_way
from tests.api.test_relays import play_relay
from tests.api.test_reviews import play_reviews
from tests.api.test_undoing import play_undo
from tests.api.undelivered import play_undelivered
from tests.waiting import until

SELDOM = {
    "/v1/deliveries/*/relays": 3,
    "/v1/deliveries/*/reviews": 4,
    "/v1/reviews/*/hide": 4,
    "/v1/reviews/*/report": 5,
}
"""What is done once in the life of a delivery, or never: the round trips that it may take."""
OTHER_PLAYS = (
    play_undelivered,
    play_leaving,
    play_hold,
    play_bulk_hold,
    play_relay,
    play_extra_costs,
    play_reviews,
    play_undo,
)
"""What else is played so that every changing route is counted; each stands with its own tests."""


async def forget_answer(engine: AsyncEngine, person: Person, key: str) -> None:
    """Leave the database as a crash between the change and the keeping of its answer would."""
    forget = (
        update(idempotent_request)
        .where(idempotent_request.c.person_id == person.person_id, idempotent_request.c.key == key)
        .values(status_code=None, response=None)
    )
    async with engine.begin() as connection:
        assert (await connection.execute(forget)).rowcount == 1


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


async def test_no_change_takes_more_than_two_round_trips(
    story: Story, app: FastAPI, network: SandboxCardNetwork, starts: ChargebackStarts
) -> None:
    counter = Counter(app)
    charged_back = await story.delivered()
    await disputed(charged_back, network, starts)
    agent = charged_back.agent
    path = f"/v1/chargebacks/{(await shown(charged_back, agent))['chargeback_id']}"
    await counter.post(agent, f"{path}/bearer", {"bearer": "customer"})
    await counter.post(agent, f"{path}/evidence")
    stuck = await counter.attempt(agent, f"{path}/resolve", {"action": "retry"})
    assert code_of(stuck) == "nothing_needs_attention"
    await play_to_verdict(await story.requested(), counter)
    await play_ladder(story, app, counter.post)
    await play_to_resolution(await story.requested("acct_sandbox_x_refused"), counter)
    await play_to_correction(await story.delivered(method="pm_sandbox_ok_refund_refused"), counter)
    for play in OTHER_PLAYS:
        await play(story, counter)
    customer = await story.person("customer")
    opened = await counter.post(customer, "/v1/deliveries", NEW_DELIVERY)
    await counter.post(customer, f"/v1/deliveries/{opened['delivery_id']}/cancel")
    back = {"return_url": "https://app.example/", "refresh_url": "https://app.example/again"}
    newcomer = await story.person("traveler")
    await counter.post(newcomer, "/v1/me/payout-account", {"country": "DE", **back})
    slow = {path: count for path, count in counter.counts.items() if count > ROUND_TRIPS_MAX}
    assert slow == SELDOM
    # What plays in the sandbox may take its time, and so may what is done once in a while.
    others = (
        "/v1/sandbox/",
        "/v1/me/second-factors",
        "/v1/me/step-ups",
        "/v1/me/passkeys",
        "/v1/me/identities",
        "/v1/me/api-keys",
        "/v1/me/exports",
        "/v1/me/erasure",
        "/v1/people/",
    )
    changing = [path for path in changing_paths(app) if not path.startswith(others)]
    assert set(counter.counts) == {re.sub(r"\{\w+\}", "*", path) for path in changing}


async def play_to_verdict(cast: Cast, counter: Counter) -> None:
    offers = f"{cast.path}/offers"
    first = await counter.post(cast.traveler, offers, {"price_minor": 4300})
    await counter.post(cast.traveler, f"{offers}/{first['offer_id']}/withdraw")
    offer = await counter.post(cast.traveler, offers, {"price_minor": 4300})
    mine = f"{offers}/{offer['offer_id']}"
    await counter.post(cast.customer, f"{mine}/counter", {"price_minor": 4000})
    await counter.post(cast.traveler, f"{mine}/counter", {"price_minor": 4100})
    declined = {"payment_method": "pm_sandbox_declined", "price_minor": 4100}
    await counter.post(cast.customer, f"{mine}/accept", declined)
    await cast.until("payment_due")
    method = {"payment_method": "pm_sandbox_ok"}
    await counter.post(cast.customer, f"{cast.path}/payment-method", method)
    await carry(cast, counter)
    reason = {"reason": "damaged"}
    opened = await counter.post(cast.customer, f"{cast.path}/dispute", reason)
    dispute = f"/v1/disputes/{opened['dispute_id']}"
    proof = {"kind": "photo", "description": "Broken."}
    await counter.post(cast.customer, f"{dispute}/evidence", proof)
    await counter.post(cast.traveler, f"{dispute}/messages", {"text": "No."})
    await counter.post(cast.agent, f"{dispute}/verdict", {"outcome": "release"})


async def play_to_correction(cast: Cast, counter: Counter) -> None:
    await counter.post(cast.customer, f"{cast.path}/confirm")
    await cast.until("completed")
    refund = {"kind": "goodwill_refund", "amount_minor": 100, "bearer": "platform"}
    ordered = await counter.post(cast.agent, f"{cast.path}/corrections", refund)
    correction = f"/v1/corrections/{ordered['correction_id']}"

    async def is_parked() -> bool:
        return bool(done(await cast.agent.get(correction))["status"] == "parked")

    await until(is_parked)
    (item,) = done(await cast.agent.get("/v1/attention", delivery_id=cast.delivery_id))["items"]
    await counter.post(cast.agent, f"/v1/attention/{item['item_id']}/settle", {"remark": "Seen."})
    await counter.post(cast.agent, f"{correction}/resolve", {"action": "skip"})


async def play_to_resolution(cast: Cast, counter: Counter) -> None:
    offer = await counter.post(cast.traveler, f"{cast.path}/offers", {"price_minor": 4300})
    accept = f"{cast.path}/offers/{offer['offer_id']}/accept"
    paid = {"payment_method": "pm_sandbox_ok", "price_minor": 4300}
    await counter.post(cast.customer, accept, paid)
    await carry(cast, counter)
    await counter.post(cast.customer, f"{cast.path}/confirm")
    await cast.until_parked()
    by_hand = {"action": "done_by_hand", "reference": "tr_1", "reason": "Sent by bank."}
    resolved = await counter.post(cast.agent, f"{cast.path}/resolve", by_hand)
    assert resolved["delivery_id"] == cast.delivery_id


async def carry(cast: Cast, counter: Counter) -> None:
    await cast.until("awaiting_pickup")
    code = done(await cast.customer.get(f"{cast.path}/codes/pickup"))["code"]
    await counter.post(cast.traveler, f"{cast.path}/pickup", {"code": code})
    batch = {"positions": on_the_way(200)}
    await counter.post(cast.traveler, f"{cast.path}/positions", batch)
    code = done(await cast.recipient.get(f"{cast.path}/codes/handover"))["code"]
    await counter.post(cast.traveler, f"{cast.path}/handover", {"code": code})


async def test_a_change_whose_answer_cannot_be_kept_is_answered_and_not_done_again(
    story: Story, app: FastAPI
) -> None:
    cast = await story.requested()
    path, body = f"{cast.path}/offers", {"price_minor": 4200}

    def lose_connection(*arguments: Any) -> None:
        if arguments[2].startswith("UPDATE idempotent_request"):
            raise OperationalError(arguments[2], {}, ConnectionError("the connection was lost"))

    engine = app.state.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lose_connection)
    try:
        first = await cast.traveler.post(path, body, key="offer")
    finally:
        event.remove(engine, "before_cursor_execute", lose_connection)
    again = await cast.traveler.post(path, body, key="offer")
    assert (first.status_code, first.json()) == (201, again.json())
    assert len(done(await cast.customer.get(path))["items"]) == 1
