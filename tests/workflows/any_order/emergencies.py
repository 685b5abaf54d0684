"""Calls for help and emergency overrides; importing this module registers them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from domain.contracts import Actor, CodePurpose
from domain.overriding.policy import OverridePolicy
from domain.overriding.rules import STEPS, OverrideStatus
from domain.sos import CallForHelp
from infra.identifiers import new_id
from tests.conftest import people_in
from tests.waiting import PATIENCE_S
from tests.workflows.any_order.registry import CARRIED, PARTIES, D, command, saga
from tests.workflows.overriding import overriding

if TYPE_CHECKING:
    from tests.workflows.any_order.story import Story

HASTY = OverridePolicy(apply_s=5)
"""How long an approved override is tried for passes in real time."""
_NEXT = {D.AWAITING_PICKUP: CodePurpose.PICKUP, D.RETURNING: CodePurpose.RETURN}


@command(PARTIES)
def call_for_help(_story: Story, actor: Actor) -> CallForHelp:
    return CallForHelp(actor, new_id())


@saga({"agent"}, D.AWAITING_PICKUP, *CARRIED, D.RETURNING)
async def override_step(story: Story, actor: Actor) -> bool:
    """Have an operator ask for an override, mostly of the step that comes next, and approve it."""
    if actor.person_id is None:
        # Nobody can give an approval without being signed in.
        return False
    due = _NEXT.get(story.status, CodePurpose.HANDOVER)
    step = story.random.choice((due, due, due, *sorted(STEPS)))
    over = await overriding(story.play, people_in(story.play.engine), step, HASTY)
    if not await story.is_taken(over.ask()):
        return False
    if not await story.is_taken(over.decide("approve", actor)):
        await story.is_taken(over.decide("withdraw", over.order.asked_by))
    async with asyncio.timeout(PATIENCE_S):
        return await over.handle.result() is OverrideStatus.APPLIED
