"""The ways a delivery can go on when its traveler asks to hand the parcel on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from domain.chargebacks import ChargebackStatus
from domain.contracts import CodePurpose
from domain.policies import VerdictOutcome
from domain.status import DeliveryStatus
from infra.payments.sandbox import SandboxProvider
from tests.histories.exits import Exit
from tests.workflows.play import Play
from tests.workflows.relaying import answer, ask, handed_on, take, withdraw
from tests.workflows.test_account import awaited, tell_of_account
from tests.workflows.test_chargeback import network_of, tell


async def relayed(play: Play, provider: SandboxProvider) -> None:
    onward = await handed_on(play)
    await onward.scan(CodePurpose.HANDOVER)
    await onward.confirm()


async def relayed_and_settled(play: Play, provider: SandboxProvider) -> None:
    onward = await handed_on(play)
    await onward.scan(CodePurpose.HANDOVER)
    await onward.dispute()
    await onward.decide(VerdictOutcome.SPLIT, 1_200)


async def relayed_and_giver_awaited(play: Play, provider: SandboxProvider) -> None:
    onward = await handed_on(play, "acct_sandbox_t_not_ready_2")
    await onward.scan(CodePurpose.HANDOVER)
    await onward.confirm()
    await awaited(onward)
    await tell_of_account(onward)


async def relayed_and_charged_back(play: Play, provider: SandboxProvider) -> None:
    """The first traveler is refused, and the bank takes all that is held for both."""
    onward = await handed_on(
        play, "acct_sandbox_t_refused", taker_account="acct_sandbox_taker_not_ready_1"
    )
    await onward.scan(CodePurpose.HANDOVER)
    await onward.confirm()
    await awaited(onward)
    network = network_of(onward)
    await network.take()
    await tell_of_account(onward)
    await onward.happened("release_frozen")
    await network.keep()
    await tell(onward, network, ChargebackStatus.LOST, 4_200)


async def relay_lapsed(play: Play, provider: SandboxProvider) -> None:
    """Nobody answers in time, then nobody wants it, then the travelers do not meet."""
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    await ask(play)
    await play.pass_time(timedelta(hours=6, seconds=1))
    await play.happened("relay_ended")
    relay_id, _ = await ask(play)
    await answer(play, relay_id)
    await take(play, relay_id, takes=False)
    relay_id, _ = await ask(play)
    await answer(play, relay_id)
    await take(play, relay_id)
    await withdraw(play, relay_id, play.rival)
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()


_S = DeliveryStatus

RELAY_EXITS: Mapping[str, Exit] = {
    "relayed": Exit(relayed, _S.COMPLETED),
    "relayed-and-settled": Exit(relayed_and_settled, _S.SETTLED),
    "relayed-and-giver-awaited": Exit(relayed_and_giver_awaited, _S.COMPLETED),
    "relayed-and-charged-back": Exit(relayed_and_charged_back, _S.CHARGED_BACK),
    "relay-lapsed": Exit(relay_lapsed, _S.COMPLETED),
}
"""By the name of the history that is kept of it."""
