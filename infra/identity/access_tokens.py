"""Makes and checks access tokens: signed statements about a session that live for minutes.

Source: RFC 9068, RFC 8725 and RFC 8037.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import jwt

from domain.identity.claims import (
    AUDIENCE,
    REQUIRED_CLAIMS,
    TOKEN_TYPE,
    AccessClaims,
    TokenFlaw,
    TokenRefused,
)
from domain.ids import PersonId
from infra.identifiers import new_id
from infra.identity.signing_keys import SigningKeys

ALGORITHM = "EdDSA"
"""The one algorithm; what a token says about itself never chooses another."""

_FLAWS: tuple[tuple[type[jwt.PyJWTError], TokenFlaw], ...] = (
    (jwt.InvalidSignatureError, TokenFlaw.SIGNATURE),
    (jwt.ExpiredSignatureError, TokenFlaw.EXPIRED),
    (jwt.MissingRequiredClaimError, TokenFlaw.CLAIMS),
    (jwt.InvalidAudienceError, TokenFlaw.PURPOSE),
    (jwt.InvalidIssuerError, TokenFlaw.PURPOSE),
    (jwt.ImmatureSignatureError, TokenFlaw.PURPOSE),
    (jwt.InvalidAlgorithmError, TokenFlaw.ALGORITHM),
)
"""What the library finds wrong, the most telling first; anything else is malformed."""


class AccessTokens:
    """Access tokens of one platform: signed by its own keys, for its own API."""

    def __init__(self, keys: SigningKeys, issuer: str, life_s: int) -> None:
        self._keys = keys
        self._issuer = issuer
        self.life_s = life_s
        """Life of a token, in seconds."""

    def key_set(self) -> dict[str, list[dict[str, Any]]]:
        """Return the public keys that verify these tokens."""
        return self._keys.key_set()

    def issue(self, person_id: str, session_id: str, now: datetime) -> str:
        """Return a token for one session, in its compact form."""
        issued_at = int(now.timestamp())
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": person_id,
            "sid": session_id,
            "jti": new_id(),
            "iat": issued_at,
            "exp": issued_at + self.life_s,
        }
        headers = {"typ": TOKEN_TYPE, "kid": self._keys.current.key_id}
        return jwt.encode(claims, self._keys.current.private, ALGORITHM, headers)

    def verify(self, token: str) -> AccessClaims:
        """Return what a token says, once everything about it holds.

        Nothing is fetched from anywhere: the key is one of ours, found by its id alone.

        Raises:
            TokenRefused: with the first flaw that was found.
        """
        key = self._key_for(token)
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=self._issuer,
                options={"require": list(REQUIRED_CLAIMS), "strict_aud": True},
            )
        except jwt.PyJWTError as error:
            raise TokenRefused(_flaw_of(error)) from error
        return _read(claims)

    def _key_for(self, token: str) -> Any:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError as error:
            raise TokenRefused(TokenFlaw.MALFORMED) from error
        if header.get("alg") != ALGORITHM:
            raise TokenRefused(TokenFlaw.ALGORITHM)
        if header.get("typ") != TOKEN_TYPE:
            raise TokenRefused(TokenFlaw.TYPE)
        key = self._keys.public_key(header.get("kid"))
        if key is None:
            raise TokenRefused(TokenFlaw.KEY)
        return key


def _flaw_of(error: jwt.PyJWTError) -> TokenFlaw:
    found = (flaw for kind, flaw in _FLAWS if isinstance(error, kind))
    return next(found, TokenFlaw.MALFORMED)


def _read(claims: dict[str, Any]) -> AccessClaims:
    texts = [claims[name] for name in ("sub", "sid", "jti")]
    moments = [claims[name] for name in ("iat", "exp")]
    if not all(isinstance(text, str) and text for text in texts):
        raise TokenRefused(TokenFlaw.CLAIMS)
    issued_at, expires_at = (datetime.fromtimestamp(int(moment), UTC) for moment in moments)
    person_id, session_id, token_id = texts
    return AccessClaims(PersonId(person_id), session_id, token_id, issued_at, expires_at)
