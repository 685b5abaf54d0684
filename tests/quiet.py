"""Many plays at once, of which most go wrong as planned: without a word in the log, and without haste."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests import waiting

PLANNED_FAILURES = ("temporalio.activity", "infra.webhooks")
"""Loggers that would tell of every planned failure."""
PAUSE_S = 0.1


@contextmanager
def without_a_word() -> Iterator[None]:
    """Keep planned failures out of the log meanwhile."""
    with ExitStack() as stack:
        for logger in map(logging.getLogger, PLANNED_FAILURES):
            stack.callback(logger.setLevel, logger.level)
            logger.setLevel(logging.CRITICAL)
        yield


@contextmanager
def without_haste() -> Iterator[None]:
    """Keep the many plays from asking all the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(waiting, "PAUSE_S", PAUSE_S)
        yield
