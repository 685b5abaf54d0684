"""A parcel changes hands by two phones: one shows the code, the camera of the other one reads it."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.api.pages.camera import film_of
from tests.api.pages.conftest import Phones
from tests.api.story import Story


async def scan(phones: Phones, shown: Page, traveler: Page) -> None:
    """Hold the camera of the traveler's phone in front of the other one's screen."""
    film_of(phones.film, await shown.screenshot())
    await traveler.get_by_role("button", name="Open camera").click()


async def test_the_traveler_scans_what_the_sender_shows(phones: Phones, story: Story) -> None:
    cast = await story.paid()
    async with phones.of(cast.customer) as sender, phones.of(cast.traveler, dark=True) as traveler:
        await sender.goto("/show")
        await sender.get_by_role("button", name="Hand over to the traveler").click()
        await expect(sender.get_by_role("img")).to_be_visible()
        await traveler.goto(f"/scan?delivery={cast.delivery_id}")
        await scan(phones, sender, traveler)
        await expect(traveler.get_by_role("heading", name="Collected")).to_be_visible()
        await expect(sender.get_by_role("heading", name="Handed over")).to_be_visible()
    assert (await cast.until("in_transit"))["traveler_id"] == cast.traveler.person_id
