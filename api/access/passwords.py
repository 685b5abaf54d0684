"""Asks for passwords: the ones people have, and the ones they would like."""

from __future__ import annotations

from pydantic import SecretStr

from api.edge.problems import EdgeCode, Problem, unavailable
from api.queries.identity.accounts import forgive
from api.queries.identity.holders import Holder
from api.queries.identity.throttles import count_try, of_guessing
from api.services import Services
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


async def require_password(services: Services, holder: Holder, typed: SecretStr) -> None:
    """Check that the asking person knows their password; tries count like those of signing in.

    Raises:
        Problem: `password_wrong`, `too_many_tries` or `unavailable`.
    """
    parts = services.identity
    subject = parts.subject("passwords", holder.email_lookup or holder.person_id)
    await count_try(services.database, subject, of_guessing(parts.policy.guessing))
    if not await is_password(parts, holder.password_hash, typed):
        raise Problem(EdgeCode.PASSWORD_WRONG, "This is not your password.")
    await forgive(services.database, subject)


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
