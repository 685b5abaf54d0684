"""A provider of OpenID Connect on this machine, which can be told to lie in every way there is."""

from __future__ import annotations

import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from infra.base64url import base64url

CLIENT_ID, CLIENT_SECRET = "sendalong", "a secret of two"
LIFE_S = 300


@dataclass
class Provider:
    """What the provider knows and how it answers."""

    issuer: str = ""
    algorithm: str = "RS256"
    claims: dict[str, Any] = field(default_factory=dict)
    """What it says in place of the truth; a claim of nothing is left out."""
    metadata: dict[str, Any] = field(default_factory=dict)
    """What it says about itself in place of the truth."""
    unsigned: bool = False
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    """What each code was given out for."""
    refusals: list[str] = field(default_factory=list)
    """Why it has not taken a code."""
    keys: dict[str, Any] = field(
        default_factory=lambda: {
            "RS256": rsa.generate_private_key(public_exponent=65_537, key_size=2_048),
            "ES256": ec.generate_private_key(ec.SECP256R1()),
        }
    )

    def sign_in(self, address: str, **person: Any) -> dict[str, str]:
        """Do what a person does at the provider, and return what they come back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = token_urlsafe(16)
        self.asked[code] = {**asked, "person": json.dumps(person)}
        return {"state": asked["state"], "code": code}

    def described(self) -> dict[str, Any]:
        """Return what the provider says about itself."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            **self.metadata,
        }

    def key_set(self) -> dict[str, Any]:
        """Return the public keys."""
        found = [
            {**json.loads(self.public(name)), "kid": self.kid(name), "alg": name, "use": "sig"}
            for name in self.keys
        ]
        return {"keys": found}

    def kid(self, algorithm: str) -> str:
        """Return the id of a key, another one for every key."""
        return sha256(self.public(algorithm).encode()).hexdigest()[:8]

    def public(self, algorithm: str) -> str:
        """Return a public key as JSON."""
        key = self.keys[algorithm].public_key()
        return RSAAlgorithm.to_jwk(key) if algorithm == "RS256" else ECAlgorithm.to_jwk(key)

    def exchange(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Take a code for a token about the person, if everything about it is right."""
        asked = self.asked.pop(form.get("code", ""), None)
        challenge = base64url(sha256(form.get("code_verifier", "").encode()).digest())
        right = asked is not None and {
            "client": (form.get("client_id"), form.get("client_secret"))
            == (CLIENT_ID, CLIENT_SECRET),
            "page": form.get("redirect_uri") == asked["redirect_uri"],
            "verifier": challenge == asked["code_challenge"],
        }
        if asked is None or not right or not all(right.values()):
            self.refusals.append(str(right))
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        truth = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + LIFE_S,
            "nonce": asked["nonce"],
            **json.loads(asked["person"]),
            **self.claims,
        }
        said = {name: value for name, value in truth.items() if value is not None}
        return 200, {"id_token": self.signed(said), "token_type": "Bearer", "access_token": "x"}

    def signed(self, claims: dict[str, Any]) -> str:
        """Return a token, signed as the provider is told to sign."""
        if self.unsigned:
            return jwt.encode(claims, "", algorithm="none")
        if self.algorithm == "HS256":
            # The public key is no secret: whoever takes it for one can be told anything.
            header = {"alg": "HS256", "typ": "JWT", "kid": self.kid("RS256")}
            body = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
            public = self.keys["RS256"].public_key()
            pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            return f"{body}.{base64url(hmac.digest(pem, body.encode(), 'sha256'))}"
        headers = {"kid": self.kid(self.algorithm)}
        return jwt.encode(claims, self.keys[self.algorithm], self.algorithm, headers)


class _Handler(BaseHTTPRequestHandler):
    provider: ClassVar[Provider]

    def do_GET(self) -> None:
        answers = {
            "/.well-known/openid-configuration": self.provider.described,
            "/keys": self.provider.key_set,
        }
        found = answers.get(self.path)
        self._answer(200 if found else 404, found() if found else {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._answer(*self.provider.exchange(form))

    def _answer(self, status: int, said: dict[str, Any]) -> None:
        content = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def running_provider() -> Iterator[Provider]:
    """Run a provider until the block ends."""
    provider = Provider()
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
