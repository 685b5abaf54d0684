"""Extra costs over REST: asked for on the way, answered by the customer, seen by both."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.client import Person, code_of
from tests.api.counting import Counter
from tests.api.story import Cast, Story, done
from tests.waiting import until

TOLL = {
    "amount_minor": 650,
    "reason": "toll",
    "receipt": "A9-2026-118",
    "note": "The tunnel was closed.",
}
YES = {"payment_method": "pm_sandbox_ok"}


@pytest.fixture(scope="module")
async def on_the_way(story: Story) -> Cast:
    """A delivery whose traveler carries the parcel, for all that is refused."""
    return await story.picked_up()


async def asked(cast: Cast) -> dict[str, Any]:
    return done(await cast.traveler.post(f"{cast.path}/extra-costs", TOLL))


async def play_extra_costs(story: Story, counter: Counter) -> None:
    """Ask for extra costs and answer in every way; each change is counted."""
    cast = await story.picked_up()
    for person, answer, body in (
        (cast.traveler, "take-back", None),
        (cast.customer, "refuse", None),
        (cast.customer, "agree", YES),
    ):
        cost = await counter.post(cast.traveler, f"{cast.path}/extra-costs", TOLL)
        await counter.post(person, f"/v1/corrections/{cost['correction_id']}/{answer}", body)


async def test_the_traveler_asks_the_customer_agrees_and_both_can_follow_it(story: Story) -> None:
    cast = await story.picked_up()
    cost = await asked(cast)
    assert (cost["kind"], cost["status"], cost["cost_reason"]) == ("extra_cost", "asked", "toll")
    path = f"/v1/corrections/{cost['correction_id']}"
    for person in (cast.customer, cast.traveler):
        seen = done(await person.get(path))
        assert (seen["reference"], seen["note"]) == ("A9-2026-118", "The tunnel was closed.")
        clocks = done(await person.get(f"{cast.path}/deadlines"))["deadlines"]
        assert {clock["kind"]: clock["owner"] for clock in clocks}["extra_cost"] == "customer"
    assert done(await cast.customer.post(f"{path}/agree", YES))["status"] == "moving"

    async def is_paid() -> bool:
        seen = done(await cast.traveler.get(path))
        return bool(seen["status"] == "done")

    await until(is_paid)
    items = done(await cast.traveler.get(f"{cast.path}/timeline", limit=100))["items"]
    assert "extra_cost_sent" in [item["kind"] for item in items]
    assert (await cast.until("in_transit"))["held_payment"]["status"] == "held"
    late = await cast.customer.post(f"{path}/refuse")
    assert (late.status_code, code_of(late)) == (409, "wrong_state")


async def test_an_answer_is_for_its_own_side_and_hidden_from_strangers(story: Story) -> None:
    cast = await story.picked_up()
    path = f"/v1/corrections/{(await asked(cast))['correction_id']}"
    refused: tuple[tuple[Person, str, dict[str, str], int, str], ...] = (
        (cast.traveler, "agree", YES, 403, "not_your_role"),
        (cast.traveler, "refuse", {}, 403, "not_your_role"),
        (cast.customer, "take-back", {}, 403, "not_your_role"),
        (cast.agent, "agree", YES, 403, "not_your_role"),
        (cast.recipient, "agree", YES, 404, "not_found"),
        (await story.traveler(), "take-back", {}, 404, "not_found"),
        (cast.customer, "agree", {}, 422, "fields_invalid"),
    )
    for person, step, body, status, code in refused:
        answer = await person.post(f"{path}/{step}", body)
        assert (answer.status_code, code_of(answer)) == (status, code), step
    taken_back = done(await cast.traveler.post(f"{path}/take-back"))
    assert (taken_back["status"], taken_back["problem"]) == ("given_up", "taken_back")


@pytest.mark.parametrize(
    ("who", "changes", "status", "code"),
    [
        ("customer", {}, 403, "not_your_role"),
        ("agent", {}, 403, "not_your_role"),
        ("traveler", {"amount_minor": 2_101}, 422, "correction_amount_invalid"),
        ("traveler", {"amount_minor": 0}, 422, "fields_invalid"),
        ("traveler", {"reason": "beer"}, 422, "fields_invalid"),
        ("traveler", {"receipt": ""}, 422, "fields_invalid"),
    ],
)
async def test_what_may_not_be_asked_for_is_refused(
    on_the_way: Cast, who: str, changes: dict[str, Any], status: int, code: str
) -> None:
    person = getattr(on_the_way, who)
    answer = await person.post(f"{on_the_way.path}/extra-costs", {**TOLL, **changes})
    assert (answer.status_code, code_of(answer)) == (status, code)
