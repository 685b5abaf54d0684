"""Custody: scans, arrival, the dispute window and what each clock does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.contracts import CodePurpose
from domain.status import DeliveryStatus, EscrowStatus
from tests.workflows.conftest import Stage
from tests.workflows.play import Play, refusal_of


async def test_a_delivery_that_nobody_disputes_pays_the_traveler(play: Play) -> None:
    await play.delivered()
    await play.pass_time(timedelta(days=2, seconds=1))
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert await play.events() == [
        "request_opened",
        "offer_submitted",
        "offer_accepted",
        "payment_held",
        "picked_up",
        "handed_over",
        "release_started",
        "released",
        "paid_out",
    ]


async def test_the_customer_may_confirm_early(play: Play) -> None:
    await play.delivered()
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert (await play.standing())["escrow"] == EscrowStatus.RELEASED


async def test_arrival_is_noted_once(play: Play) -> None:
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    await play.arrive()
    await play.arrive()
    await play.reach(DeliveryStatus.ARRIVED)
    await play.scan(CodePurpose.HANDOVER)
    await play.arrive()
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert (await play.events()).count("arrived") == 1


async def test_a_code_works_once_and_only_for_its_own_step(play: Play) -> None:
    await play.held()
    pickup = await play.shown(CodePurpose.PICKUP)
    assert await refusal_of(play.scan(CodePurpose.HANDOVER, pickup)) == "wrong_state"
    await play.scan(CodePurpose.PICKUP, pickup)
    assert await refusal_of(play.scan(CodePurpose.PICKUP, pickup)) == "code_already_used"
    assert await refusal_of(play.scan(CodePurpose.HANDOVER, pickup)) == "code_wrong"
    await play.scan(CodePurpose.HANDOVER)


async def test_five_wrong_pins_lock_pin_entry_but_not_the_full_code(play: Play) -> None:
    await play.held()
    codes = [await refusal_of(play.scan(CodePurpose.PICKUP, f"00000{n}")) for n in range(5)]
    assert codes[:4] == ["code_wrong"] * 4
    assert await refusal_of(play.scan(CodePurpose.PICKUP, "999999")) == "code_locked"
    standing = await play.scan(CodePurpose.PICKUP)
    assert standing.status == DeliveryStatus.IN_TRANSIT


async def test_only_the_accepted_traveler_scans(play: Play) -> None:
    await play.held()
    play.traveler, traveler = play.rival, play.traveler
    assert await refusal_of(play.scan(CodePurpose.PICKUP)) == "not_your_role"
    play.traveler = traveler
    await play.scan(CodePurpose.PICKUP)


async def test_an_overdue_handover_goes_to_an_agent(play: Play) -> None:
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    await play.pass_time(timedelta(days=10, seconds=1))
    # The clock of the dispute goes on with that of its delivery: it may be over already.
    await play.happened("dispute_opened")
    assert (await play.events())[5:6] == ["dispute_opened"]


@pytest.mark.parametrize("days", [30])
async def test_thirty_days_pass_in_seconds(stage: Stage, days: int) -> None:
    """A delivery that nobody helps: every clock runs out, and the money still ends somewhere."""
    play = await stage()
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    await play.pass_time(timedelta(days=10, seconds=1))
    await play.happened("dispute_opened")
    await play.pass_dispute_time(timedelta(days=5, seconds=1))
    await play.happened("verdict_overdue")
    await play.pass_dispute_time(timedelta(days=days - 15))
    assert await play.closed() is DeliveryStatus.REFUNDED
