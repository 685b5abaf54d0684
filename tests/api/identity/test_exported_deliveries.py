"""What a copy says of deliveries that were opened, carried and handed on through the API itself."""

from __future__ import annotations

from typing import Any

from infra.encryption.fields import SEALED_PREFIX
from tests.api.client import Person
from tests.api.story import Story, done


async def copy_of(person: Person) -> dict[str, Any]:
    """Return the copy of somebody, in which nothing is encrypted."""
    answer = await person.post("/v1/me/exports")
    assert SEALED_PREFIX not in answer.text
    return done(answer)


async def test_addresses_and_names_are_read_by_those_whose_they_are(story: Story) -> None:
    cast = await story.picked_up()
    seen = done(await cast.customer.get(cast.path))
    (given,) = (await copy_of(cast.customer))["deliveries"]
    assert given["pickup_address"] == seen["pickup"]["address"]
    assert given["destination_address"] == seen["destination"]["address"]
    (awaited,) = (await copy_of(cast.recipient))["deliveries"]
    assert awaited["destination_address"] == seen["destination"]["address"]
    assert awaited["recipient_name"] == seen["recipient"]["name"]
    assert (awaited["pickup_address"], awaited["description"]) == (None, None)
    (carried,) = (await copy_of(cast.traveler))["deliveries"]
    assert (carried["pickup_address"], carried["destination_address"]) == (None, None)
    assert "parcel_key" not in carried
