"""People learn who those are with whom they have to do, and of nobody else that they exist."""

from __future__ import annotations

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import account
from tests.api.client import Person
from tests.api.story import Cast, Story, done

NOBODY = "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21"


@pytest.fixture(scope="module")
async def offered(story: Story) -> Cast:
    """A request with an offer, which nobody changes."""
    return await story.offered()


def card(person: Person) -> str:
    return f"/v1/people/{person.person_id}"


async def test_the_two_sides_of_an_offer_see_each_other(offered: Cast) -> None:
    seen = done(await offered.customer.get(card(offered.traveler)))
    assert seen["person_id"] == offered.traveler.person_id
    assert (seen["email_verified"], seen["phone_verified"]) == (False, False)
    assert done(await offered.traveler.get(card(offered.customer)))["name"]
    assert done(await offered.customer.get(card(offered.customer)))["name"]


async def test_a_stranger_is_like_nobody(offered: Cast, story: Story) -> None:
    stranger = await story.person("customer")
    for path in (card(offered.customer), card(offered.traveler), f"/v1/people/{NOBODY}"):
        assert (await stranger.get(path)).status_code == 404, path
    other = await story.traveler()
    assert (await other.get(card(offered.traveler))).status_code == 404
    assert (await offered.customer.get(card(stranger))).status_code == 404


async def test_a_name_is_shown_as_its_owner_wants(offered: Cast, engine: AsyncEngine) -> None:
    traveler = offered.traveler
    row = {"person_id": traveler.person_id, "email_lookup": traveler.person_id}
    async with engine.begin() as connection:
        await connection.execute(insert(account).values(**row, name_shown="initials"))
    assert done(await offered.customer.get(card(traveler)))["name"] == "A."
