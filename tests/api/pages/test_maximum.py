"""At the maximum level a phone signs the code, and a passkey proves who is there."""

from __future__ import annotations

import httpx
from playwright.async_api import Page, expect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.devices.keys import DeviceKey, KeyAlgorithm
from domain.handover.claimed import read_claimed
from domain.handover.signed import is_signature_right
from infra.database.schema import device
from infra.devices.signatures import has_signed
from tests.api.identity.people import PASSWORD, Newcomers
from tests.api.pages.camera import read_from
from tests.api.pages.conftest import Phones
from tests.api.story import Story, done
from tests.leveled import at_level

AUTHENTICATOR = {
    "options": {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
}
"""A phone that recognises its owner by itself."""
MAKE_PASSKEY = """async () => {
  const { ask } = await import("/pages/api.js");
  const { public_key: options } = await ask("PUT", "/v1/me/passkeys/options");
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const made = await navigator.credentials.create({ publicKey });
  await ask("POST", "/v1/me/passkeys", { name: "Phone", credential: made.toJSON() });
}"""


async def with_passkey(phone: Page, email: str) -> None:
    """Sign somebody in by password, make a passkey, and sign out again."""
    developer = await phone.context.new_cdp_session(phone)
    await developer.send("WebAuthn.enable")
    await developer.send("WebAuthn.addVirtualAuthenticator", AUTHENTICATOR)
    await phone.goto("/show")
    await phone.get_by_label("E-mail").fill(email)
    await phone.get_by_label("Password").fill(PASSWORD)
    await phone.get_by_role("button", name="Sign in").click()
    await expect(phone.get_by_role("button", name="Sign out")).to_be_visible()
    await phone.evaluate(MAKE_PASSKEY)
    await phone.get_by_role("button", name="Sign out").click()


async def test_a_sender_signs_in_by_passkey_signs_the_code_and_proves_to_be_there(
    phones: Phones, story: Story, http: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    sender = await Newcomers(http, engine).signed_in()
    cast = await story.paid(sender_id=sender.person_id)
    await at_level(engine, cast, "maximum")
    async with phones.of() as phone:
        await with_passkey(phone, sender.email)
        await phone.get_by_role("button", name="Use a passkey").click()
        await phone.get_by_role("button", name="Hand over to the traveler").click()
        asked = phone.get_by_role("dialog", name="Please prove that it is you")
        await asked.get_by_role("button", name="Use a passkey").click()
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


async def test_a_photo_that_the_step_needs_is_taken_on_the_page(
    phones: Phones, story: Story, engine: AsyncEngine
) -> None:
    cast = await at_level(engine, await story.paid(), "maximum")
    async with phones.of(cast.traveler) as phone:
        await phone.goto(f"/scan?delivery={cast.delivery_id}")
        await expect(phone.get_by_text("Needed before the scan: a photo")).to_be_visible()
        await phone.get_by_label("Photo of the parcel").set_input_files(
            {"name": "parcel.png", "mimeType": "image/png", "buffer": await phone.screenshot()}
        )
        await expect(phone.locator("#proofs")).to_be_hidden()
    (kept,) = done(await cast.traveler.get(f"{cast.path}/proofs"))["items"]
    assert (kept["kind"], kept["leg"], kept["by_role"]) == ("photo", "pickup", "traveler")
