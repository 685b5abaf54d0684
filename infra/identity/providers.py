"""Signing in with another provider, by OpenID Connect: authorisation code with PKCE and a nonce.

Source: OpenID Connect Core 1.0, RFC 6749, RFC 7636, RFC 9207 and RFC 9700.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
import jwt as pyjwt
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from infra.base64url import base64url
from infra.identity.provider_settings import THIS_MACHINE, AppleKey, SignInProvider

ALGORITHMS = ("RS256", "ES256")
"""How providers may sign; what a token says about itself never adds to it."""
CLOCK_OFF_S = 60
"""How far a provider's clock may be off."""
KNOWN_S = 3_600
"""How long addresses and keys of a provider are believed: they change the latter now and then."""
ANSWER_S_MAX = 5.0
ANSWER_BYTES_MAX = 256 * 1_024
_SECRET_S = 300


class ProviderRefused(Exception):
    """What a provider says does not prove who somebody is."""


class ProviderAway(Exception):
    """A provider does not answer, or not as it should."""


@dataclass(frozen=True, slots=True)
class KnownBy:
    """Whom a provider knows somebody as."""

    issuer: str
    subject: str
    email: str | None
    is_verified: bool
    """Whether the provider has seen that the person reads mail at the address."""
    name: str | None


@dataclass(frozen=True, slots=True)
class Turn:
    """The secrets of one sign-in, derived from its state: nothing of them is stored anywhere."""

    state: str
    key: bytes

    @property
    def nonce(self) -> str:
        """What the provider writes into its token."""
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """What proves to the provider that the code came back to whoever has asked for it."""
        return self._derived("verifier")

    def _derived(self, purpose: str) -> str:
        digest = hmac.digest(self.key, f"sign-in {purpose} {self.state}".encode(), "sha256")
        return base64url(digest)


@dataclass(slots=True)
class _Known:
    """What a provider says about itself."""

    metadata: Mapping[str, Any]
    keys: KeySet
    at: float


