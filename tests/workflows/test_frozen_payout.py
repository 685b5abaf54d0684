"""Payouts of what a chargeback has taken back from the traveler: they wait for its end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.contracts import AttentionAction, ResolveAttention
from domain.deadlines import DeadlineKind
from domain.policies import Policies
from domain.status import DeliveryStatus
from infra.payments.sandbox import SandboxProvider
from tests.card_network import CardNetwork
from tests.workflows.charging_back import PLENTY, ChargingBack, own
from tests.workflows.conftest import Stage

SKIP = ResolveAttention(AttentionAction.SKIP, reason="the traveler has no money there")


async def frozen_payout(stage: Stage) -> ChargingBack:
    """Bring a delivery to a payout whose transfer a chargeback has had recalled."""
    policies = Policies()
    earlier = await stage()
    play = await stage(replace(policies, retries=replace(policies.retries, tries_max=1)))
    play.traveler = earlier.traveler
    await earlier.open()
    debt = CardNetwork(earlier.engine, earlier.order.delivery_id, 1_000)
    await debt.take()
    await debt.keep(held_minor=0, traveler_id=play.traveler.person_id)
    await play.delivered(account=own("acct_sandbox_t_reversal_unavailable_1", play))
    await play.confirm()
    await play.parked("net_dues")
    charging_back = ChargingBack(play)
    await charging_back.fill("acct_sandbox_other", PLENTY)
    await charging_back.open()
    # The netting may have taken its part: nobody has looked that up yet.
    await charging_back.stands(recalled_minor=2_780)
    await play.resolve(SKIP)
    await charging_back.met("release_frozen")
    return charging_back


@pytest.mark.parametrize(("won", "paid_minor"), [(True, 3_780), (False, 1_000)])
async def test_a_payout_waits_for_what_was_recalled(
    stage: Stage, provider: SandboxProvider, *, won: bool, paid_minor: int
) -> None:
    charging_back = await frozen_payout(stage)
    play = charging_back.play
    assert (await play.standing())["deadline_kind"] == DeadlineKind.CHARGEBACK
    await charging_back.decide(won=won)
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert ("payout_reduced" in await play.events()) is not won
    made = await provider.objects(play.order.delivery_id)
    assert [each.amount_minor for each in made if each.kind == "payout"] == [paid_minor]
    assert await play.balance(f"traveler_payable:{play.traveler.person_id}") == 0
    assert await charging_back.ended() == ("won" if won else "lost")
    assert (await charging_back.totals()).held == 0
