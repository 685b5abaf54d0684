"""Three hundred stories: whatever anybody sends at whatever time, the delivery closes and sums up."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest
from temporalio import workflow

from tests import waiting
from tests.conftest import MakePerson
from tests.workflows.any_order import commands, disputing, relaying
from tests.workflows.any_order.lives import Lives
from tests.workflows.any_order.registry import OF_DELIVERY, OF_DISPUTE
from tests.workflows.conftest import Stage
from workflows.delivery import DeliveryWorkflow
from workflows.dispute import DisputeWorkflow

PARTS = (commands, disputing, relaying)
STORIES = int(os.environ.get("STORIES") or "300")
KINDS_MIN = 28
"""Kinds of commands that are carried out at least; the others are refused wherever they came."""
PAUSE_S = 0.1
SEED = os.environ.get("STORIES_SEED") or "1"


@pytest.fixture
def quiet() -> Iterator[None]:
    """Keep planned refusals out of the log, and the many stories from asking all the time."""
    logger = logging.getLogger("temporalio.activity")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(waiting, "PAUSE_S", PAUSE_S)
        yield
    logger.setLevel(level)


def test_no_command_is_missing() -> None:
    of_delivery = workflow._Definition.must_from_class(DeliveryWorkflow)
    of_dispute = workflow._Definition.must_from_class(DisputeWorkflow)
    assert all(part.__doc__ for part in PARTS), "importing them has registered the commands"
    assert set(of_delivery.updates) - {"open"} == set(OF_DELIVERY)
    assert set(of_dispute.updates) == set(OF_DISPUTE)


async def test_whatever_is_sent_every_delivery_closes(
    stage: Stage, make_person: MakePerson, quiet: None
) -> None:
    """The stage checks all invariants of each delivery afterwards."""
    lives = Lives(stage, make_person)
    await lives.live([f"{SEED}-{number}" for number in range(STORIES)])
    assert lives.ends.total() == STORIES
    assert len(lives.taken) >= KINDS_MIN, lives.taken
