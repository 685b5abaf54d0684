"""What a request proves who asks with, told by how it begins."""

from __future__ import annotations

from enum import StrEnum


class Credential(StrEnum):
    """Kinds of credentials."""

    SESSION = "session"
    """A signed access token of somebody who has signed in."""
    PERSONAL = "personal"
    """A token that was made on the machine, for robots and first steps."""
    API_KEY = "api_key"
    """A key of a program."""
    ACTING = "acting"
    """Staff act in a person's place for a short time."""


PREFIXES = {
    Credential.PERSONAL: "sa_",
    Credential.API_KEY: "sak_",
    Credential.ACTING: "sac_",
}
"""Make a leaked credential recognisable to scanners of source code."""
_DOTS_OF_SIGNED = 2


def credential_in(token: str) -> Credential:
    """Return the kind of a credential; what begins like none is looked up as a personal one."""
    if token.count(".") == _DOTS_OF_SIGNED:
        return Credential.SESSION
    kinds = (kind for kind, prefix in PREFIXES.items() if token.startswith(prefix))
    return next(kinds, Credential.PERSONAL)
