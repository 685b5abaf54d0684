"""Asks for passwords: the ones people have, and the ones they would like."""

from __future__ import annotations

from pydantic import SecretStr

from api.edge.problems import EdgeCode, Problem, unavailable
from domain.identity.passwords import PasswordFlaw, flaw_of, normalised
from infra.identity.parts import IdentityParts
from infra.identity.passwords import TooManyPasswords

BUSY_S = 1
"""How long somebody waits who found no place in line: about as long as the line is."""


async def is_password(parts: IdentityParts, kept: str | None, typed: SecretStr) -> bool:
    """Tell whether a password is the kept one; where none is kept the same work is done.

    Raises:
        Problem: `unavailable` when too many passwords are being checked.
    """
    try:
        return await parts.passwords.matches(kept, normalised(typed.get_secret_value()))
    except TooManyPasswords as error:
        raise unavailable(BUSY_S) from error


async def hash_of_new(parts: IdentityParts, wanted: SecretStr, email: str, field: str) -> str:
    """Return the hash of a password that somebody would like to have.

    `field` is where it stands in the body.

    Raises:
        Problem: `password_refused` with what is wrong with it, or `unavailable`.
    """
    password = normalised(wanted.get_secret_value())
    flaw = flaw_of(password, email, parts.policy.passwords)
    if flaw is None and await parts.common_passwords.knows(password):
        flaw = PasswordFlaw.TOO_COMMON
    if flaw is not None:
        raise Problem(
            EdgeCode.PASSWORD_REFUSED,
            "Choose another password and send the request again.",
            errors=[{"at": f"body/{field}", "problem": str(flaw)}],
        )
    return await hash_again(parts, wanted)


async def hash_again(parts: IdentityParts, typed: SecretStr) -> str:
    """Return another hash of a password.

    Raises:
        Problem: `unavailable` when too many passwords are being checked.
    """
    try:
        return await parts.passwords.hash(normalised(typed.get_secret_value()))
    except TooManyPasswords as error:
        raise unavailable(BUSY_S) from error
