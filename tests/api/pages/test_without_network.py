"""Doors without network: the pages open, a scan is claimed, and it counts once it was sent."""

from __future__ import annotations

from playwright.async_api import expect

from tests.api.pages.conftest import Phones
from tests.api.story import Story


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
