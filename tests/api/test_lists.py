"""Lists go on where they stopped, and show each person their own."""

from __future__ import annotations

from typing import Any

from tests.api.client import Person, code_of
from tests.api.story import NEW_DELIVERY, Story, done


async def walk(
    person: Person, path: str, limit: int, count: int | None = None, **query: Any
) -> list[dict[str, Any]]:
    """Return the items of a list, page by page: every one, or as many as are counted."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = done(await person.get(path, limit=limit, **query, **cursor))
        assert len(page["items"]) <= limit
        items += page["items"]
        if page["next_cursor"] is None or (count is not None and len(items) >= count):
            return items
        assert len(page["items"]) == limit
        cursor = {"cursor": page["next_cursor"]}


async def test_pages_hold_every_delivery_once_newest_first(story: Story) -> None:
    customer = await story.person("customer")
    made = [
        done(await customer.post("/v1/deliveries", NEW_DELIVERY))["delivery_id"] for _ in range(7)
    ]
    for limit in (1, 3, 7, 100):
        items = await walk(customer, "/v1/deliveries", limit)
        assert [item["delivery_id"] for item in items] == made[::-1]


async def test_mine_are_those_i_have_any_part_in(story: Story) -> None:
    sender = await story.person("customer")
    cast = await story.offered(sender_id=sender.person_id)
    loser = await story.traveler()
    offer = done(await loser.post(f"{cast.path}/offers", {"price_minor": 5000}))
    done(await loser.post(f"{cast.path}/offers/{offer['offer_id']}/withdraw"))
    done(await loser.post(f"{cast.path}/offers", {"price_minor": 4900}))
    accept = {"payment_method": "pm_sandbox_ok", "price_minor": 4200}
    done(await cast.customer.post(f"{cast.path}/offers/{cast.offer_id}/accept", accept))
    expected = {
        cast.customer: ["customer"],
        sender: ["sender"],
        cast.recipient: ["recipient"],
        cast.traveler: ["traveler"],
        loser: ["offering"],
    }
    for person, roles in expected.items():
        items = await walk(person, "/v1/deliveries", 2)
        assert [item["delivery_id"] for item in items] == [cast.delivery_id]
        assert items[0]["your_roles"] == roles
    assert await walk(cast.agent, "/v1/deliveries", 2) == []


async def test_open_requests_are_for_travelers_and_not_their_own(story: Story) -> None:
    both = await story.person("customer", "traveler", payout_account="acct_sandbox_ok")
    own = done(await both.post("/v1/deliveries", NEW_DELIVERY))
    cast = await story.requested()
    closed = await story.requested()
    done(await closed.customer.post(f"{closed.path}/cancel"))
    items = await walk(both, "/v1/deliveries", 50, scope="open")
    ids = [item["delivery_id"] for item in items]
    assert cast.delivery_id in ids
    assert own["delivery_id"] not in ids
    assert closed.delivery_id not in ids
    assert {item["status"] for item in items} == {"requested"}
    assert not any(item["pickup"]["is_exact"] or item["recipient"] for item in items)
    answer = await cast.customer.get("/v1/deliveries", scope="open")
    assert (answer.status_code, code_of(answer)) == (403, "not_your_role")


async def test_offers_go_on_where_they_stopped(story: Story) -> None:
    cast = await story.requested()
    made = []
    for price in (4100, 4200, 4300):
        rival = await story.traveler()
        offer = done(await rival.post(f"{cast.path}/offers", {"price_minor": price}))
        made.append(offer["offer_id"])
    for person in (cast.customer, cast.agent):
        items = await walk(person, f"{cast.path}/offers", 2)
        assert [item["offer_id"] for item in items] == made[::-1]
    assert items[0]["price"] == {"amount_minor": 4300, "currency": "EUR", "display": "EUR 43.00"}
    assert await walk(cast.recipient, f"{cast.path}/offers", 2) == []


async def test_a_timeline_goes_on_where_it_stopped(story: Story) -> None:
    cast = await story.picked_up()
    items = await walk(cast.customer, f"{cast.path}/timeline", 2)
    assert [item["sequence"] for item in items] == [1, 2, 3, 4, 5]
    assert [item["status"] for item in items][-1] == "in_transit"
    assert items[0]["at"].endswith("Z")


async def test_disputes_go_on_where_they_stopped_and_filter_by_state(story: Story) -> None:
    first, second = await story.disputed(), await story.disputed()
    done(await first.agent.post(f"{first.dispute_path}/verdict", {"outcome": "refund"}))
    found = [item["dispute_id"] for item in await walk(first.agent, "/v1/disputes", 1)]
    assert found == sorted(found, reverse=True)
    assert {first.dispute_id, second.dispute_id} <= set(found)
    still = [i["dispute_id"] for i in await walk(first.agent, "/v1/disputes", 50, status="open")]
    assert second.dispute_id in still
    assert first.dispute_id not in still
    mine = await walk(second.traveler, "/v1/disputes", 1)
    assert [item["dispute_id"] for item in mine] == [second.dispute_id]


async def test_somebody_without_any_role_has_an_empty_list(story: Story) -> None:
    nobody = await story.person()
    assert await walk(nobody, "/v1/deliveries", 5) == []
