"""Codes on paper for the day on which the phone is lost: shown once, kept as hashes, used once."""

from __future__ import annotations

from hashlib import sha256
from secrets import choice

from domain.identity.factors import FACTORS, FactorPolicy

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's Base32: no letter that looks like another one."""
_GROUP = 4
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def new_codes(policy: FactorPolicy = FACTORS) -> tuple[str, ...]:
    """Return new codes as they are shown, in groups: the only time they are seen."""
    return tuple(_grouped(policy.recovery_characters) for _ in range(policy.recovery_codes))


def hash_of(person_id: str, code: str) -> bytes:
    """Return the hash of a code as it was typed: small letters, gaps and misread letters do not matter.

    A code is as random as a key, so it needs no slow hash; equal codes of two people hash apart.
    """
    plain = code.upper().translate(_MISREAD)
    return sha256(f"recovery code:{person_id}:{plain}".encode("utf-8", "surrogatepass")).digest()


def _grouped(characters: int) -> str:
    letters = "".join(choice(LETTERS) for _ in range(characters))
    return "-".join(letters[start : start + _GROUP] for start in range(0, characters, _GROUP))
