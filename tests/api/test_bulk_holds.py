"""Operators freeze and resume many deliveries over REST."""

from __future__ import annotations

from typing import Any

from tests.api.client import Person, code_of
from tests.api.counting import Counter
from tests.api.story import Story, done
from tests.waiting import until

WHY = {"reason": "The provider looks into it."}


def order_of(customer: Person, action: str = "hold") -> dict[str, Any]:
    return {"action": action, "query": f'CustomerId = "{customer.person_id}"', **WHY}


async def play_bulk_hold(story: Story, counter: Counter) -> None:
    """Order it; the change is counted."""
    operator = await story.person("operator")
    await counter.post(operator, "/v1/bulk-holds", order_of(operator))


async def test_an_operator_freezes_all_that_match_and_follows_it(story: Story) -> None:
    cast = await story.requested()
    operator = await story.person("operator")
    order = order_of(cast.customer)
    shown: dict[str, Any] = {}

    async def is_found() -> bool:
        # The list follows the workflows a moment later.
        shown.update(done(await operator.post("/v1/bulk-holds", order)))
        return bool(shown["found"])

    await until(is_found)
    path = f"/v1/bulk-holds/{shown['bulk_id']}"

    async def is_done() -> bool:
        return bool(done(await operator.get(path))["state"] == "done")

    await until(is_done)
    assert done(await operator.get(path))["done"] == 1
    assert done(await cast.customer.get(cast.path))["on_hold"] is True


async def test_only_operators_freeze_many_and_only_by_a_filter(story: Story) -> None:
    cast = await story.requested()
    operator = await story.person("operator")
    for person in (cast.customer, cast.agent):
        answer = await person.post("/v1/bulk-holds", order_of(cast.customer))
        assert (answer.status_code, code_of(answer)) == (403, "not_your_role")
    for query in ("Nonsense = 1", "(OnHold = true", " "):
        body = {**order_of(cast.customer), "query": query}
        answer = await operator.post("/v1/bulk-holds", body)
        assert (answer.status_code, code_of(answer)) == (422, "amendment_invalid")
    nobody = "0199c0de-0000-7000-8000-00000000000b"
    assert code_of(await operator.get(f"/v1/bulk-holds/{nobody}")) == "not_found"
    assert code_of(await cast.agent.get(f"/v1/bulk-holds/{nobody}")) == "not_your_role"
