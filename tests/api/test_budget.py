"""What one happy delivery costs: events of history, their size, and round trips to the database."""

from __future__ import annotations

from dataclasses import replace

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import WorkflowEnvironment

from api.composition import create_app
from domain.ids import DeliveryId, delivery_workflow_id
from domain.policies import Policies
from infra.database.tokens import create_token
from infra.settings import Settings
from tests.api.client import Person
from tests.api.counting import ROUND_TRIPS_MAX, Counter
from tests.api.story import Story, done
from tests.api.test_positions import on_the_way
from tests.conftest import MakePerson

EVENTS_MAX = 75
BYTES_MAX = 30_000
POSITIONS = 200
WINDOW_S = 2


async def test_a_happy_delivery_stays_within_its_budget(
    settings: Settings,
    polling: None,
    temporal: WorkflowEnvironment,
    engine: AsyncEngine,
    make_person: MakePerson,
) -> None:
    policies = Policies()
    windows = replace(policies.windows, inspection_s=WINDOW_S)
    app = create_app(settings.model_copy(update={"policies": replace(policies, windows=windows)}))
    counter = Counter(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="https://sendalong.test"
        ) as http,
    ):

        async def person(*roles: str, payout_account: str | None = None) -> Person:
            person_id = await make_person(*roles, payout_account=payout_account)
            return Person(http, person_id, await create_token(engine, person_id))

        delivery_id = await _play(Story(person), counter)
    handle = temporal.client.get_workflow_handle(delivery_workflow_id(delivery_id))
    history = await handle.fetch_history()
    size = sum(event.ByteSize() for event in history.events)
    scans = {"/v1/deliveries/*/pickup", "/v1/deliveries/*/handover"}
    others = [count for path, count in counter.counts.items() if path not in scans]
    round_trips = max(others)
    print(  # noqa: T201 -- The figures are the point of this test.
        f"\nhappy path: {len(history.events)} events, {size} bytes, "
        f"at most {round_trips} round trips per request"
    )
    assert len(history.events) <= EVENTS_MAX
    assert size <= BYTES_MAX
    assert round_trips <= ROUND_TRIPS_MAX
    # An attempt to scan is kept before the delivery is asked about it.
    assert {counter.counts[path] for path in scans} == {ROUND_TRIPS_MAX + 1}


async def _play(story: Story, counter: Counter) -> DeliveryId:
    cast = await story.requested()
    offer = await counter.post(cast.traveler, f"{cast.path}/offers", {"price_minor": 4300})
    accept = f"{cast.path}/offers/{offer['offer_id']}/accept"
    paid = {"payment_method": "pm_sandbox_ok", "price_minor": 4300}
    await counter.post(cast.customer, accept, paid)
    await cast.until("awaiting_pickup")
    code = done(await cast.customer.get(f"{cast.path}/codes/pickup"))["code"]
    await counter.post(cast.traveler, f"{cast.path}/pickup", {"code": code})
    batch = {"positions": on_the_way(POSITIONS, end=1.0)}
    await counter.post(cast.traveler, f"{cast.path}/positions", batch)
    await cast.until("arrived")
    code = done(await cast.recipient.get(f"{cast.path}/codes/handover"))["code"]
    await counter.post(cast.traveler, f"{cast.path}/handover", {"code": code})
    await cast.until("completed")
    return DeliveryId(cast.delivery_id)
