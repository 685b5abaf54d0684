"""The providers that are put through the suite, each for what it can do."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.payments.sandbox import SANDBOX, SandboxProvider
from infra.payments.stripe_requests import STRIPE
from tests.infra.payments.conformance.contract import ProviderUnderTest, Scene
from tests.infra.payments.conformance.sandbox import SandboxUnderTest
from tests.infra.payments.conformance.stripe import StripeUnderTest
from tests.infra.payments.conftest import Stripe

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


@pytest.fixture
def under_test(request: pytest.FixtureRequest, engine: AsyncEngine) -> ProviderUnderTest:
    if request.param == "sandbox":
        return SandboxUnderTest(SandboxProvider(engine))
    parts: Stripe = request.getfixturevalue("at_stripe")
    return StripeUnderTest(parts.provider, parts.onboarding, parts.stand_in)
