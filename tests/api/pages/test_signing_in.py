"""People sign in on the page itself, with what they have."""

from __future__ import annotations

import httpx
from playwright.async_api import expect
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.api.identity.people import PASSWORD, Newcomers
from tests.api.pages.conftest import Phones


async def test_somebody_signs_in_with_a_password_and_out_again(
    phones: Phones, http: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    email = await Newcomers(http, engine).registered(roles=["traveler"])
    async with phones.of() as phone:
        await phone.goto("/scan")
        await phone.get_by_label("E-mail").fill(email)
        await phone.get_by_label("Password").fill("not that one")
        await phone.get_by_role("button", name="Sign in").click()
        await expect(phone.get_by_role("alert")).to_have_text("E-mail or password is wrong")
        await phone.get_by_label("Password").fill(PASSWORD)
        await phone.get_by_role("button", name="Sign in").click()
        await expect(phone.get_by_text("nothing for you to do")).to_be_visible()
        await phone.reload()
        await phone.get_by_role("button", name="Sign out").click()
        await expect(phone.get_by_role("heading", name="Sign in")).to_be_visible()
