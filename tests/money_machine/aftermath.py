"""Brings a played delivery to its last cent: it closes, and so does whatever came late."""

from __future__ import annotations

from typing import Any

from domain.contracts import AttentionAction
from domain.deadlines import DeadlineKind
from domain.lifecycle import VERDICT_OVERDUE
from domain.policies import VerdictOutcome
from domain.status import DeliveryStatus
from tests.money_machine.by_hand import resolve_parked
from tests.money_machine.checks import require_sound
from tests.money_machine.commands import COMMANDS, SPANS
from tests.money_machine.mail import bring_news, has_open_refunds, hurry_news
from tests.money_machine.scene import Scene
from tests.money_machine.surprises import (
    UNDECIDED,
    let_bank_rule,
    settle_chargeback,
    settle_correction,
    settle_debts,
)

ROUNDS_MAX = 24
"""Deadlines, parked steps and surprises that a delivery can still have before all is over."""
LOOKS_MAX = 5
"""How often news that nothing becomes of is looked at again before a plan ends."""
GOES_ON = {
    DeliveryStatus.AWAITING_PICKUP: "pick_up",
    DeliveryStatus.IN_TRANSIT: "hand_over",
    DeliveryStatus.DELIVERED: "confirm",
}
GOES_ON_MAX = 6
"""Rounds in which people go on: later they have been refused often enough."""


def heal(scene: Scene) -> None:
    """End all trouble: the provider answers, workers live, and the traveler's account is set up."""
    scene.lane.stand_in.faults.clear()
    scene.passage.crashes = frozenset()
    for account in filter(None, (scene.account, scene.giver_account)):
        scene.lane.stand_in.world.complete_onboarding(account)


async def close(scene: Scene) -> None:
    """Let deadlines pass, banks decide and staff act until nothing of the delivery is open."""
    heal(scene)
    looks, before = 0, None
    for turn in range(ROUNDS_MAX + LOOKS_MAX):
        let_refunds_arrive(scene)
        await bring_news(scene, 1)
        await hurry_news(scene)
        seen = await scene.settled()
        await require_sound(scene)
        if not seen.is_closed:
            await _go_on(scene, seen.standing, turn)
        elif await _is_settled_late(scene, turn):
            if seen == before:
                # Nobody can do anything: a chargeback looks at a movement under way after a time.
                await scene.pass_time(SPANS["a day"])
            before = seen
        elif looks < LOOKS_MAX and await has_open_refunds(scene):
            # It may be on its way into the books at this very moment, however slow the machine is.
            looks += 1
        else:
            await _let_saga_notice(scene)
            await scene.play.closed()
            await settle_debts(scene, "write_off")
            await scene.settled()
            return
    raise AssertionError(f"it never closed: {await scene.look()}, {scene.moved().disputes}")


async def _go_on(scene: Scene, standing: dict[str, Any], turn: int) -> None:
    if standing["attention"] not in (None, VERDICT_OVERDUE):
        await resolve_parked(scene, (AttentionAction.RETRY, AttentionAction.DONE_BY_HAND)[turn % 2])
    elif standing["deadline_kind"] == DeadlineKind.CHARGEBACK:
        _let_banks_rule(scene)
    elif scene.plan.is_carried_on and standing["status"] in GOES_ON and turn < GOES_ON_MAX:
        await COMMANDS[GOES_ON[standing["status"]]].perform(scene, "")
    elif standing["status"] == DeliveryStatus.DISPUTED:
        await scene.attempt(scene.play.decide(VerdictOutcome.RELEASE))
    else:
        await scene.pass_deadline(standing["deadline_at"])


async def _let_saga_notice(scene: Scene) -> None:
    """Let the next reminder pass: what was booked after its step was given up is noticed then."""
    if not (await scene.play.handle.describe()).close_time:
        await scene.forward(scene.play.handle, SPANS["a day"])


async def _is_settled_late(scene: Scene, turn: int) -> bool:
    """Move whatever is open beside the delivery one step on; return whether anything was."""
    seen = await scene.look()
    is_open = bool(seen.chargebacks or seen.corrections)
    if _let_banks_rule(scene) or is_open:
        await settle_chargeback(scene, "")
        await settle_correction(scene, ("again", "give_up", "skip")[turn % 3])
        if any(each.status == "unsettled" for each in (await scene.look()).corrections):
            await scene.pass_time(SPANS["a day"])
        return True
    return False


def _let_banks_rule(scene: Scene) -> bool:
    """Let the bank decide against us; return whether there was anything to decide."""
    dispute = scene.last(scene.moved().disputes, *UNDECIDED)
    if dispute is not None:
        let_bank_rule(scene, dispute, "lost")
    return dispute is not None


def let_refunds_arrive(scene: Scene) -> None:
    """Let the banks bring every refund that is on its way to its customer."""
    for refund in scene.moved().refunds:
        if refund["status"] == "pending":
            scene.lane.stand_in.world.settle_refund(refund["id"])
