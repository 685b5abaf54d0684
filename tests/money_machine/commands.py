"""Everything that a step can be. A new command is one function with a line that says when it fits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from domain.contracts import Actor, CodePurpose
from domain.policies import VerdictOutcome
from domain.status import DeliveryStatus
from tests.money_machine.by_hand import resolve_parked
from tests.money_machine.mail import bring_news
from tests.money_machine.plan import Stage
from tests.money_machine.scene import Scene

Perform = Callable[[Scene, Any], Awaitable[None]]


@dataclass(frozen=True)
class Command:
    """One kind of step."""

    perform: Perform
    how: st.SearchStrategy[str | int]
    leads: Mapping[Stage, Stage]
    """Where it fits, and where it is believed to lead."""
    weight: int
    """How often it is chosen where it fits."""


COMMANDS: dict[str, Command] = {}
ONWARDS = 40
"""Weight of what carries a delivery on, so that most plans come to what is late in it."""
ANYWHERE = {stage: stage for stage in Stage}


def command(
    leads: Mapping[Stage, Stage],
    *how: str | int,
    weight: int = 1,
    strategy: st.SearchStrategy[int] | None = None,
) -> Callable[[Perform], Perform]:
    """Make a function a command under its own name; `how` are the values it may be given."""

    def register(perform: Perform) -> Perform:
        values = st.sampled_from(how or ("",)) if strategy is None else strategy
        COMMANDS[perform.__name__] = Command(perform, values, leads, weight)
        return perform

    return register


def _after(stage: Stage, then: Stage) -> dict[Stage, Stage]:
    return {stage: then}


# The parcel -------------------------------------------------------------------------------------


@command(_after(Stage.HELD, Stage.CARRIED), weight=ONWARDS)
async def pick_up(scene: Scene, _: object) -> None:
    await scene.attempt(_scan(scene, CodePurpose.PICKUP))


@command(_after(Stage.CARRIED, Stage.DELIVERED), weight=ONWARDS)
async def hand_over(scene: Scene, _: object) -> None:
    await scene.attempt(_scan(scene, CodePurpose.HANDOVER))


@command(_after(Stage.DELIVERED, Stage.SETTLING), weight=ONWARDS // 2)
async def confirm(scene: Scene, _: object) -> None:
    await scene.attempt(scene.play.confirm())


@command({Stage.HELD: Stage.SETTLING, Stage.DUE: Stage.SETTLING}, "customer", "traveler", weight=2)
async def cancel(scene: Scene, by: str) -> None:
    await scene.attempt(scene.play.cancel(_person(scene, by)))


# The quarrel ------------------------------------------------------------------------------------


@command(
    _after(Stage.DELIVERED, Stage.DISPUTED),
    "customer",
    "recipient",
    "traveler",
    weight=ONWARDS // 2,
)
async def dispute(scene: Scene, by: str) -> None:
    await scene.attempt(scene.play.dispute(_person(scene, by)))


@command(_after(Stage.DISPUTED, Stage.SETTLING), weight=ONWARDS, strategy=st.integers(0, 100))
async def decide(scene: Scene, refund_percent: int) -> None:
    """Let an agent give so much back: all, nothing or a part of at least one minor unit."""
    if not (await scene.play.standing())["dispute_id"]:
        return
    price = scene.plan.price_minor
    part = min(max(price * refund_percent // 100, 1), price - 1)
    outcome = VerdictOutcome.SPLIT
    if refund_percent in (0, 100):
        outcome = VerdictOutcome.REFUND if refund_percent else VerdictOutcome.RELEASE
    refund = part if outcome is VerdictOutcome.SPLIT else None
    await scene.attempt(scene.play.decide(outcome, refund))


# The payment ------------------------------------------------------------------------------------

CARDS: Mapping[str, Stage] = {
    "pm_card_bypassPending": Stage.HELD,
    "pm_card_visa": Stage.HELD,
    "pm_card_pendingRefund": Stage.HELD,
    "pm_card_threeDSecureRequired": Stage.DUE,
    "pm_card_visa_chargeDeclined": Stage.DUE,
    "pm_card_visa_chargeDeclinedInsufficientFunds": Stage.DUE,
    "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds": Stage.DUE,
    "pm_card_chargeCustomerFail": Stage.DUE,
    "pm_card_authenticationRequiredOnSetup": Stage.DUE,
    "pm_of_nobody": Stage.DUE,
}
"""Cards of the stand-in, and where a charge of each is believed to lead."""


@command(_after(Stage.DUE, Stage.HELD), *CARDS, weight=ONWARDS // 2)
async def give_method(scene: Scene, card: str) -> None:
    await scene.attempt(scene.play.give_method(card))


@command(_after(Stage.DUE, Stage.HELD), "yes", "no", weight=ONWARDS // 2)
async def authenticate(scene: Scene, answer: str) -> None:
    """Let the customer answer the bank, whenever; the platform learns of it later."""
    setups = tuple(scene.lane.stand_in.view.objects("setup_intent"))
    waiting = scene.last((*setups, *scene.moved().intents), "requires_action")
    if waiting is not None:
        scene.lane.stand_in.world.authenticate(waiting["id"], succeed=answer == "yes")


@command({Stage.HELD: Stage.DUE, Stage.SCHEDULED: Stage.SCHEDULED})
async def let_go(scene: Scene, _: object) -> None:
    """Let the bank end an authorisation before its time."""
    stand_in = scene.lane.stand_in
    for charge in scene.moved().charges:
        if not charge["captured"] and charge["status"] == "succeeded":
            stand_in.world.move_capture_before(charge["id"], stand_in.clock.now())


# The provider and its news ----------------------------------------------------------------------


@command(ANYWHERE, 1, 2, 3, weight=2)
async def news(scene: Scene, copies: int) -> None:
    """Bring every event that nobody has accepted yet, so often and shuffled."""
    await bring_news(scene, copies)


@command(ANYWHERE, "restrict", "complete")
async def account(scene: Scene, change: str) -> None:
    """Let the provider want to know more of the traveler, or be content again."""
    if change == "restrict":
        scene.lane.stand_in.world.restrict_account(scene.account)
    else:
        await scene.onboard()


# Everybody else ---------------------------------------------------------------------------------

SPANS = {
    "two minutes": timedelta(minutes=2),
    "two hours": timedelta(hours=2),
    "a day": timedelta(hours=25),
    "four days": timedelta(days=4),
    "two weeks": timedelta(days=15),
}


@command(ANYWHERE, *SPANS, weight=2)
async def pass_time(scene: Scene, span: str) -> None:
    await scene.pass_time(SPANS[span])


@command({Stage.SCHEDULED: Stage.HELD}, weight=ONWARDS)
async def wait_for_departure(scene: Scene, _: object) -> None:
    """Let the weeks pass until a saved method is charged."""
    standing = await scene.play.standing()
    if standing["status"] == DeliveryStatus.SCHEDULED:
        await scene.pass_deadline(standing["deadline_at"])


@command(ANYWHERE, "retry", "done_by_hand", "skip", weight=2)
async def resolve(scene: Scene, action: str) -> None:
    """Let an operator resolve what is parked; without that, the command is refused."""
    await resolve_parked(scene, action)


@command(ANYWHERE)
async def stop(scene: Scene, _: object) -> None:
    """Cancel the workflow from outside."""
    await scene.attempt(scene.play.handle.cancel())


@command(ANYWHERE)
async def restart_workers(scene: Scene, _: object) -> None:
    await scene.installation.restart_workers()


async def _scan(scene: Scene, purpose: CodePurpose) -> None:
    if purpose in await scene.codes():
        await scene.play.scan(purpose)


def _person(scene: Scene, name: str) -> Actor:
    actor: Actor = getattr(scene.play, name)
    return actor
