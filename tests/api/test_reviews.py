"""Reviews over REST: hidden until both are in or a week has passed, and then what is said for all."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import audit_entry
from tests.api.client import Person, code_of
from tests.api.counting import Counter
from tests.api.story import Cast, Story, done

GOOD = {"rating": 5, "tags": ["on_time", "careful"], "text": "In tune."}
BAD = {"rating": 2, "tags": ["late"]}


async def completed(story: Story) -> Cast:
    cast = await story.delivered()
    done(await cast.customer.post(f"{cast.path}/confirm"))
    await cast.until("completed")
    return cast


async def said(person: Person, cast: Cast) -> list[tuple[str, int, bool]]:
    items = done(await person.get(f"{cast.path}/reviews"))["items"]
    return [(item["author_role"], item["rating"], item["is_visible"]) for item in items]


async def reputation(cast: Cast) -> dict[str, Any]:
    return done(await cast.customer.get(f"/v1/people/{cast.traveler.person_id}/reviews"))


async def play_reviews(story: Story, counter: Counter) -> None:
    """Review, report and hide; each change is counted."""
    cast = await completed(story)
    review = await counter.post(cast.customer, f"{cast.path}/reviews", BAD)
    await counter.post(cast.traveler, f"{cast.path}/reviews", GOOD)
    path = f"/v1/reviews/{review['review_id']}"
    await counter.post(cast.traveler, f"{path}/report", {"reason": "It is not true."})
    await counter.post(cast.agent, f"{path}/hide", {"reason": "It names somebody."})


async def test_both_sides_review_and_neither_reads_the_other_first(story: Story) -> None:
    cast = await completed(story)
    path = f"{cast.path}/reviews"
    written = done(await cast.customer.post(path, BAD))
    assert (written["is_visible"], written["subject_id"]) == (False, cast.traveler.person_id)
    again = done(await cast.customer.post(path, GOOD))
    assert (again["review_id"], again["rating"]) == (written["review_id"], 5)
    assert await said(cast.traveler, cast) == []
    assert await said(cast.agent, cast) == [("customer", 5, False)]
    assert (await reputation(cast))["count"] == 0
    back = done(await cast.traveler.post(path, {"rating": 4}))
    assert (back["is_visible"], back["subject_id"]) == (True, cast.customer.person_id)
    both = [("customer", 5, True), ("traveler", 4, True)]
    assert await said(cast.customer, cast) == await said(cast.traveler, cast) == both
    late = await cast.customer.post(path, BAD)
    assert (late.status_code, code_of(late)) == (409, "review_visible")
    done(await cast.recipient.post(path, {"rating": 4}))
    seen = await reputation(cast)
    assert (seen["average"], seen["count"]) == (4.5, 2)
    first = done(await cast.customer.get(f"/v1/people/{cast.traveler.person_id}/reviews", limit=1))
    assert [item["author_role"] for item in first["items"]] == ["recipient"]
    rest = done(
        await cast.customer.get(
            f"/v1/people/{cast.traveler.person_id}/reviews", cursor=first["next_cursor"]
        )
    )
    assert [item["text"] for item in rest["items"]] == ["In tune."]
    assert rest["next_cursor"] is None


async def test_a_review_without_an_answer_is_seen_after_a_week_reported_and_hidden(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await completed(story)
    path = f"{cast.path}/reviews"
    review_id = done(await cast.customer.post(path, {**BAD, "text": "Call 0151."}))["review_id"]
    report = {"reason": "It names a number."}
    early = await cast.traveler.post(f"/v1/reviews/{review_id}/report", report)
    assert (early.status_code, code_of(early)) == (404, "not_found")
    done(await cast.agent.post(f"/v1/sandbox{cast.path[3:]}/advance", {"by": "P7DT1H"}))
    assert await said(cast.traveler, cast) == [("customer", 2, True)]
    answer = await cast.traveler.post(path, {"rating": 1})
    assert (answer.status_code, code_of(answer)) == (409, "review_window_closed")
    own = await cast.customer.post(f"/v1/reviews/{review_id}/report", report)
    assert (own.status_code, code_of(own)) == (403, "not_your_role")
    assert done(await cast.traveler.post(f"/v1/reviews/{review_id}/report", report))["is_reported"]
    listed = done(await cast.agent.get("/v1/reviews/reported"))["items"]
    assert review_id in [item["review_id"] for item in listed]
    hide = f"/v1/reviews/{review_id}/hide"
    assert code_of(await cast.traveler.post(hide, report)) == "not_your_role"
    hidden = done(await cast.agent.post(hide, report))
    assert (hidden["is_hidden"], hidden["is_visible"]) == (True, False)
    assert await said(cast.traveler, cast) == []
    assert (await reputation(cast))["count"] == 0
    async with engine.connect() as connection:
        found = await connection.execute(select(audit_entry.c.body))
        assert sum(review_id in str(row.body) for row in found) == 1


async def test_who_has_no_part_in_a_delivery_reviews_nothing(story: Story) -> None:
    cast = await completed(story)
    for person, code in ((cast.agent, "not_your_role"), (await story.traveler(), "not_found")):
        assert code_of(await person.post(f"{cast.path}/reviews", GOOD)) == code
    assert code_of(await cast.traveler.get("/v1/reviews/reported")) == "not_your_role"
    nobody = await cast.customer.get("/v1/people/01981f6e-7a10-7aaa-8b1c-0f2e4d6c8a90/reviews")
    assert code_of(nobody) == "not_found"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"rating": 0},
        {"rating": 6},
        {"rating": 4.5},
        {"rating": 5, "tags": ["rich"]},
        {"rating": 5, "text": "x" * 1_001},
    ],
)
async def test_what_is_no_review_is_refused(under_way: Cast, body: dict[str, Any]) -> None:
    answer = await under_way.customer.post(f"{under_way.path}/reviews", body)
    assert (answer.status_code, code_of(answer)) == (422, "fields_invalid")


async def test_nothing_is_reviewed_before_it_is_over(under_way: Cast) -> None:
    answer = await under_way.customer.post(f"{under_way.path}/reviews", GOOD)
    assert (answer.status_code, code_of(answer)) == (409, "wrong_state")


@pytest.fixture(scope="module")
async def under_way(story: Story) -> Cast:
    """A delivery that is not over."""
    return await story.picked_up()
