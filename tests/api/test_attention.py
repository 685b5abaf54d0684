"""What people must look at: staff read all of it, say what they did, and nobody else knows."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.attention import AttentionItem, AttentionKind
from domain.ids import DeliveryId
from infra.database.attention import DatabaseAttention
from infra.database.schema import idempotent_request
from infra.identifiers import new_id
from tests.api.client import Person, code_of
from tests.api.story import Cast, Story, done
from tests.api.test_lists import walk

REMARK = {"remark": "Booked as goodwill.\nThe customer agreed."}


@pytest.fixture
async def cast(story: Story) -> Cast:
    return await story.requested()


class Items:
    """Raises items about one delivery."""

    def __init__(self, engine: AsyncEngine, cast: Cast) -> None:
        self._attention = DatabaseAttention(engine)
        self.cast = cast

    async def raised(self, kind: AttentionKind = AttentionKind.MISSING_IN_LEDGER) -> str:
        """Raise an item and return its key."""
        key = f"{kind}:{new_id()}"
        delivery_id = DeliveryId(self.cast.delivery_id)
        item = AttentionItem(key, kind, "refund re_1", "It is not booked.", delivery_id)
        await self._attention.raise_item(item)
        return key

    async def raised_again(self, key: str) -> None:
        delivery_id = DeliveryId(self.cast.delivery_id)
        kind = AttentionKind.MISSING_IN_LEDGER
        item = AttentionItem(key, kind, "refund re_1", "It still is not.", delivery_id)
        await self._attention.raise_item(item)

    async def listed(self, person: Person | None = None, **query: Any) -> list[dict[str, Any]]:
        """Return what is listed about the delivery."""
        asker = person or self.cast.agent
        return await walk(asker, "/v1/attention", 2, delivery_id=self.cast.delivery_id, **query)


@pytest.fixture
def items(engine: AsyncEngine, cast: Cast) -> Items:
    return Items(engine, cast)


async def test_staff_read_what_is_open_newest_first(items: Items) -> None:
    for _ in range(3):
        await items.raised()
    stuck = await items.raised(AttentionKind.OPERATION_STUCK)
    found = await items.listed()
    assert [item["kind"] for item in found] == ["operation_stuck", *["missing_in_ledger"] * 3]
    ids = [item["item_id"] for item in found]
    assert ids == sorted(ids, reverse=True)
    assert found[0]["subject"] == "refund re_1"
    assert found[0]["suggested_repair"].startswith("Open the delivery's workflow")
    assert found[0]["settled_at"] is None
    assert stuck not in str(found), "keys are ours alone"
    assert [item["item_id"] for item in await items.listed(kind="operation_stuck")] == ids[:1]
    assert await items.listed(state="settled") == []
    everything = await walk(items.cast.agent, "/v1/attention", 100)
    assert ids[0] in [item["item_id"] for item in everything]


async def test_an_item_is_settled_once_with_a_remark(items: Items) -> None:
    await items.raised()
    (item,) = await items.listed()
    agent, path = items.cast.agent, f"/v1/attention/{item['item_id']}/settle"
    settled = done(await agent.post(path, REMARK))
    assert settled["settlement"] == REMARK["remark"]
    assert settled["settled_by"] == agent.person_id
    assert settled["settled_at"] is not None
    assert await items.listed() == []
    assert await items.listed(state="settled") == [settled]
    again = await agent.post(path, {"remark": "Something else."})
    assert (again.status_code, code_of(again)) == (409, "attention_settled")


async def test_of_two_who_settle_at_once_one_does(items: Items, story: Story) -> None:
    await items.raised()
    (item,) = await items.listed()
    path = f"/v1/attention/{item['item_id']}/settle"
    rivals = [await story.person("agent") for _ in range(4)]
    answers = await asyncio.gather(*(rival.post(path, REMARK) for rival in rivals))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


async def test_a_repeated_request_is_answered_the_same_and_settles_nothing_anew(
    items: Items, engine: AsyncEngine
) -> None:
    key = await items.raised()
    (item,) = await items.listed()
    agent, path = items.cast.agent, f"/v1/attention/{item['item_id']}/settle"
    mark = str(uuid4())
    first = done(await agent.post(path, REMARK, key=mark))
    async with engine.begin() as connection:
        # The answer could not be kept: the request is carried out as if for the first time.
        forgotten = update(idempotent_request).where(idempotent_request.c.key == mark)
        await connection.execute(forgotten.values(status_code=None, response=None))
    assert done(await agent.post(path, REMARK, key=mark)) == first
    await items.raised_again(key)
    assert done(await agent.post(path, REMARK, key=mark)) == first
    (back,) = await items.listed()
    assert (back["item_id"], back["problem"]) == (item["item_id"], "It still is not.")


async def test_nobody_but_staff_knows_of_items(items: Items) -> None:
    await items.raised()
    (item,) = await items.listed()
    for person in (items.cast.customer, items.cast.traveler):
        listing = await person.get("/v1/attention")
        assert (listing.status_code, code_of(listing)) == (403, "not_your_role")
        answer = await person.post(f"/v1/attention/{item['item_id']}/settle", REMARK)
        assert (answer.status_code, code_of(answer)) == (404, "not_found")
    unknown = await items.cast.agent.post(f"/v1/attention/{new_id()}/settle", REMARK)
    assert (unknown.status_code, code_of(unknown)) == (404, "not_found")


async def test_staff_settle_nothing_about_a_delivery_of_their_own(
    story: Story, engine: AsyncEngine
) -> None:
    own = await story.person("customer", "agent")
    cast = await story.requested(sender_id=own.person_id)
    items = Items(engine, cast)
    await items.raised()
    (item,) = await items.listed()
    answer = await own.post(f"/v1/attention/{item['item_id']}/settle", REMARK)
    assert (answer.status_code, code_of(answer)) == (403, "not_your_role")
    assert [each["item_id"] for each in await items.listed()] == [item["item_id"]]


async def test_staff_read_nothing_about_a_delivery_of_their_own(
    story: Story, engine: AsyncEngine, items: Items
) -> None:
    own = await story.person("customer", "operator")
    around = Items(engine, await story.requested(sender_id=own.person_id))
    await items.raised(AttentionKind.SOS)
    for _ in range(3):
        await around.raised(AttentionKind.SOS)
    await items.raised(AttentionKind.SOS)
    assert await around.listed(own) == []
    assert len(await around.listed()) == 3
    others = [item["item_id"] for item in await items.listed()]
    pages = await walk(own, "/v1/attention", limit=1, count=len(others), kind="sos")
    assert [item["item_id"] for item in pages] == others, "no page is empty before the last one"


@pytest.mark.parametrize(
    "query",
    [{"kind": "everything"}, {"state": "all"}, {"delivery_id": "x"}, {"limit": 0}, {"limit": 101}],
)
async def test_a_filter_that_means_nothing_is_refused(cast: Cast, query: dict[str, Any]) -> None:
    answer = await cast.agent.get("/v1/attention", **query)
    assert (answer.status_code, code_of(answer)) == (422, "fields_invalid")


async def test_a_cursor_of_another_list_is_refused(cast: Cast) -> None:
    answer = await cast.agent.get("/v1/attention", cursor="c2VxOjE")
    assert (answer.status_code, code_of(answer)) == (400, "cursor_invalid")


@pytest.mark.parametrize(
    "remark", ["", "   ", "all\x07well", "all\u202ewell", "x" * 2_001, 5, None, ["a"]]
)
async def test_a_remark_that_says_nothing_or_hides_something_is_refused(
    cast: Cast, remark: Any
) -> None:
    answer = await cast.agent.post(f"/v1/attention/{new_id()}/settle", {"remark": remark})
    assert (answer.status_code, code_of(answer)) == (422, "fields_invalid")
    assert answer.json()["errors"][0]["at"] == "body/remark"
