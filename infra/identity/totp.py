"""Codes of authenticator apps: secrets, what an app scans, and which time step a code is of.

Source: RFC 6238; the format of the address is the one that every authenticator app reads.
"""

from __future__ import annotations

import io
from base64 import b32encode
from hmac import compare_digest
from secrets import token_bytes

import pyotp
import segno

from domain.identity.factors import FACTORS, FactorPolicy, steps_at

ISSUER = "Sendalong"
"""Name under which the app shows the codes."""
_QUIET_ZONE = 4
_MODULE_PX = 4


def new_secret(policy: FactorPolicy = FACTORS) -> str:
    """Return a new random secret in Base32, as apps take it."""
    return b32encode(token_bytes(policy.secret_bytes)).decode().rstrip("=")


def app_address(secret: str, account: str, policy: FactorPolicy = FACTORS) -> str:
    """Return the `otpauth://` address that an app takes over."""
    code = pyotp.TOTP(secret, digits=policy.digits, interval=policy.step_s)
    return code.provisioning_uri(name=account, issuer_name=ISSUER)


def picture_of(address: str) -> str:
    """Return the address as a QR code in SVG, without anything that a page would have to load."""
    drawn = io.BytesIO()
    segno.make_qr(address, error="m").save(
        drawn, kind="svg", border=_QUIET_ZONE, scale=_MODULE_PX, xmldecl=False
    )
    return drawn.getvalue().decode()


def matching_step(
    secret: str, code: str, second: float, policy: FactorPolicy = FACTORS
) -> int | None:
    """Return the time step that a code belongs to, among those that are taken now.

    Every candidate is compared, and each in constant time: how long it takes says nothing.

    Units: `second` since 1970.
    """
    generator = pyotp.TOTP(secret, digits=policy.digits, interval=policy.step_s)
    given, found = code.encode(), None
    for step in steps_at(second, policy):
        if compare_digest(generator.generate_otp(step).encode(), given):
            found = step
    return found
