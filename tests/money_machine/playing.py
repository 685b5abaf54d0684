"""Plays one plan to its end: its steps with their troubles, then a world in which all goes well."""

from __future__ import annotations

import traceback
from collections import Counter
from dataclasses import dataclass

from domain.status import DeliveryStatus
from tests.money_machine.aftermath import close
from tests.money_machine.checks import books, end_state, require_settled, require_sound
from tests.money_machine.commands import COMMANDS
from tests.money_machine.installation import Installation, Lane
from tests.money_machine.mail import bring_everything_again, bring_news, forget_news
from tests.money_machine.plan import Plan
from tests.money_machine.scene import Scene, begin
from tests.stripe_stand_in import Fault

SLOW_S = 2.5
"""How long a slow call takes: a little longer than the platform waits."""


class PlanFailed(Exception):
    """A plan did not end as every plan must; its text can be played again."""


@dataclass(frozen=True)
class Played:
    """How a plan ended."""

    status: DeliveryStatus
    booked: Counter[str]
    """How often each kind of booking was made."""


async def play(installation: Installation, lane: Lane, plan: Plan) -> Played:
    """Play a plan to its end, at which every cent must be in its place.

    Raises:
        PlanFailed: something did not hold; its cause says what.
    """
    try:
        return await _play(installation, lane, plan)
    except Exception as fault:
        trace = "".join(traceback.format_exception(fault))
        raise PlanFailed(f"{plan}\n{trace}") from fault


async def _play(installation: Installation, lane: Lane, plan: Plan) -> Played:
    scene = await begin(installation, lane, plan)
    try:
        for trouble in plan.troubles:
            lane.stand_in.faults.put(
                trouble.route, Fault(trouble.fault), nth=trouble.nth, delay_s=SLOW_S
            )
        await scene.attempt(scene.play.accept(plan.card, scene.account))
        for step in plan.steps:
            await scene.settled()
            await COMMANDS[step.name].perform(scene, step.how)
            await require_sound(scene)
        await close(scene)
        await require_settled(scene)
        await replay_news(scene)
        booked = await books(scene)
        return Played(await scene.status(), Counter(each.kind for each in booked))
    finally:
        await scene.end()
        await forget_news(scene)
        installation.crashes.forget(scene.delivery_id)
        installation.lane_of.pop(scene.delivery_id, None)


async def replay_news(scene: Scene) -> None:
    """Bring everything that ever happened again and again, to an inbox that has forgotten it."""
    await bring_news(scene, 1)
    before = await end_state(scene)
    await bring_everything_again(scene, scene.plan.replays)
    assert await end_state(scene) == before
