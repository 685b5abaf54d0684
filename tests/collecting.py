"""In which order the tests are played, which of them are measured, and what is kept out of their way."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator

import pytest
from coverage import Coverage

UNMEASURED = (
    "tests/money_machine/test_warm_workers",
    "tests/workflows/test_correction_crashes",
    "tests/workflows/any_order/test_even_stories",
    "tests/workflows/test_chargeback_crashes",
    "tests/workflows/any_order/test_odd_stories",
    "tests/workflows/test_chargeback_at_stripe",
    "tests/api/test_schema",
    "tests/api/test_described_headers",
    "tests/faults/",
    "tests/e2e/",
    "tests/infra/local_stack/test_up",
    "tests/money_machine/",
    "tests/activities/test_saga_rows",
    "tests/workflows/test_correction_at_stripe",
    "tests/infra/webhooks/test_mill",
    "tests/workflows/test_history",
    "tests/workflows/any_order/",
    "tests/api/test_process",
    "tests/api/",
    "tests/activities/test_interruptions",
    "tests/domain/test_contracts",
    "tests/domain/test_everything_random",
    "tests/domain/test_lifecycle_random",
    "tests/domain/journey/test_random",
    "tests/domain/leaving/test_random",
    "tests/domain/reconciliation/test_histories",
    "tests/evolution/",
    "tests/house/",
    "tests/stripe_stand_in/",
)
"""These go again and again through code that the others measure: tracing takes as long as playing.

They come last and the longest of them first, so that at the end no process waits for another. A process
gets its next file while it plays the last two tests of one: a long file of one or two tests is followed
by a short one, which waits behind it.
"""
MEASURED = (
    "tests/api/identity/",
    "tests/api/matrix/",
    "tests/api/test_acting",
    "tests/api/test_documentation",
    "tests/api/test_round_trips",
)
"""What is measured although it is among those: every route is asked, by everybody and with everything."""
LONGEST_FIRST = ("tests/infra/local_stack/", "tests/workflows/", "tests/api/")
"""Of the measured ones, what takes long for each test comes before the others."""
FIRST_PROCESS = "gw0"
"""The one process of a shared run that measures what importing runs."""
GARBAGE_MIN = 20_000
"""New objects after which the collector looks for rubbish: the usual 700 take a quarter of the time."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Measure in one process only while tests are found: all import the same, in twice the time."""
    measuring = Coverage.current()
    is_told_by_another = os.environ.get("PYTEST_XDIST_WORKER", FIRST_PROCESS) != FIRST_PROCESS
    if measuring is None or not is_told_by_another:
        return (yield)
    measuring.stop()
    try:
        return (yield)
    finally:
        measuring.start()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the measured tests before the others, and of both the long ones first."""
    items.sort(key=lambda item: (_unmeasured(item), _rank(item, LONGEST_FIRST, 99)))


def pytest_collection_finish() -> None:
    """Leave what was imported out of every later search for rubbish: it stays until the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_MIN)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Stop measuring at the first test of a process that nothing is learned from."""
    measuring = Coverage.current()
    if measuring is not None and _unmeasured(item) >= 0:
        # It is never taken up again: threads that are there by then would be left out.
        measuring.stop()


def _unmeasured(item: pytest.Item) -> int:
    """Return where an unmeasured test comes among the others; a measured one comes before them all."""
    return -1 if item.nodeid.startswith(MEASURED) else _rank(item, UNMEASURED, -1)


def _rank(item: pytest.Item, starts: tuple[str, ...], otherwise: int) -> int:
    ranks = (rank for rank, start in enumerate(starts) if item.nodeid.startswith(start))
    return next(ranks, otherwise)
