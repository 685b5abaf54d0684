"""One run of the machine per file of tests, and its figures for the end of the session."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator

import pytest

from tests.money_machine.installation import installed
from tests.money_machine.lanes import EXAMPLES, Run
from tests.money_machine.report import PROPERTY

QUIET = ("temporalio.activity", "infra.webhooks")
"""Loggers that would tell of every planned failure."""

PlayHalf = Callable[[str, int], Awaitable[Run]]


@pytest.fixture(scope="module")
def quiet() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in QUIET]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture
def play_half(
    database_url: str, quiet: None, record_property: Callable[[str, object], None]
) -> PlayHalf:
    """Return a way to play half of the plans; how many it were is told whatever happens."""

    async def play(name: str, cached_workflows_max: int) -> Run:
        async with installed(database_url, cached_workflows_max) as installation:
            run = Run(installation, name)
            try:
                await run.play(-(-EXAMPLES // 2))
            finally:
                record_property(PROPERTY, str(run))
        return run

    return play
