"""The ways a chargeback can end that begins after its delivery has closed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from tests.workflows.charging_back import PLENTY, ChargingBack, own, paid_out, unpaid
from tests.workflows.play import Play
from tests.workflows.test_tip import moves_to

Handle = WorkflowHandle[Any, Any]

DAY = timedelta(days=1)


async def inquiry_closed(play: Play) -> Handle:
    await paid_out(play, own("acct_sandbox_t", play))
    network = ChargingBack(play)
    await network.open(inquiry=True)
    await network.stands(status="inquiry", deadline_kind="evidence")
    await network.pass_time(5 * DAY)
    await network.met("evidence_submitted")
    await network.close_inquiry()
    await network.ended()
    return await network.handle()


async def won(play: Play) -> Handle:
    account = own("acct_sandbox_t", play)
    await paid_out(play, account)
    network = ChargingBack(play)
    await network.fill(account, 5_000)
    await network.open()
    await network.stands(recalled_minor=3_780)
    await network.decide(won=True)
    await network.ended()
    return await network.handle()


async def won_and_paid_out(play: Play) -> Handle:
    """The traveler's bank had refused the payout, and has another account by the time it is won."""
    await moves_to(play, own("acct_sandbox_t_payout_refused", play))
    await unpaid(play, account="")
    network = ChargingBack(play)
    await network.fill("acct_sandbox_other", PLENTY)
    await network.open()
    await network.stands(recalled_minor=3_780)
    await moves_to(play, own("acct_sandbox_t", play))
    await network.decide(won=True)
    await network.ended()
    return await network.handle()


async def lost(play: Play) -> Handle:
    await paid_out(play, own("acct_sandbox_t", play))
    network = ChargingBack(play)
    await network.open()
    await network.met("transfer_recall_refused")
    await network.submit()
    await network.decide(won=False)
    await network.ended()
    return await network.handle()


CHARGEBACK_EXITS: Mapping[str, Callable[[Play], Awaitable[Handle]]] = {
    "chargeback-inquiry-closed": inquiry_closed,
    "chargeback-won": won,
    "chargeback-won-and-paid-out": won_and_paid_out,
    "chargeback-lost": lost,
}
"""By the name of the history that is kept of it."""
