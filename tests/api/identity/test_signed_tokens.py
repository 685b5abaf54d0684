"""A signed token that does not hold is refused on every route, and says by a stable code why."""

from __future__ import annotations

import httpx
import pytest

from tests.api.client import code_of
from tests.infra.identity.test_access_tokens import FORGED

TELLING = {
    "alg none": "token_algorithm_refused",
    "HS256 with the public key": "token_algorithm_refused",
    "no type": "token_type_refused",
    "an unknown key": "token_key_unknown",
    "nothing": "token_malformed",
}
"""What is wrong whoever made the token; the rest is told by the tests of the tokens themselves."""


@pytest.mark.parametrize("name", TELLING)
async def test_a_forged_token_is_refused_with_its_code(web: httpx.AsyncClient, name: str) -> None:
    token = FORGED[name][0].ljust(20, "x")
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "forged"}
    for answer in (
        await web.get("/v1/deliveries", headers=headers),
        await web.post("/v1/deliveries", json={}, headers=headers),
    ):
        assert (answer.status_code, code_of(answer)) == (401, TELLING[name])
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_the_name_of_a_session_s_credential_is_no_token(web: httpx.AsyncClient) -> None:
    name = "session:01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21"
    answer = await web.get("/v1/deliveries", headers={"Authorization": f"Bearer {name}"})
    assert code_of(answer) == "unauthenticated"


async def test_the_public_keys_are_served_to_everybody(web: httpx.AsyncClient) -> None:
    answer = await web.get("/.well-known/jwks.json")
    assert [set(key) for key in answer.json()["keys"]] == [{"crv", "kty", "x", "kid", "alg", "use"}]
    assert answer.headers["cache-control"] == "public, max-age=300"
