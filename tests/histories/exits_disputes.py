"""The ways a delivery can end through the ladder of a dispute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from domain.contracts import Actor, CodePurpose, Role
from domain.disputing.ladder import Side
from domain.policies import VerdictOutcome, WindowPolicy
from domain.status import DeliveryStatus
from infra.database.tokens import create_person
from infra.payments.sandbox import SandboxProvider
from tests.histories.exits import Exit
from tests.keys import ENCRYPTION
from tests.workflows.disputing import LADDER, Quarrel
from tests.workflows.play import Play

QUICK_TRANSIT = replace(LADDER, windows=WindowPolicy(transit_s=1))
REFUND, RELEASE, SPLIT = VerdictOutcome.REFUND, VerdictOutcome.RELEASE, VerdictOutcome.SPLIT


async def agreed(play: Play, provider: SandboxProvider) -> None:
    quarrel = Quarrel(play)
    await quarrel.open(desired=SPLIT, refund_minor=1_200)
    await quarrel.answer(play.traveler, accepts=True)


async def negotiated(play: Play, provider: SandboxProvider) -> None:
    quarrel = Quarrel(play)
    await quarrel.open()
    await quarrel.answer(play.traveler, accepts=False)
    first = await quarrel.propose(play.traveler, SPLIT, 500)
    await quarrel.withdraw(play.traveler, first)
    second = await quarrel.propose(play.customer, SPLIT, 2_000)
    await quarrel.accept(play.traveler, second)


async def unanswered(play: Play, provider: SandboxProvider) -> None:
    quarrel = Quarrel(play)
    await quarrel.open()
    await quarrel.pass_time(days=2, seconds=5)
    await play.happened("dispute_unanswered")
    await quarrel.decide(REFUND)
    await quarrel.pass_time(days=3, seconds=5)


async def appealed(play: Play, provider: SandboxProvider) -> None:
    quarrel = Quarrel(play)
    await quarrel.open()
    await quarrel.step("take_over", play.agent)
    await quarrel.ask(play.agent, Side.TRAVELER)
    await quarrel.step("reply", play.traveler)
    await quarrel.decide(REFUND)
    await quarrel.step("waive_appeal", play.customer)
    await quarrel.appeal(play.traveler)
    second = await create_person(play.engine, ENCRYPTION, display_name="Eve", roles=("agent",))
    await quarrel.decide(RELEASE, Actor(Role.AGENT, second))


async def arrived_late(play: Play, provider: SandboxProvider) -> None:
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    await play.happened("agent_called")
    await play.scan(CodePurpose.HANDOVER)
    await Quarrel(play).pass_time(days=14, seconds=5)


_S = DeliveryStatus

DISPUTE_EXITS: Mapping[str, Exit] = {
    "agreed": Exit(agreed, _S.SETTLED, policies=LADDER),
    "negotiated": Exit(negotiated, _S.SETTLED, policies=LADDER),
    "unanswered": Exit(unanswered, _S.REFUNDED, policies=LADDER),
    "appealed": Exit(appealed, _S.COMPLETED, policies=LADDER),
    "arrived-late": Exit(arrived_late, _S.COMPLETED, policies=QUICK_TRANSIT),
}
"""By the name of the history that is kept of it."""
