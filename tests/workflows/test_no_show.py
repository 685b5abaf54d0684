"""One side waits at the pickup in vain: the other comes, contests it, or bears what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from domain.contracts import Actor, CodePurpose, Role, Standing
from domain.ids import DisputeId
from domain.leaving.contracts import ContestNoShow, ReportNoShow
from domain.policies import VerdictOutcome, standard_policies
from domain.status import DeliveryStatus, EscrowStatus
from infra.database.schema import ledger_transaction
from infra.identifiers import new_id
from infra.payments.sandbox import SandboxProvider
from tests.workflows.conftest import Stage
from tests.workflows.play import Play, refusal_of
from tests.workflows.test_cancellation import LATE, left, reserved
from tests.workflows.test_withdrawal import carried_by_rival, strikes

LAST_HOUR = timedelta(days=2, hours=23)
WAIT = timedelta(hours=2, seconds=5)


@pytest.fixture
async def dear(stage: Stage) -> Play:
    """A delivery under the policies of new deliveries."""
    return await stage(standard_policies())


async def report(play: Play, by: Actor, distance_m: int | None = None) -> Standing:
    return await play.send("report_no_show", ReportNoShow(by, distance_m))


async def contest(play: Play, by: Actor) -> Standing:
    return await play.send("contest_no_show", ContestNoShow(by, DisputeId(new_id())))


async def waiting_traveler(play: Play) -> None:
    """Bring the traveler to the pickup, where nobody is."""
    await play.held()
    await play.pass_time(LATE)
    standing = await report(play, play.traveler, 40)
    assert standing.deadline_kind == "sender_no_show"


async def waiting_sender(play: Play) -> None:
    """Have the sender wait for a traveler who does not come."""
    await play.held()
    await play.pass_time(LAST_HOUR)
    standing = await report(play, play.customer)
    assert standing.deadline_kind == "traveler_no_show"


@pytest.mark.parametrize("is_near", [False, True], ids=["captured", "reserved"])
async def test_a_sender_who_does_not_come_compensates_the_traveler(
    dear: Play, *, is_near: bool
) -> None:
    play = reserved(dear) if is_near else dear
    await waiting_traveler(play)
    if is_near:
        await play.happened("payment_captured")
        assert (await play.standing())["deadline_kind"] == "sender_no_show"
    await play.pass_time(WAIT)
    assert await play.closed() is DeliveryStatus.CANCELLED
    assert (await play.events())[-4:] == [
        "cancellation_started",
        "share_refunded",
        "compensation_released",
        "paid_out",
    ]
    found = await left(play)
    assert (found["escrow"], found["traveler_payable"], found["fee_revenue"]) == (0, 0, 210)
    assert not await strikes(play)


async def test_a_traveler_who_does_not_come_loses_the_delivery(dear: Play) -> None:
    dear.order = replace(dear.order, request_expires_at=datetime.now(UTC) + timedelta(days=9))
    await waiting_sender(dear)
    first = dear.traveler
    await dear.pass_time(WAIT)
    await dear.happened("reopened")
    assert await strikes(dear) == {(str(first.person_id), "no_show"): 1}
    bearers = await dear.read(
        select(ledger_transaction.c.bearer).where(
            ledger_transaction.c.delivery_id == dear.order.delivery_id,
            ledger_transaction.c.kind == "refund",
        )
    )
    assert [bearer for (bearer,) in bearers] == ["traveler"]
    await carried_by_rival(dear)


async def test_who_comes_after_all_ends_the_waiting(dear: Play) -> None:
    await waiting_traveler(dear)
    await dear.scan(CodePurpose.PICKUP)
    standing = await dear.standing()
    assert (standing["status"], standing["deadline_kind"]) == ("in_transit", "handover")
    assert await refusal_of(contest(dear, dear.customer)) == "cancel_too_late"


async def test_a_traveler_who_comes_after_all_gets_a_reserved_parcel_too(dear: Play) -> None:
    play = reserved(dear)
    await waiting_sender(play)
    await play.scan(CodePurpose.PICKUP)
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED


@pytest.mark.parametrize("is_near", [False, True], ids=["captured", "reserved"])
async def test_a_contested_report_is_decided_as_a_dispute(dear: Play, *, is_near: bool) -> None:
    play = reserved(dear) if is_near else dear
    await waiting_traveler(play)
    assert await refusal_of(contest(play, play.traveler)) == "not_your_role"
    await contest(play, play.customer)
    await play.reach(DeliveryStatus.DISPUTED)
    assert (await play.standing())["escrow"] == EscrowStatus.HELD
    assert await refusal_of(play.scan(CodePurpose.PICKUP)) == "wrong_state"


async def test_an_agent_shares_out_what_is_contested(stage: Stage) -> None:
    play = await stage()
    await waiting_traveler(play)
    await contest(play, play.customer)
    await play.decide(VerdictOutcome.SPLIT, 2_000)
    assert await play.closed() is DeliveryStatus.SETTLED


async def test_what_the_bank_lets_go_meanwhile_is_nobodys(
    dear: Play, provider: SandboxProvider
) -> None:
    play = reserved(dear)
    await play.held()
    await provider.lapse(f"{play.order.delivery_id}:authorise:1")
    await play.pass_time(LATE)
    await report(play, play.traveler, 40)
    await play.reach(DeliveryStatus.PAYMENT_DUE)
    await play.give_method("pm_sandbox_ok")
    await play.reach(DeliveryStatus.AWAITING_PICKUP)
    assert (await play.standing())["deadline_kind"] == "pickup"


async def test_what_is_too_early_or_too_far_is_refused(dear: Play) -> None:
    await dear.held()
    assert await refusal_of(report(dear, dear.traveler, 40)) == "no_show_too_early"
    await dear.pass_time(LATE)
    assert await refusal_of(report(dear, dear.traveler, 400)) == "position_not_near"
    assert await refusal_of(report(dear, dear.traveler)) == "position_not_near"
    assert await refusal_of(report(dear, dear.customer)) == "no_show_too_early"
    assert await refusal_of(report(dear, dear.rival, 40)) == "not_your_role"
    assert await refusal_of(contest(dear, dear.customer)) == "wrong_state"
    sender = replace(dear.customer, role=Role.SENDER)
    await report(dear, dear.traveler, 40)
    assert await refusal_of(report(dear, sender)) == "wrong_state"


async def test_who_cancels_while_the_traveler_waits_pays_as_much(dear: Play) -> None:
    await waiting_traveler(dear)
    await dear.cancel()
    assert await dear.closed() is DeliveryStatus.CANCELLED
    assert (await left(dear))["fee_revenue"] == 210


async def test_who_cancels_while_the_traveler_is_missing_pays_nothing(dear: Play) -> None:
    await waiting_sender(dear)
    await dear.cancel()
    assert await dear.closed() is DeliveryStatus.CANCELLED
    assert (await dear.events())[-1] == "refunded"
