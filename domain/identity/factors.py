"""Rules of second factors: which there are, who needs one, and how long a wrong try costs.

Source: RFC 6238 for one-time codes; NIST SP 800-63B, sections 5.1.4 and 5.2.2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from domain.identity.roles import STAFF_ROLES


class Method(StrEnum):
    """How a person proves once more who they are."""

    TOTP = "totp"
    """A code of an authenticator app, which is another one every thirty seconds."""
    PASSKEY = "passkey"
    """A signature by a device that has recognised the person."""
    RECOVERY_CODE = "recovery_code"
    """One of the codes that were noted down when the first factor was set up."""


AUTHENTICATION_WORDS = {
    Method.TOTP: ("otp", "mfa"),
    Method.PASSKEY: ("pop", "user", "mfa"),
    Method.RECOVERY_CODE: ("otp", "mfa"),
}
"""What a session says about how its person signed in. Source: RFC 8176."""

FACTOR_PATHS = ("/v1/me/second-factors", "/v1/me/passkeys", "/v1/me/identities")
"""Where factors are set up and taken away."""


@dataclass(frozen=True, slots=True)
class FactorPolicy:
    """Figures of second factors."""

    step_s: int = 30
    """How long one code of an app is shown: what every app supports."""
    steps_around: int = 1
    """Codes before and after the current one that are taken as well: a clock may be half a minute
    off, and typing takes a while. Minutes are too much: a code that was seen could be used."""
    digits: int = 6
    """Digits of a code: what every app supports."""
    secret_bytes: int = 20
    """Length of the secret: that of the hash, as RFC 4226 recommends."""
    recovery_codes: int = 10
    """Codes that are noted down at once: some get lost, a page holds ten."""
    recovery_characters: int = 24
    """Length of a recovery code: 120 random bits, so that a plain hash of it keeps it secret. Source:
    OWASP ASVS 5.0, V6.5.2, which asks for a slow one below 112 bits."""
    waits_s: tuple[int, ...] = (0, 0, 0, 15, 60, 300, 900, 3_600)
    """Wait after the first, second, ... wrong try of a person in a row; the last is for all further
    ones. At one try an hour, a code of six digits is hit with one chance in a thousand in two weeks."""
    pre_auth_tries: int = 5
    """Wrong tries after which the password has to be typed again."""
    setup_s: int = 600
    """How long an app that was set up may take to show its first right code: long enough to install
    one, too short to be found open."""
    challenge_s: int = 300
    """How long a passkey may take to answer: what browsers allow their users."""
    grant_s: int = 300
    """How long an approval may wait to be used: it is for the request at hand."""
    fresh_s: int = 900
    """How long after signing in a first factor may be set up: a session found open later may not."""
    passkeys_max: int = 20
    """Passkeys of one person: every device of a large household."""


FACTORS = FactorPolicy()
"""The figures that are in force."""


def needs_second_factor(roles: Iterable[str]) -> bool:
    """Tell whether somebody with these roles must have a second factor."""
    return not STAFF_ROLES.isdisjoint(roles)


def may_remove_factor(roles: Iterable[str], factors_left: int) -> bool:
    """Tell whether a factor may be taken away so that this many remain; codes on paper are none."""
    return factors_left > 0 or not needs_second_factor(roles)


def approving_methods(held: Iterable[Method], path: str) -> tuple[Method, ...]:
    """Return which of the methods that a person has may approve a request to this path.

    Codes on paper bring a person back to their factors when a phone is lost; they approve nothing
    else, for whoever found the paper would move money with it.
    """
    is_about_factors = path.startswith(FACTOR_PATHS)
    return tuple(
        method
        for method in Method
        if method in set(held) and (method is not Method.RECOVERY_CODE or is_about_factors)
    )


def steps_at(second: float, policy: FactorPolicy = FACTORS) -> range:
    """Return the time steps whose codes are taken at a moment.

    Units: `second` since 1970.
    """
    now = int(second) // policy.step_s
    return range(now - policy.steps_around, now + policy.steps_around + 1)
