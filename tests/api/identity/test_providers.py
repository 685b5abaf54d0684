"""Signing in with another provider, which is a real one on this machine and may lie."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from api.composition import create_app
from domain.identity.limits import RateLimits
from domain.identity.policy import IdentityPolicy
from infra.database.schema import provider_sign_in
from infra.identity.provider_settings import SignInProvider
from infra.settings import load_settings
from tests.api.client import RefuseUndocumented, code_of
from tests.api.conftest import HANDOVER_KEY
from tests.api.identity.conftest import CHEAP
from tests.api.identity.factors import set_up
from tests.api.identity.people import Newcomers, SignedIn, new_address
from tests.api.story import done
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, running_provider

PAGE = "https://app.example/signed-in"
AUTH = "/v1/auth/providers"
OWN = "/v1/me/identities"


@dataclass(frozen=True)
class Visitors:
    """People who come from the provider."""

    web: httpx.AsyncClient
    provider: Provider

    async def begin(self, name: str = "local") -> dict[str, Any]:
        answer = await self.web.post(f"{AUTH}/{name}/begin", json={"redirect_uri": PAGE})
        return dict(done(answer))

    async def back(self, begun: dict[str, Any], **person: Any) -> dict[str, Any]:
        """Return what somebody comes back with who has been at the provider."""
        came = self.provider.sign_in(begun["authorization_url"], **person)
        return {**came, "browser_secret": begun["browser_secret"]}

    async def sign_in(self, body: dict[str, Any], name: str = "local") -> httpx.Response:
        return await self.web.post(f"{AUTH}/{name}/sign-in", json=body)

    async def came(self, **person: Any) -> httpx.Response:
        """Go the whole way."""
        return await self.sign_in(await self.back(await self.begin(), **person))


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """The provider, which tells the truth unless a test bends it."""
    with running_provider() as running:
        yield running


@pytest.fixture(scope="module")
async def visitors(database_url: str, provider: Provider) -> AsyncIterator[Visitors]:
    """The API with that provider under two names."""
    chosen = SignInProvider(
        issuer=provider.issuer,
        client_id=CLIENT_ID,
        client_secret=SecretStr(CLIENT_SECRET),
        title="Local",
        redirect_uris=(PAGE,),
    )
    settings = load_settings(
        database_url=database_url,
        temporal_address="127.0.0.1:1",
        handover_key=SecretStr(b64encode(HANDOVER_KEY).decode()),
        public_url="https://sendalong.test",
        identity=replace(IdentityPolicy(), passwords=CHEAP),
        sign_in_providers={"local": chosen, "other": chosen},
        # Everybody here comes from one address.
        rate_limits=RateLimits().times(1_000),
    )
    app = create_app(settings)
    transport = RefuseUndocumented(httpx.ASGITransport(app), app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="https://sendalong.test") as web,
    ):
        yield Visitors(web, provider)


@pytest.fixture(autouse=True)
def truth(provider: Provider) -> Iterator[None]:
    """Let the provider tell the truth again."""
    yield
    provider.claims, provider.metadata = {}, {}
    provider.algorithm, provider.unsigned = "RS256", False


def ada() -> dict[str, Any]:
    """Return somebody whom only the provider knows."""
    email = new_address()
    return {"sub": email, "email": email, "email_verified": True, "name": "Ada\u202e Lovelace\n"}


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
async def test_a_newcomer_gets_an_account_once_and_is_known_from_then_on(
    visitors: Visitors, algorithm: str
) -> None:
    visitors.provider.algorithm = algorithm
    listed = done(await visitors.web.get(AUTH))["items"]
    assert {"provider": "local", "title": "Local"} in listed
    person = ada()
    first = done(await visitors.came(**person))
    assert first["status"] == "signed_in"
    again = done(await visitors.came(**{**person, "email": new_address()}))
    assert again["person_id"] == first["person_id"]
    headers = {"Authorization": f"Bearer {again['access_token']}"}
    profile = done(await visitors.web.get("/v1/me", headers=headers))
    assert profile["display_name"] == "Ada Lovelace"


LIES: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "another audience": {"aud": "somebody"},
    "several audiences, none of them in charge": {"aud": [CLIENT_ID, "somebody"]},
    "another one in charge": {"azp": "somebody"},
    "another issuer": {"iss": "https://accounts.evil.example"},
    "expired": {"exp": int(time.time()) - 600},
    "without an end": {"exp": None},
    "from the future": {"nbf": int(time.time()) + 6_000},
    "nobody": {"sub": None},
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_token_that_says_something_else_signs_nobody_in(
    visitors: Visitors, lie: str
) -> None:
    visitors.provider.claims = LIES[lie]
    refused = await visitors.came(**ada())
    assert (refused.status_code, code_of(refused)) == (401, "provider_refused")


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
async def test_a_token_that_is_not_signed_by_the_provider_signs_nobody_in(
    visitors: Visitors, algorithm: str
) -> None:
    visitors.provider.unsigned = algorithm == "none"
    visitors.provider.algorithm = algorithm
    assert code_of(await visitors.came(**ada())) == "provider_refused"


async def test_a_provider_may_change_its_keys(visitors: Visitors) -> None:
    done(await visitors.came(**ada()))
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    visitors.provider.keys["RS256"] = key
    done(await visitors.came(**ada()))


async def test_a_state_works_once_in_the_browser_that_has_begun(
    visitors: Visitors, engine: AsyncEngine
) -> None:
    begun = await visitors.begin()
    body = await visitors.back(begun, **ada())
    for bent in (
        {"browser_secret": (await visitors.begin())["browser_secret"]},
        {"state": "x" * 43},
    ):
        assert code_of(await visitors.sign_in({**body, **bent})) == "provider_refused"
    # It belongs to one provider: another one under the same roof cannot answer it.
    assert code_of(await visitors.sign_in(body, "other")) == "provider_refused"
    done(await visitors.sign_in(body))
    body["code"] = visitors.provider.sign_in(begun["authorization_url"], **ada())["code"]
    assert code_of(await visitors.sign_in(body)) == "provider_refused"
    late = await visitors.back(await visitors.begin(), **ada())
    async with engine.begin() as connection:
        await connection.execute(update(provider_sign_in).values(expires_at=text("now()")))
    assert code_of(await visitors.sign_in(late)) == "provider_refused"


async def test_a_code_of_another_sign_in_is_not_taken(visitors: Visitors) -> None:
    mine, theirs = await visitors.begin(), await visitors.begin()
    body = await visitors.back(mine, **ada())
    stolen = await visitors.back(theirs, **ada())
    refused = await visitors.sign_in({**body, "code": stolen["code"]})
    assert code_of(refused) == "provider_refused"
    assert "'verifier': False" in visitors.provider.refusals[-1]


async def test_an_answer_of_another_provider_is_refused(visitors: Visitors) -> None:
    body = await visitors.back(await visitors.begin(), **ada())
    mixed_up = {**body, "iss": "https://accounts.evil.example"}
    assert code_of(await visitors.sign_in(mixed_up)) == "provider_refused"
    body = await visitors.back(await visitors.begin(), **ada())
    done(await visitors.sign_in({**body, "iss": visitors.provider.issuer}))


async def test_an_account_is_not_taken_over_by_its_address(
    visitors: Visitors, newcomers: Newcomers
) -> None:
    email = await newcomers.registered()
    person = {**ada(), "email": email}
    refused = await visitors.came(**person)
    assert (refused.status_code, code_of(refused)) == (409, "account_exists")
    for unproven in (False, None, "false"):
        refused = await visitors.came(**{**ada(), "email_verified": unproven})
        assert (refused.status_code, code_of(refused)) == (403, "email_not_verified")


async def test_who_is_signed_in_links_a_provider_and_unlinks_it(
    visitors: Visitors, newcomers: Newcomers
) -> None:
    owner = await newcomers.signed_in()
    owner = replace(owner, http=visitors.web)
    person = ada()
    body = await linking(visitors, owner, person)
    # What was begun to link an account signs nobody in.
    assert code_of(await visitors.sign_in(body)) == "provider_refused"
    (linked,) = done(await owner.post(f"{OWN}/local", body))["items"]
    assert done(await visitors.came(**person))["person_id"] == owner.person_id
    other = replace(await newcomers.signed_in(), http=visitors.web)
    taken = await other.post(f"{OWN}/local", await linking(visitors, other, person))
    assert (taken.status_code, code_of(taken)) == (409, "account_exists")
    elsewhere = await linking(visitors, owner, ada())
    assert code_of(await other.post(f"{OWN}/local", elsewhere)) == "provider_refused"
    assert (await other.change("DELETE", f"{OWN}/{linked['identity_id']}")).status_code == 404
    assert done(await owner.change("DELETE", f"{OWN}/{linked['identity_id']}"))["items"] == []
    assert done(await visitors.came(**person))["person_id"] != owner.person_id


async def linking(visitors: Visitors, owner: SignedIn, person: dict[str, Any]) -> dict[str, Any]:
    begun = done(await owner.change("PUT", f"{OWN}/local/begin", {"redirect_uri": PAGE}))
    return await visitors.back(begun, **person)


async def test_a_second_factor_is_asked_for_here_whoever_signs_in(
    visitors: Visitors, newcomers: Newcomers
) -> None:
    person = ada()
    answer = await visitors.came(**person)
    owner = replace(newcomers.somebody(person["email"], answer), http=visitors.web)
    await set_up(owner)
    assert done(await visitors.came(**person))["status"] == "second_factor_required"
    begin = await owner.change("PUT", f"{OWN}/local/begin", {"redirect_uri": PAGE})
    assert code_of(begin) == "step_up_required"


async def test_nobody_is_sent_elsewhere(visitors: Visitors) -> None:
    wanted = {"redirect_uri": "https://evil.example/"}
    refused = await visitors.web.post(f"{AUTH}/local/begin", json=wanted)
    assert (refused.status_code, code_of(refused)) == (422, "redirect_refused")
    unknown = await visitors.web.post(f"{AUTH}/nobody/begin", json={"redirect_uri": PAGE})
    assert unknown.status_code == 404
    body = await visitors.back(await visitors.begin(), **ada())
    assert (await visitors.sign_in(body, "nobody")).status_code == 404
