"""Codes that are sent to an address to prove that somebody reads it there.

A code is derived from a key and the id of its row, so that the database never holds one: who reads
the database learns no code, and who guesses has a bounded number of tries.
"""

from __future__ import annotations

import hmac
from enum import StrEnum
from hashlib import sha256

from domain.identity.policy import CodePolicy

DIGITS = 6
RESET_SIGNS = 12
"""Signs of a code that sets a new password: sixty bits, for it opens an account."""
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing in it looks like something else."""
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})
_LABEL = b"sendalong verification code"


class CodeUse(StrEnum):
    """What a code proves."""

    REGISTRATION = "registration"
    PASSWORD_RESET = "password_reset"  # noqa: S105 -- It names what a code is for.
    EMAIL_CHANGE = "email_change"
    PHONE_CHANGE = "phone_change"


def derive_verification_code(key: bytes, verification_id: str, use: CodeUse) -> str:
    """Return the code of one row, always the same one.

    Shape: six digits; for a new password twelve signs in groups, as `7K3M-9QWX-2HTP`.
    """
    message = b"\x00".join((_LABEL, use.encode(), verification_id.encode()))
    number = int.from_bytes(hmac.new(key, message, sha256).digest(), "big")
    if use is not CodeUse.PASSWORD_RESET:
        return f"{number % 10**DIGITS:0{DIGITS}d}"
    signs = "".join(_SIGNS[number >> 5 * place & 31] for place in range(RESET_SIGNS))
    return "-".join(signs[at : at + 4] for at in range(0, RESET_SIGNS, 4))


def is_code(derived: str, typed: str) -> bool:
    """Tell whether people typed a code, in whatever letters and groups, in constant time."""
    return hmac.compare_digest(_plain(derived), _plain(typed))


def life_s(use: CodeUse, policy: CodePolicy) -> int:
    """Return how long a code lives. Units: whole seconds."""
    return policy.reset_life_s if use is CodeUse.PASSWORD_RESET else policy.life_s


def _plain(code: str) -> bytes:
    return code.upper().translate(_READ_AS).encode()
