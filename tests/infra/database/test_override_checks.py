"""Custody and money may move by an override only when two people of staff have approved it before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.contracts import Actor, Role
from domain.ids import PersonId
from domain.transitions import EventKind
from infra.database.invariants import check_invariants
from infra.identifiers import new_id
from tests.infra.database.story import Story

ASKER = Actor(Role.OPERATOR, PersonId(new_id()))
APPROVER = Actor(Role.AGENT, PersonId(new_id()))
UNAPPROVED = "custody moved by handover_overridden that nobody else had approved"
UNPROVEN = "it left without a handover, a verdict or an approved override"


async def problems(story: Story) -> set[str]:
    report = await check_invariants(story.engine, story.delivery_id)
    return {each.problem for each in report.violations if each.invariant == "I5"}


async def overridden(story: Story, approver: Actor | None, step: str = "handover") -> None:
    """Bring a parcel to its recipient without a code, and its money to the traveler."""
    await story.held()
    await story.pick_up()
    facts = {"override_id": new_id(), "step": step}
    await story.tell(EventKind.OVERRIDE_ASKED, ASKER, facts=facts)
    if approver is not None:
        await story.tell(EventKind.OVERRIDE_APPROVED, approver, facts=facts)
    delivered = {"status": "delivered"}
    await story.tell(EventKind.HANDOVER_OVERRIDDEN, approver or ASKER, facts=facts, moves=delivered)
    await story.begin_release()
    await story.transfer()


async def test_what_another_person_in_another_role_has_approved_is_proof(victim: Story) -> None:
    await overridden(victim, APPROVER)
    assert await problems(victim) == set()


@pytest.mark.parametrize(
    "approver", [None, ASKER, replace(ASKER, role=Role.AGENT), replace(APPROVER, role=ASKER.role)]
)
async def test_what_nobody_else_has_approved_is_none(victim: Story, approver: Actor | None) -> None:
    await overridden(victim, approver)
    assert await problems(victim) == {UNAPPROVED, UNPROVEN}


async def test_an_approval_is_for_one_step(victim: Story) -> None:
    await overridden(victim, APPROVER, step="return")
    assert await problems(victim) == {UNAPPROVED, UNPROVEN}
