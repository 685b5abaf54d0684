"""A parcel changes hands by two phones: one shows the code, the camera of the other one reads it."""

from __future__ import annotations

import re

from playwright.async_api import expect
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.handover.claimed import CodeVersion, read_claimed
from infra.database.schema import parcel
from tests.api.pages.accessible import require_accessible
from tests.api.pages.camera import read_from
from tests.api.pages.conftest import Phones
from tests.api.story import Story, done
from tests.leveled import at_level


async def test_the_traveler_scans_what_the_sender_shows(phones: Phones, story: Story) -> None:
    cast = await story.paid()
    async with phones.of(cast.customer) as sender, phones.of(cast.traveler, dark=True) as traveler:
        await sender.goto("/show")
        await expect(sender.get_by_role("button", name="Hand over")).to_be_visible()
        await require_accessible(sender)
        await sender.get_by_role("button", name="Hand over to the traveler").click()
        await expect(sender.get_by_role("img")).to_be_visible()
        await require_accessible(sender)
        await traveler.goto(f"/scan?delivery={cast.delivery_id}")
        await expect(traveler.get_by_role("button", name="Open camera")).to_be_visible()
        await require_accessible(traveler)
        await phones.scan(sender, traveler)
        await expect(traveler.get_by_role("heading", name="Collected")).to_be_visible()
        await require_accessible(traveler)
        await expect(sender.get_by_role("heading", name="Handed over")).to_be_visible()
    assert (await cast.until("in_transit"))["traveler_id"] == cast.traveler.person_id


async def test_the_traveler_scans_a_code_that_rotates_on_the_senders_phone(
    phones: Phones, story: Story, engine: AsyncEngine
) -> None:
    cast = await at_level(engine, await story.paid(), "high")
    async with phones.of(cast.customer, dark=True) as sender, phones.of(cast.traveler) as traveler:
        await traveler.goto("/scan")
        await traveler.get_by_role("button", name="Collect").click()
        await sender.goto(f"/show?delivery={cast.delivery_id}")
        await expect(sender.locator("#countdown")).to_have_text(re.compile(r"New code in \d+ s"))
        await phones.scan(sender, traveler)
        await expect(traveler.get_by_role("heading", name="Collected")).to_be_visible()
        await expect(sender.get_by_role("heading", name="Handed over")).to_be_visible()
    await cast.until("in_transit")


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


async def test_one_browser_holds_the_code_of_a_link_and_no_other_one_shows_it(
    phones: Phones, story: Story, engine: AsyncEngine
) -> None:
    cast = await story.picked_up()
    link = done(await cast.recipient.get(f"{cast.path}/codes/handover"))["link"]
    await at_level(engine, cast, "high")
    mine = parcel.c.delivery_id == cast.delivery_id
    async with engine.begin() as connection:
        await connection.execute(update(parcel).where(mine).values(recipient_id=None))
    path = link.removeprefix("https://sendalong.test").removeprefix(phones.origin)
    async with phones.of() as recipient, phones.of() as thief:
        await recipient.goto(path)
        await expect(recipient.locator("#countdown")).to_have_text(re.compile(r"New code in \d+ s"))
        claimed = read_claimed(read_from(await recipient.screenshot()))
        assert (claimed.version, claimed.delivery_id) == (CodeVersion.ROTATING, cast.delivery_id)
        await thief.goto(path)
        await expect(thief.get_by_role("heading", name="Another phone holds")).to_be_visible()
        await recipient.reload()
        await expect(recipient.get_by_role("img")).to_be_visible()
