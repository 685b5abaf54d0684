"""People sign in on the page itself, with what they have."""

from __future__ import annotations

import httpx
from playwright.async_api import expect
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.api.identity.people import PASSWORD, Newcomers
from tests.api.pages.accessible import require_accessible, require_order_of_keys
from tests.api.pages.conftest import Phones


async def test_somebody_signs_in_with_a_password_and_out_again(
    phones: Phones, http: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    email = await Newcomers(http, engine).registered(roles=["traveler"])
    async with phones.of() as phone:
        await phone.goto("/scan")
        await expect(phone.get_by_text("the traveler who carries a parcel")).to_be_visible()
        await require_accessible(phone)
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


async def test_whoever_has_no_account_is_told_what_to_do(phones: Phones) -> None:
    async with phones.of(dark=True) as phone:
        await phone.goto("/show")
        await expect(
            phone.get_by_text("open the link in our e-mail or text message")
        ).to_be_visible()
        await require_accessible(phone)
        await require_order_of_keys(phone, 4)
        await phone.get_by_role("link", name="Open the page that scans codes").click()
        await expect(phone.get_by_text("Only travelers with an account scan.")).to_be_visible()
