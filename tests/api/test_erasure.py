"""A person asks to be erased, reads what it waits for, and takes it back; afterwards nobody is there."""

from __future__ import annotations

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.api.client import Person, code_of
from tests.api.story import Story, done
from tests.workflows.erasing import erased_after_a_week

PATH = "/v1/me/erasure"


async def test_an_erasure_says_what_it_waits_for_and_can_be_taken_back(story: Story) -> None:
    cast = await story.offered()
    for person, kind in ((cast.customer, "delivery_open"), (cast.traveler, "offer_open")):
        asked = await person.post(PATH)
        assert asked.status_code == 202
        assert asked.headers["location"] == PATH
        assert kind in {each["kind"] for each in asked.json()["waits_for"]}
        read = done(await person.get(PATH))
        assert (read["status"], read["erasure_id"]) == ("cooling_off", asked.json()["erasure_id"])
        assert read["requested_at"] < read["due_at"]
        withdrawn = await person.http.delete(PATH, headers=person.headers)
        assert withdrawn.json()["status"] == "withdrawn"
        again = await person.http.delete(PATH, headers=person.headers)
        assert (again.status_code, code_of(again)) == (404, "no_erasure")


async def test_asking_twice_is_asking_once(story: Story) -> None:
    person = await story.traveler()
    first, second = await person.post(PATH), await person.post(PATH)
    assert first.json()["erasure_id"] == second.json()["erasure_id"]
    await person.http.delete(PATH, headers=person.headers)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_who_never_asked_has_none(story: Story, method: str) -> None:
    person = await story.traveler()
    answer = await person.http.request(method, PATH, headers=person.headers)
    assert (answer.status_code, code_of(answer)) == (404, "no_erasure")


async def test_an_erased_person_is_signed_out_everywhere(
    story: Story, temporal: WorkflowEnvironment
) -> None:
    person = await story.traveler()
    await person.post(PATH)
    assert await erased_after_a_week(temporal, person.person_id) == "erased"
    for path in ("/v1/me", PATH, "/v1/deliveries"):
        assert code_of(await person.get(path)) == "unauthenticated"
    stranger = Person(person.http, person.person_id, person.token)
    assert code_of(await stranger.post(PATH)) == "unauthenticated"
