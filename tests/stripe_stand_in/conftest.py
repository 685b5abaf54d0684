"""The stand-in and the real SDK for its own tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import stripe

from tests.stripe_stand_in import StripeStandIn, Terms
from tests.stripe_stand_in.sdk import ContentClient, sdk_client
from tests.stripe_stand_in.shapes import misshapen


@pytest.fixture(scope="session")
async def http() -> AsyncIterator[stripe.HTTPXClient]:
    """One connection pool for all tests; building one is the slow part."""
    client = ContentClient(timeout=5)
    yield client
    await client.close_async()  # type: ignore[no-untyped-call]


@pytest.fixture
async def stand_in() -> AsyncIterator[StripeStandIn]:
    """A new stand-in; at the end nothing has drifted and every answer had the SDK's shape."""
    async with StripeStandIn(terms=Terms(search_lag_s=60)) as running:
        yield running
    assert running.drift == []
    answers = [seen.body for seen in running.requests if seen.status == 200 and seen.body]
    assert [fault for body in answers for fault in misshapen(body)] == []
    assert [fault for event in running.events for fault in misshapen(event)] == []


@pytest.fixture
def client(stand_in: StripeStandIn, http: stripe.HTTPXClient) -> stripe.StripeClient:
    """The real SDK, talking to the stand-in."""
    return sdk_client(stand_in, http)
