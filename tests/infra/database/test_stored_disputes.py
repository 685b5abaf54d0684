"""A dispute that is stored is found before its first step, and no other one takes its place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.contracts import DisputeReason
from domain.disputing.ladder import DisputeStage, Ladder
from domain.ids import DisputeId
from domain.policies import VerdictOutcome
from domain.status import IllegalMove
from domain.transitions import EventKind
from infra.identifiers import new_id
from tests.infra.database.story import Story, moment

LADDER = Ladder(DisputeStage.ANSWER, desired=VerdictOutcome.SPLIT, desired_refund_minor=700)


async def disputed(story: Story) -> DisputeId:
    """Open a dispute with a wish and a clock, as its delivery's workflow does."""
    await story.held()
    await story.pick_up()
    await story.deliver()
    dispute_id = DisputeId(new_id())
    moves = {
        "status": "disputed",
        "dispute": "open",
        "dispute_id": dispute_id,
        "deadline_kind": "verdict",
        "deadline_at": moment(),
    }
    await story.tell(
        EventKind.DISPUTE_OPENED,
        story.customer,
        facts={"reason": "damaged"},
        moves=moves,
        dispute=LADDER,
    )
    return dispute_id


async def test_what_opened_a_dispute_can_be_done_again(story: Story) -> None:
    await story.open()
    assert await story.records.stored_dispute(story.delivery_id) is None
    dispute_id = await disputed(story)
    stored = await story.records.stored_dispute(story.delivery_id)
    assert stored is not None
    command = stored.command
    assert (command.actor, command.dispute_id) == (story.customer, dispute_id)
    assert command.reason is DisputeReason.DAMAGED
    assert (command.desired, command.desired_refund_minor) == (VerdictOutcome.SPLIT, 700)
    clock = (story.standing.deadline_kind, story.standing.deadline_at)
    assert (stored.deadline_kind, stored.deadline_at) == clock


async def test_a_dispute_in_which_somebody_took_a_step_is_not_begun_anew(story: Story) -> None:
    await story.open()
    await disputed(story)
    ladder = replace(LADDER, stage=DisputeStage.NEGOTIATION, version=2)
    await story.tell(EventKind.PROPOSAL_MADE, story.customer, dispute=ladder)
    assert await story.records.stored_dispute(story.delivery_id) is None


async def test_another_dispute_cannot_pass_for_the_one_that_is_stored(story: Story) -> None:
    await story.open()
    await disputed(story)
    # The same one again changes nothing; another has no row, and nobody could find its workflow.
    facts = {"reason": "damaged"}
    await story.tell(EventKind.DISPUTE_OPENED, story.customer, facts=facts)
    with pytest.raises(IllegalMove):
        await story.tell(
            EventKind.DISPUTE_OPENED,
            story.customer,
            facts=facts,
            moves={"dispute_id": DisputeId(new_id())},
        )
