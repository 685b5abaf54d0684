"""Three hundred stories: whatever anybody sends at whatever time, the delivery closes and sums up."""

from __future__ import annotations

import os

from temporalio import workflow

from tests.conftest import MakePerson
from tests.workflows.any_order import commands, disputing, relaying
from tests.workflows.any_order.lives import Lives
from tests.workflows.any_order.registry import OF_DELIVERY, OF_DISPUTE
from tests.workflows.conftest import Stage
from workflows.delivery import DeliveryWorkflow
from workflows.dispute import DisputeWorkflow

PARTS = (commands, disputing, relaying)
STORIES = int(os.environ.get("STORIES") or "300")
UNPREPARED = {"correct_address", "correct_recipient"}
"""Commands that name what was prepared over REST: nobody has."""
SEED = os.environ.get("STORIES_SEED") or "1"


def test_no_command_is_missing() -> None:
    of_delivery = workflow._Definition.must_from_class(DeliveryWorkflow)
    of_dispute = workflow._Definition.must_from_class(DisputeWorkflow)
    assert all(part.__doc__ for part in PARTS), "importing them has registered the commands"
    assert set(of_delivery.updates) - {"open"} == set(OF_DELIVERY)
    assert set(of_dispute.updates) == set(OF_DISPUTE)


async def test_whatever_is_sent_every_delivery_closes(
    stage: Stage, make_person: MakePerson
) -> None:
    """The stage checks all invariants of each delivery afterwards."""
    lives = Lives(stage, make_person)
    await lives.live([f"{SEED}-{number}" for number in range(STORIES)])
    assert lives.ends.total() == STORIES
    never = (set(OF_DELIVERY) | set(OF_DISPUTE)) - set(lives.taken)
    assert never <= UNPREPARED, never
