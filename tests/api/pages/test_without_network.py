"""Doors without network: the pages open, a scan is claimed, and it counts once it was sent."""

from __future__ import annotations

import pytest
from playwright.async_api import expect
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.api.pages.conftest import Phones
from tests.api.story import Story
from tests.leveled import at_level


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


@pytest.mark.parametrize("level", ["standard", "high"])
async def test_a_scan_without_network_is_claimed_and_counts_once_it_is_sent(
    phones: Phones, story: Story, engine: AsyncEngine, level: str
) -> None:
    cast = await at_level(engine, await story.paid(), level)
    async with phones.of(cast.customer) as sender, phones.of(cast.traveler) as traveler:
        await sender.goto("/show")
        await sender.get_by_role("button", name="Hand over to the traveler").click()
        await expect(sender.get_by_role("img")).to_be_visible()
        await traveler.goto("/scan")
        await traveler.get_by_role("button", name="Collect").click()
        # Whoever loses the network before the page says so has nothing to scan without it.
        await expect(traveler.get_by_text("Ready: you can scan")).to_be_visible()
        await traveler.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
        await traveler.context.set_offline(True)
        await phones.scan(sender, traveler)
        await expect(traveler.get_by_role("heading", name="Kept on this phone")).to_be_visible()
        await traveler.reload()
        kept = traveler.locator(".kept")
        await expect(kept).to_contain_text("Waiting for network")
        assert (await cast.until("awaiting_pickup"))["traveler_id"] == cast.traveler.person_id
        await traveler.context.set_offline(False)
        await expect(kept).to_contain_text("Accepted")
        await expect(sender.get_by_role("heading", name="Handed over")).to_be_visible()
    await cast.until("in_transit")
