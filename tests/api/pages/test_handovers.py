"""A parcel changes hands by two phones: one shows the code, the camera of the other one reads it."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.api.pages.camera import film_of
from tests.api.pages.conftest import Phones
from tests.api.story import Story, done


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


async def test_a_recipient_without_account_shows_a_link_and_tells_its_pin(
    phones: Phones, story: Story
) -> None:
    cast = await story.picked_up()
    link = done(await cast.recipient.get(f"{cast.path}/codes/handover"))["link"]
    token = link.rpartition("/")[2]
    async with phones.of() as recipient, phones.of(cast.traveler) as traveler:
        await recipient.goto(f"/show#{token}")
        pin = recipient.locator("#pin")
        await expect(pin).to_have_text(re.compile(r"\d{3} \d{3}"))
        await traveler.goto("/scan")
        await traveler.get_by_role("button", name="Deliver").click()
        await traveler.get_by_label("PIN").fill("12345")
        await traveler.get_by_role("button", name="Send PIN").click()
        await expect(traveler.get_by_role("alert")).to_have_text("The PIN has six digits.")
        await traveler.get_by_label("PIN").fill(await pin.inner_text())
        await traveler.get_by_role("button", name="Send PIN").click()
        await expect(traveler.get_by_role("heading", name="Delivered")).to_be_visible()
        await expect(recipient.get_by_role("heading", name="Received")).to_be_visible()


async def test_the_pages_open_without_network(phones: Phones, story: Story) -> None:
    cast = await story.paid()
    async with phones.of(cast.traveler) as traveler:
        await traveler.goto("/scan")
        await expect(traveler.get_by_role("button", name="Collect")).to_be_visible()
        await traveler.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
        await traveler.context.set_offline(True)
        await traveler.reload()
        await expect(traveler.get_by_role("button", name="Collect")).to_be_visible()
        await expect(traveler.get_by_text("as you saw it last")).to_be_visible()
        await expect(traveler.locator("#network")).to_have_text("No network")
