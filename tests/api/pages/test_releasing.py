"""Somebody has another phone now: the code is taken from the old one, with the second factor."""

from __future__ import annotations

import httpx
from playwright.async_api import expect
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.api.identity.people import Newcomers
from tests.api.pages.accessible import require_accessible
from tests.api.pages.conftest import Phones
from tests.api.pages.passkeys import PasskeyStore, approve, sign_in_and_show, with_passkey
from tests.api.story import Story
from tests.leveled import at_level


async def test_a_code_is_taken_from_the_phone_before(
    phones: Phones, story: Story, http: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    sender = await Newcomers(http, engine).signed_in()
    cast = await at_level(engine, await story.paid(sender_id=sender.person_id), "high")
    async with phones.of() as old, phones.of() as new:
        store = await with_passkey(old, sender.email)
        await sign_in_and_show(old)
        await expect(old.get_by_role("img")).to_be_visible()
        await (await PasskeyStore.on(new)).add(await store.passkeys())
        await new.goto("/show")
        await sign_in_and_show(new)
        await expect(new.get_by_role("heading", name="Another phone holds")).to_be_visible()
        await require_accessible(new)
        await new.get_by_label("The other phone shall not show it any more").check()
        await new.get_by_role("button", name="Show the code on this phone").click()
        await approve(new)
        await expect(new.get_by_role("img")).to_be_visible()
        await old.goto(f"/show?delivery={cast.delivery_id}")
        await expect(old.get_by_role("heading", name="Another phone holds")).to_be_visible()