class SignInProviders:
    """Every provider that is set, by its name."""

    def __init__(self, providers: Mapping[str, SignInProvider], key: bytes) -> None:
        self.providers = providers
        self._key = key
        self._known: dict[str, _Known] = {}
        limits = httpx.Limits(max_connections=10)
        # What is set for other programs of the machine is not for tokens of people.
        self._http = httpx.AsyncClient(
            timeout=ANSWER_S_MAX, limits=limits, follow_redirects=False, trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    def turn(self, state: str) -> Turn:
        """Return the secrets of the sign-in with this state."""
        return Turn(state, self._key)

    async def address(self, name: str, redirect_uri: str, turn: Turn) -> str:
        """Return the address at which the provider asks the person.

        Raises:
            ProviderAway: it does not say where that is.
        """
        provider = self.providers[name]
        known = await self._about(name)
        address: str = prepare_grant_uri(
            known.metadata["authorization_endpoint"],
            client_id=provider.client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=list(provider.scopes),
            state=turn.state,
            nonce=turn.nonce,
            code_challenge=create_s256_code_challenge(turn.verifier),
            code_challenge_method="S256",
            response_mode=provider.response_mode,
        )
        return address

    async def who(
        self, name: str, redirect_uri: str, code: str, said_issuer: str | None, turn: Turn
    ) -> KnownBy:
        """Return whom the provider knows the person as who came back with a code.

        Raises:
            ProviderRefused: the code or the token proves nothing.
            ProviderAway: the provider does not answer.
        """
        known = await self._about(name)
        if said_issuer is None:
            is_named = not known.metadata.get("authorization_response_iss_parameter_supported")
        else:
            is_named = said_issuer == self.providers[name].issuer
        if not is_named:
            raise ProviderRefused("the answer comes from another provider")
        token, access_token = await self._exchanged(name, redirect_uri, code, turn)
        return await self._verified(name, token, access_token, turn)

    async def _exchanged(
        self, name: str, redirect_uri: str, code: str, turn: Turn
    ) -> tuple[str, str | None]:
        provider, known = self.providers[name], await self._about(name)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": turn.verifier,
            "client_id": provider.client_id,
            "client_secret": _secret(provider),
        }
        status, said = await self._asked("POST", known.metadata["token_endpoint"], form)
        if status != httpx.codes.OK:
            raise ProviderRefused("the provider does not take the code")
        token, access_token = said.get("id_token"), said.get("access_token")
        if not isinstance(token, str):
            raise ProviderRefused("the provider gives no token about the person")
        return token, access_token if isinstance(access_token, str) else None

    async def _verified(
        self, name: str, token: str, access_token: str | None, turn: Turn
    ) -> KnownBy:
        provider = self.providers[name]
        try:
            signed = await self._decoded(name, token)
            claims = CodeIDToken(
                signed.claims,
                signed.header,
                options={
                    "iss": {"essential": True, "value": provider.issuer},
                    "aud": {"essential": True, "value": provider.client_id},
                },
                params={
                    "nonce": turn.nonce,
                    "client_id": provider.client_id,
                    "access_token": access_token,
                },
            )
            claims.validate(leeway=CLOCK_OFF_S)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise ProviderRefused(type(error).__name__) from error
        return _person(provider, claims)

    async def _decoded(self, name: str, token: str) -> jwt.Token:
        known = await self._about(name)
        try:
            return jwt.decode(token, known.keys, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError):
            # The provider may have begun to sign with a key that it did not have before.
            known = await self._about(name, anew=True)
            return jwt.decode(token, known.keys, algorithms=list(ALGORITHMS))

    async def _about(self, name: str, *, anew: bool = False) -> _Known:
        known = self._known.get(name)
        if known is not None and not anew and time.monotonic() - known.at < KNOWN_S:
            return known
        issuer = self.providers[name].issuer
        _, metadata = await self._asked("GET", get_well_known_url(issuer, external=True))
        if metadata.get("issuer") != issuer:
            raise ProviderAway("it calls itself something else")
        for endpoint in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            _require_private(metadata.get(endpoint))
        _, keys = await self._asked("GET", metadata["jwks_uri"])
        try:
            read = KeySet.import_key_set({"keys": keys["keys"]})
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise ProviderAway("its keys cannot be read") from error
        known = self._known[name] = _Known(metadata, read, time.monotonic())
        return known

    async def _asked(
        self, method: str, address: str, form: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        headers = {"Accept": "application/json"}
        try:
            async with self._http.stream(method, address, data=form, headers=headers) as answer:
                body = bytearray()
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > ANSWER_BYTES_MAX:
                        raise ProviderAway("it answers without end")
                said = httpx.Response(answer.status_code, content=bytes(body)).json()
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderAway(type(error).__name__) from error
        if not isinstance(said, dict) or answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise ProviderAway("it does not answer as it should")
        return answer.status_code, said


def _person(provider: SignInProvider, claims: Mapping[str, Any]) -> KnownBy:
    email, name = claims.get("email"), claims.get("name")
    return KnownBy(
        issuer=provider.issuer,
        subject=str(claims["sub"]),
        email=email if isinstance(email, str) else None,
        # Apple writes the words "true" and "false".
        is_verified=claims.get("email_verified") in (True, "true"),
        name=name if isinstance(name, str) else None,
    )


def _require_private(address: object) -> None:
    parts = urlsplit(address) if isinstance(address, str) else None
    if parts is None or (parts.scheme != "https" and parts.hostname not in THIS_MACHINE):
        raise ProviderAway("one of its addresses is not private")


def _secret(provider: SignInProvider) -> str:
    if provider.apple_key is None:
        return provider.client_secret.get_secret_value()
    return _apple_secret(provider, provider.apple_key)


def _apple_secret(provider: SignInProvider, key: AppleKey) -> str:
    """Return a secret for the next minutes, as Apple wants it."""
    now = int(time.time())
    claims = {
        "iss": key.team_id,
        "iat": now,
        "exp": now + _SECRET_S,
        "aud": provider.issuer,
        "sub": provider.client_id,
    }
    private = key.private_key.get_secret_value()
    return pyjwt.encode(claims, private, "ES256", {"kid": key.key_id})
