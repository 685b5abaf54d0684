"""One run of the machine per file of tests, and its figures for the end of the session."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator

import pytest
import uvloop

from infra.database.migrate import migrate
from tests.conftest import make_database_url
from tests.money_machine.installation import installed
from tests.money_machine.lanes import Run
from tests.money_machine.report import PROPERTY
from tests.quiet import without_a_word

PlayPart = Callable[[str, int, int, int], Run]


@pytest.fixture(scope="session")
def database_url(database_server: str) -> str:
    """URL of a database of its own: no worker of other tests takes a plan's news out of the inbox."""
    url = make_database_url(
        database_server, f"money_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    )
    migrate(url)
    return url


@pytest.fixture(scope="module")
def quiet() -> Iterator[None]:
    with without_a_word():
        yield


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """A loop of its own, of the fast kind that the API runs on: plans are mostly small waits."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        yield runner


@pytest.fixture
def play_part(
    database_url: str,
    quiet: None,
    runner: asyncio.Runner,
    record_property: Callable[[str, object], None],
) -> PlayPart:
    """Return a way to play so many plans; how many it were is told whatever happens."""

    async def play(name: str, count: int, lanes: int, cached_workflows_max: int) -> Run:
        async with installed(database_url, lanes, cached_workflows_max) as installation:
            run = Run(installation, name)
            try:
                await run.play(count)
            finally:
                record_property(PROPERTY, str(run))
        return run

    return lambda *given: runner.run(play(*given))
