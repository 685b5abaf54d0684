"""Phones that recognise their owners: passkeys of a browser, also on a second phone of the same person."""

from __future__ import annotations

from typing import Any

from playwright.async_api import CDPSession, Page, expect

from tests.api.identity.people import PASSWORD

_AUTHENTICATOR = {
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
_MAKE_PASSKEY = """async () => {
  const { ask } = await import("/pages/api.js");
  const { public_key: options } = await ask("PUT", "/v1/me/passkeys/options");
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const made = await navigator.credentials.create({ publicKey });
  await ask("POST", "/v1/me/passkeys", { name: "Phone", credential: made.toJSON() });
}"""


class PasskeyStore:
    """Where a phone keeps passkeys."""

    def __init__(self, developer: CDPSession, authenticator_id: str) -> None:
        self._developer, self._named = developer, {"authenticatorId": authenticator_id}

    @classmethod
    async def on(cls, phone: Page) -> PasskeyStore:
        """Give a phone a store."""
        developer = await phone.context.new_cdp_session(phone)
        await developer.send("WebAuthn.enable")
        made = await developer.send("WebAuthn.addVirtualAuthenticator", _AUTHENTICATOR)
        return cls(developer, made["authenticatorId"])

    async def passkeys(self) -> list[Any]:
        """Return what is kept."""
        kept = await self._developer.send("WebAuthn.getCredentials", self._named)
        return list(kept["credentials"])

    async def add(self, passkeys: list[Any]) -> None:
        """Keep passkeys of another phone, as those that follow their person do."""
        for passkey in passkeys:
            named = {**self._named, "credential": passkey}
            await self._developer.send("WebAuthn.addCredential", named)


async def with_passkey(phone: Page, email: str) -> PasskeyStore:
    """Sign somebody in by password, make a passkey, and sign out again."""
    store = await PasskeyStore.on(phone)
    await phone.goto("/show")
    await phone.get_by_label("E-mail").fill(email)
    await phone.get_by_label("Password").fill(PASSWORD)
    await phone.get_by_role("button", name="Sign in").click()
    await expect(phone.get_by_role("button", name="Sign out")).to_be_visible()
    await phone.evaluate(_MAKE_PASSKEY)
    await phone.get_by_role("button", name="Sign out").click()
    return store


async def sign_in_and_show(phone: Page) -> None:
    """Sign in by passkey, choose the parcel, and take the phone into use."""
    await phone.get_by_role("button", name="Use a passkey").click()
    await phone.get_by_role("button", name="Hand over to the traveler").click()
    await approve(phone)


async def approve(phone: Page) -> None:
    """Approve what the page asks for."""
    asked = phone.get_by_role("dialog", name="Please prove that it is you")
    await asked.get_by_role("button", name="Use a passkey").click()
    await expect(asked).to_have_count(0)
