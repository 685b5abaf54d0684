"""The providers that are put through the suite, each for what it can do."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import stripe
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.payments.sandbox import SANDBOX, SandboxProvider
from infra.payments.stripe_client import BoundedClient, stripe_client
from infra.payments.stripe_onboarding import StripeOnboarding
from infra.payments.stripe_provider import StripeProvider
from infra.payments.stripe_requests import STRIPE
from tests.infra.payments.conformance.contract import ProviderUnderTest, Scene
from tests.infra.payments.conformance.sandbox import SandboxUnderTest
from tests.infra.payments.conformance.stripe import StripeUnderTest
from tests.stripe_stand_in import API_KEY, StripeStandIn
from tests.stripe_stand_in.webhooks import SECRET

CAN = {"sandbox": SANDBOX, "stripe": STRIPE}
UNSETTLED = {
    # A card is charged or declined at once; no other method is taken at Stripe.
    "sandbox": [Scene.ASKS_THE_CUSTOMER, Scene.TAKES_TIME],
    "stripe": [Scene.ASKS_THE_CUSTOMER],
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test for each provider, and for each operation or scene that the provider knows."""
    names = metafunc.fixturenames
    if "under_test" not in names:
        return
    if "kind" in names:
        cases = [(name, kind) for name, can in CAN.items() for kind in sorted(can.kinds)]
        metafunc.parametrize(("under_test", "kind"), cases, indirect=["under_test"])
    elif "unsettled" in names:
        scenes = [(name, scene) for name, known in UNSETTLED.items() for scene in known]
        metafunc.parametrize(("under_test", "unsettled"), scenes, indirect=["under_test"])
    else:
        metafunc.parametrize("under_test", list(CAN), indirect=True)


@pytest.fixture(scope="session")
async def http() -> AsyncIterator[BoundedClient]:
    """One connection pool for all tests; building one is the slow part."""
    client = BoundedClient()
    yield client
    await client.close_async()  # type: ignore[no-untyped-call]


@pytest.fixture
async def under_test(
    request: pytest.FixtureRequest, engine: AsyncEngine, http: stripe.HTTPXClient
) -> AsyncIterator[ProviderUnderTest]:
    if request.param == "sandbox":
        yield SandboxUnderTest(SandboxProvider(engine))
        return
    async with StripeStandIn() as stand_in:
        client = stripe_client(API_KEY, api_url=stand_in.url, http_client=http)
        provider = StripeProvider(client, (SECRET,))
        yield StripeUnderTest(provider, StripeOnboarding(client), stand_in)
        assert stand_in.drift == []
