"""The codes that a page makes are those that the platform proves, to the letter."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from functools import partial

from domain.contracts import CodePurpose
from domain.devices.keys import KeyAlgorithm
from domain.handover.claimed import read_claimed
from domain.handover.rotating import rotating_code
from domain.handover.signed import is_signature_right
from domain.ids import DeliveryId
from infra.devices.signatures import has_signed, imported_key
from tests.api.pages.conftest import Phones

DELIVERY = DeliveryId("01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21")
DEVICE = "01982b31-4c50-7e66-9a3d-7f6e5d4c3b22"
STEP = 89_000_000
ROTATING = """async ({ secret, delivery, purpose, step }) => {
  const { rotatingCode } = await import("/pages/codes.js");
  const key = await crypto.subtle.importKey(
    "raw", Uint8Array.from(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return rotatingCode(key, delivery, purpose, step);
}"""
SIGNED = """async ({ delivery, device, purpose, step }) => {
  const { isSignedBy, signedCode } = await import("/pages/codes.js");
  const { newKeys } = await import("/pages/device.js");
  const { privateKey, publicKey } = await newKeys();
  const code = await signedCode(privateKey, device, delivery, purpose, step);
  const hex = Array.from(atob(publicKey.replaceAll("-", "+").replaceAll("_", "/")),
    (letter) => letter.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  const forged = code.slice(0, -8) + "AAAAAAAA";
  const believed = [await isSignedBy(hex, code), await isSignedBy(hex, forged)];
  return { code, publicKey, believed, isReadable: privateKey.extractable };
}"""


async def test_codes_of_a_page_are_those_of_the_platform(phones: Phones) -> None:
    secret = bytes(range(32))
    about = {"delivery": DELIVERY, "device": DEVICE, "step": STEP}
    async with phones.of() as phone:
        await phone.goto("/show")
        for purpose in CodePurpose:
            given = {**about, "purpose": str(purpose), "secret": list(secret)}
            made = await phone.evaluate(ROTATING, given)
            assert made == rotating_code(secret, DELIVERY, purpose, STEP)
        signed = await phone.evaluate(SIGNED, {**about, "purpose": "return"})
    assert not signed["isReadable"]
    assert signed["believed"] == [True, False]
    claimed = read_claimed(signed["code"])
    assert (claimed.delivery_id, claimed.device_id, claimed.step) == (DELIVERY, DEVICE, STEP)
    assert claimed.purpose is CodePurpose.RETURN
    key = imported_key(KeyAlgorithm.P256, urlsafe_b64decode(signed["publicKey"] + "="))
    assert is_signature_right(partial(has_signed, key), claimed)
