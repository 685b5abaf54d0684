"""What an access token says, and why one is not believed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.ids import PersonId

REQUIRED_CLAIMS = ("exp", "iat", "iss", "aud", "sub", "jti", "sid")
"""Claims that every access token has to have."""
TOKEN_TYPE = "at+jwt"  # noqa: S105 -- It is a media type. Source: RFC 9068.
AUDIENCE = "sendalong-api"
"""For whom access tokens are made: no token for something else opens this API."""


class TokenFlaw(StrEnum):
    """Why a signed token is refused: part of the public interface, never renamed."""

    EXPIRED = "token_expired"
    MALFORMED = "token_malformed"
    ALGORITHM = "token_algorithm_refused"
    TYPE = "token_type_refused"
    KEY = "token_key_unknown"
    SIGNATURE = "token_signature_wrong"
    CLAIMS = "token_claims_missing"
    PURPOSE = "token_not_for_here"


class TokenRefused(Exception):
    """A signed token is not believed; nothing in it was used."""

    def __init__(self, flaw: TokenFlaw) -> None:
        super().__init__(str(flaw))
        self.flaw = flaw


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a verified access token says."""

    person_id: PersonId
    session_id: str
    token_id: str
    issued_at: datetime
    expires_at: datetime
