"""Losses on the way: whoever reports one opens a dispute, and the agent's verdict settles it."""

from __future__ import annotations

import pytest

from domain.contracts import Actor
from domain.ids import DisputeId
from domain.journey.contracts import ReportLoss
from domain.journey.terms import LossKind, UndeliverableAction
from domain.policies import VerdictOutcome
from domain.status import DeliveryStatus
from infra.identifiers import new_id
from tests.workflows.play import Play, refusal_of
from tests.workflows.undelivered import carried, fail


async def lose(play: Play, by: Actor, kind: LossKind = LossKind.LOST) -> str:
    command = ReportLoss(by, DisputeId(new_id()), kind, "not in the luggage any more")
    return (await play.send("report_loss", command)).status


@pytest.mark.parametrize("by", ["traveler", "customer"])
async def test_a_lost_parcel_goes_to_an_agent(play: Play, by: str) -> None:
    await carried(play, UndeliverableAction.RETURN)
    assert await lose(play, getattr(play, by)) == DeliveryStatus.DISPUTED
    await play.decide(VerdictOutcome.REFUND)
    assert await play.closed() is DeliveryStatus.REFUNDED
    assert (await play.events())[5:7] == ["loss_reported", "dispute_opened"]


async def test_a_parcel_can_be_lost_on_its_way_back(play: Play) -> None:
    await carried(play, UndeliverableAction.RETURN)
    await fail(play)
    await lose(play, play.traveler, LossKind.STOLEN)
    await play.decide(VerdictOutcome.SPLIT, 2_100)
    assert await play.closed() is DeliveryStatus.SETTLED


async def test_a_parcel_that_is_with_its_sender_cannot_be_lost(play: Play) -> None:
    await play.held()
    assert await refusal_of(lose(play, play.customer)) == "wrong_state"
