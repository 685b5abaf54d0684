"""At the maximum level a phone signs the code, and a passkey proves who is there."""

from __future__ import annotations

import httpx
from playwright.async_api import expect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.devices.keys import DeviceKey, KeyAlgorithm
from domain.handover.claimed import read_claimed
from domain.handover.signed import is_signature_right
from infra.database.schema import device
from infra.devices.signatures import has_signed
from tests.api.identity.people import Newcomers
from tests.api.pages.camera import read_from
from tests.api.pages.conftest import Phones
from tests.api.pages.passkeys import sign_in_and_show, with_passkey
from tests.api.story import Story
from tests.leveled import at_level


async def test_a_sender_signs_in_by_passkey_signs_the_code_and_proves_to_be_there(
    phones: Phones, story: Story, http: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    sender = await Newcomers(http, engine).signed_in()
    cast = await story.paid(sender_id=sender.person_id)
    await at_level(engine, cast, "maximum")
    async with phones.of() as phone:
        await with_passkey(phone, sender.email)
        await sign_in_and_show(phone)
        await expect(phone.get_by_role("img")).to_be_visible()
        claimed = read_claimed(read_from(await phone.screenshot()))
        await phone.get_by_role("button", name="Prove that you are here").click()
        await expect(phone.get_by_text("You are proven to be here until")).to_be_visible()
    async with engine.connect() as connection:
        raw = await connection.scalar(
            select(device.c.public_key).where(device.c.device_id == claimed.device_id)
        )
    assert isinstance(raw, bytes)
    key = DeviceKey(KeyAlgorithm.P256, raw)
    assert is_signature_right(lambda signed, text: has_signed(key, signed, text), claimed)
