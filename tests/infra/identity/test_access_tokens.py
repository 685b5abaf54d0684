"""Only our own access tokens are believed; everything else has a name for what is wrong with it."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.identity.claims import TokenFlaw, TokenRefused
from infra.base64url import base64url
from infra.identity.access_tokens import AccessTokens
from infra.identity.signing_keys import SigningKeys, SigningKeysUnusable, read_signing_keys

ISSUER = "https://sendalong.test"
NEW, OLD = b"n" * 32, b"o" * 32
PERSON = "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21"
SESSION = "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e22"
KEYS = SigningKeys([NEW, OLD])
TOKENS = AccessTokens(KEYS, ISSUER, life_s=900)
NOW = datetime.now(UTC)
"""When the tests were read, which may be long before they are run."""


def claims(**changed: Any) -> dict[str, Any]:
    """Return claims that hold; what is none is left out."""
    issued_at = int(NOW.timestamp())
    good = {
        "iss": ISSUER,
        "aud": "sendalong-api",
        "sub": PERSON,
        "sid": SESSION,
        "jti": PERSON,
        "iat": issued_at,
        "exp": issued_at + 86_400,
    }
    return {name: value for name, value in (good | changed).items() if value is not None}


def signed(payload: dict[str, Any], seed: bytes = NEW, **header: Any) -> str:
    headers = {"typ": "at+jwt", "kid": KEYS.current.key_id, **header}
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return jwt.encode(payload, key, "EdDSA", headers)


def spelled(header: dict[str, Any], payload: dict[str, Any], secret: bytes | None = None) -> str:
    """Return a token put together by hand, signed with HMAC when there is a secret."""
    parts = [base64url(json.dumps(part).encode()) for part in (header, payload)]
    text = ".".join(parts)
    mac = hmac.new(secret, text.encode(), sha256).digest() if secret is not None else b""
    return f"{text}.{base64url(mac)}"


PUBLIC = KEYS.current.public.public_bytes(Encoding.Raw, PublicFormat.Raw)
PEM = KEYS.current.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
KEY_ID = {"kid": KEYS.current.key_id, "typ": "at+jwt"}

FORGED: dict[str, tuple[str, TokenFlaw]] = {
    "alg none": (spelled({"alg": "none", **KEY_ID}, claims()), TokenFlaw.ALGORITHM),
    "alg in other letters": (spelled({"alg": "nOnE", **KEY_ID}, claims()), TokenFlaw.ALGORITHM),
    "HS256 with the public key": (
        spelled({"alg": "HS256", **KEY_ID}, claims(), PUBLIC),
        TokenFlaw.ALGORITHM,
    ),
    "HS256 with the public key as PEM": (
        spelled({"alg": "HS256", **KEY_ID}, claims(), PEM),
        TokenFlaw.ALGORITHM,
    ),
    "a type of its own": (signed(claims(), typ="JWT"), TokenFlaw.TYPE),
    "an id token": (signed(claims(), typ="id+jwt"), TokenFlaw.TYPE),
    "no type": (signed(claims(), typ=None), TokenFlaw.TYPE),
    "an unknown key": (signed(claims(), kid="somebody-else"), TokenFlaw.KEY),
    "no key": (spelled({"alg": "EdDSA", "typ": "at+jwt"}, claims()), TokenFlaw.KEY),
    "a key that is an object": (
        spelled({"alg": "EdDSA", "typ": "at+jwt", "kid": {"x": 1}}, claims()),
        TokenFlaw.MALFORMED,
    ),
    "an address of a key": (
        signed(claims(), b"x" * 32, jku="https://evil.test/keys", kid="x"),
        TokenFlaw.KEY,
    ),
    "a key of its own": (
        signed(claims(), b"x" * 32, jwk={"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}),
        TokenFlaw.SIGNATURE,
    ),
    "another key under our name": (signed(claims(), b"x" * 32), TokenFlaw.SIGNATURE),
    "a changed claim": (
        ".".join(
            part if at != 1 else base64url(json.dumps(claims(sub=SESSION)).encode())
            for at, part in enumerate(signed(claims()).split("."))
        ),
        TokenFlaw.SIGNATURE,
    ),
    "another platform's": (signed(claims(iss="https://evil.test")), TokenFlaw.PURPOSE),
    "for another audience": (signed(claims(aud="sendalong-web")), TokenFlaw.PURPOSE),
    "for several audiences": (signed(claims(aud=["sendalong-api", "x"])), TokenFlaw.PURPOSE),
    "from the future": (signed(claims(iat=int(NOW.timestamp()) + 3_600)), TokenFlaw.PURPOSE),
    "expired": (signed(claims(exp=int(NOW.timestamp()) - 1)), TokenFlaw.EXPIRED),
    "an expiry that is a text": (signed(claims(exp="tomorrow")), TokenFlaw.MALFORMED),
    "an empty session": (signed(claims(sid="")), TokenFlaw.CLAIMS),
    "a session that is a number": (signed(claims(sid=7)), TokenFlaw.CLAIMS),
    "nothing": ("..", TokenFlaw.MALFORMED),
    "no base64": ("%.%.%", TokenFlaw.MALFORMED),
    "no JSON": (f"{base64url(b'hello')}.{base64url(b'hello')}.x", TokenFlaw.MALFORMED),
} | {
    f"no {name}": (signed(claims(**{name: None})), TokenFlaw.CLAIMS)
    for name in ("exp", "iat", "iss", "aud", "sub", "jti", "sid")
}


def test_our_own_token_says_who_and_which_session() -> None:
    said = TOKENS.verify(TOKENS.issue(PERSON, SESSION, datetime.now(UTC)))
    assert (said.person_id, said.session_id) == (PERSON, SESSION)
    assert said.expires_at - said.issued_at == timedelta(minutes=15)


@pytest.mark.parametrize("name", FORGED)
def test_what_is_not_ours_is_refused_by_name(name: str) -> None:
    token, flaw = FORGED[name]
    with pytest.raises(TokenRefused) as refused:
        TOKENS.verify(token)
    assert refused.value.flaw is flaw


def test_tokens_of_both_live_keys_are_believed_until_the_old_one_goes() -> None:
    before = AccessTokens(SigningKeys([OLD]), ISSUER, 900).issue(PERSON, SESSION, datetime.now(UTC))
    assert TOKENS.verify(before).session_id == SESSION
    after = AccessTokens(SigningKeys([NEW]), ISSUER, 900)
    assert after.verify(TOKENS.issue(PERSON, SESSION, datetime.now(UTC))).session_id == SESSION
    with pytest.raises(TokenRefused) as refused:
        after.verify(before)
    assert refused.value.flaw is TokenFlaw.KEY


def test_the_key_set_verifies_a_token_and_holds_nothing_private() -> None:
    token = TOKENS.issue(PERSON, SESSION, datetime.now(UTC))
    keys = jwt.PyJWKSet.from_dict(KEYS.key_set())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    assert jwt.decode(token, key, ["EdDSA"], audience="sendalong-api")["sid"] == SESSION
    assert len(keys.keys) == 2
    assert all("d" not in members for members in KEYS.key_set()["keys"])


@pytest.mark.parametrize(
    "text",
    ["", "no base64!", b64encode(b"short").decode(), " ".join([b64encode(NEW).decode()] * 2)],
)
def test_keys_that_are_none_are_refused_without_being_shown(text: str) -> None:
    with pytest.raises(SigningKeysUnusable) as refused:
        read_signing_keys(text)
    assert not text or text not in str(refused.value)
