"""The typed client that is generated from the kept description works with the API."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.story import NEW_DELIVERY, Story
from tests.description.write import CLIENT_NAME, generate_client


@pytest.fixture(scope="module")
def client_package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("client")
    generate_client(folder / CLIENT_NAME)
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


async def test_the_generated_client_opens_and_reads_a_delivery(
    client_package: Path, story: Story, http: httpx.AsyncClient
) -> None:
    def part(name: str) -> Any:
        return importlib.import_module(f"{CLIENT_NAME}.{name}")

    person = await story.person("customer")
    client = part("client").AuthenticatedClient("https://sendalong.test", token=person.token)
    http_of_person = httpx.AsyncClient(
        transport=http._transport, base_url="https://sendalong.test", headers=person.headers
    )
    client.set_async_httpx_client(http_of_person)
    body = part("models").NewDelivery.from_dict(NEW_DELIVERY)
    opening = part("api.deliveries.open_delivery_v1_deliveries_post")
    opened = await opening.asyncio(client=client, body=body, idempotency_key="generated")
    reading = part("api.deliveries.get_delivery_v1_deliveries_delivery_id_get")
    read = await reading.asyncio(client=client, delivery_id=opened.delivery_id)
    assert (read.status, read.weight_grams) == ("requested", NEW_DELIVERY["weight_grams"])
    cancelling = part("api.leaving.cancel_v1_deliveries_delivery_id_cancel_post")
    late = await cancelling.asyncio(
        client=client,
        delivery_id=opened.delivery_id,
        body=None,
        idempotency_key="late",
        if_match='"0.0"',
    )
    assert (late.code, late.status) == ("delivery_changed", 412)
    unknown = "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21"
    refused = await reading.asyncio(client=client, delivery_id=unknown)
    assert (type(refused).__name__, refused.code, refused.status) == ("Problem", "not_found", 404)
    await http_of_person.aclose()
