"""Whoever knows only the description can call everything, and nothing answers in another way.

Every check of Schemathesis is on. A new route is covered by being described.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import throttle
from tests.api.schema_calls import Called, failures, listening, load_all, operations_of, settings_of
from tests.api.story import Cast, Story
from tests.house.source import require_none


@pytest.fixture(scope="module")
async def called(app: FastAPI, engine: AsyncEngine) -> AsyncIterator[Called]:
    load_all()
    yield Called(app)
    async with engine.begin() as connection:
        # The address that everybody here asks from has tried too often for the tests that follow.
        await connection.execute(delete(throttle))


@pytest.fixture(scope="module")
async def base_url(called: Called) -> AsyncIterator[str]:
    async with listening(called) as url:
        yield url


@pytest.fixture(scope="module")
async def cast(story: Story) -> Cast:
    return await story.disputed()


def known(cast: Cast) -> dict[str, str]:
    assert cast.offer_id is not None
    assert cast.dispute_id is not None
    return {
        "delivery_id": cast.delivery_id,
        "offer_id": cast.offer_id,
        "dispute_id": cast.dispute_id,
    }


async def test_a_party_finds_nothing_undescribed(
    app: FastAPI, called: Called, base_url: str, cast: Cast
) -> None:
    called.statuses.clear()
    config = settings_of(app, base_url, cast.customer, known(cast), every_bound=True)
    found = await asyncio.to_thread(failures, app, config)
    assert not found, "\n".join(f"{key}\n{text}" for key, text in found.items())
    require_none(
        (" ".join(operation) for operation in operations_of(app) - set(called.statuses)),
        "Describe these so that they can be called: none of their addresses was.",
    )


async def test_staff_finds_nothing_undescribed(
    app: FastAPI, called: Called, base_url: str, cast: Cast, story: Story
) -> None:
    called.statuses.clear()
    staff = await story.person("agent", "operator")
    config = settings_of(app, base_url, staff, known(cast), every_bound=False)
    found = await asyncio.to_thread(failures, app, config)
    assert not found, "\n".join(f"{key}\n{text}" for key, text in found.items())
    assert set(called.statuses) >= operations_of(app)
