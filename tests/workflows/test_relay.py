"""A parcel is handed on to a second traveler, or is not after all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from domain.contracts import CodePurpose
from domain.deadlines import DeadlineKind
from domain.holds.rules import HoldDelivery, ResumeDelivery
from domain.journey.relay import RelayStatus
from domain.journey.terms import UndeliverableAction
from domain.status import DeliveryStatus
from infra.database.schema import notification, relay
from tests.workflows.play import Play, refusal_of
from tests.workflows.relaying import (
    agreed,
    answer,
    ask,
    handed_on,
    scan_relay,
    take,
    withdraw,
)
from tests.workflows.undelivered import carried, fail


async def _relay_status(play: Play) -> list[str]:
    found = select(relay.c.status).where(relay.c.delivery_id == play.order.delivery_id)
    return [row.status for row in await play.read(found.order_by(relay.c.relay_id))]


async def test_custody_moves_with_the_scan_and_both_travelers_are_paid(play: Play) -> None:
    giver, taker = play.traveler, play.rival
    later = datetime.now(UTC) + timedelta(days=12)
    await agreed(play, deliver_by=later)
    standing = await scan_relay(play)
    assert (standing.traveler_id, standing.deadline_kind) == (taker.person_id, "handover")
    assert standing.deadline_at == later
    assert await refusal_of(play.scan(CodePurpose.HANDOVER)) == "not_your_role"
    assert await refusal_of(scan_relay(play)) == "code_already_used"
    play.traveler = taker
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert (await play.events())[4:] == [
        "picked_up",
        "relay_asked",
        "relay_consented",
        "relay_agreed",
        "relayed",
        "handed_over",
        "release_started",
        "giver_share_started",
        "giver_share_released",
        "giver_paid_out",
        "released",
        "paid_out",
    ]
    assert await play.balance(f"escrow:{play.order.delivery_id}") == 0
    assert await play.balance(f"traveler_payable:{giver.person_id}") == 0
    assert await _relay_status(play) == [RelayStatus.DONE]
    told = select(notification.c.kind).where(notification.c.person_id == giver.person_id)
    assert {row.kind for row in await play.read(told)} >= {"relayed", "giver_paid_out"}


async def test_without_consent_or_terms_the_parcel_stays(play: Play) -> None:
    await play.held()
    assert await refusal_of(ask(play)) == "wrong_state"
    before = await play.scan(CodePurpose.PICKUP)
    relay_id, standing = await ask(play)
    assert standing.deadline_kind == DeadlineKind.RELAY_CONSENT
    assert await refusal_of(ask(play)) == "wrong_state"
    assert await refusal_of(take(play, relay_id)) == "relay_not_open"
    assert (await answer(play, relay_id, agrees=False)).deadline_at == before.deadline_at
    relay_id, _ = await ask(play)
    await answer(play, relay_id)
    assert await refusal_of(take(play, relay_id, account="")) == "relay_needs_account"
    assert (await take(play, relay_id, takes=False)).deadline_kind == DeadlineKind.HANDOVER
    relay_id, _ = await ask(play)
    standing = await withdraw(play, relay_id, play.traveler)
    assert (standing.traveler_id, standing.deadline_at) == (before.traveler_id, before.deadline_at)
    assert await _relay_status(play) == [RelayStatus.ENDED] * 3
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED


async def test_nobody_moves_custody_alone_or_from_afar(play: Play) -> None:
    await agreed(play)
    assert await refusal_of(scan_relay(play, by=play.traveler)) == "not_your_role"
    assert await refusal_of(scan_relay(play, distance_m=None)) == "position_not_near"
    assert await refusal_of(scan_relay(play, distance_m=4_000)) == "position_not_near"
    assert await refusal_of(scan_relay(play, text="000000")) == "code_wrong"
    assert (await play.standing())["traveler_id"] == play.traveler.person_id
    assert (await scan_relay(play)).traveler_id == play.rival.person_id


async def test_each_wait_of_a_relay_ends_with_no_relay(play: Play) -> None:
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    relay_id, _ = await ask(play)
    await play.pass_time(timedelta(hours=6, seconds=1))
    await play.happened("relay_ended")
    assert await refusal_of(answer(play, relay_id)) == "relay_not_open"
    relay_id, _ = await ask(play)
    await answer(play, relay_id)
    await play.pass_time(timedelta(hours=6, seconds=1))
    relay_id, _ = await ask(play)
    await answer(play, relay_id)
    await take(play, relay_id)
    await play.pass_time(timedelta(days=1, seconds=1))
    assert await refusal_of(scan_relay(play)) == "relay_not_open"
    assert (await play.events()).count("relay_ended") == 3
    await play.scan(CodePurpose.HANDOVER)


async def test_a_relay_never_puts_the_end_of_the_handover_off_by_itself(play: Play) -> None:
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    await play.pass_time(timedelta(days=9, hours=23))
    await ask(play)
    await play.pass_time(timedelta(hours=1, seconds=5))
    await play.happened("dispute_opened")


async def test_a_failed_handover_ends_an_open_relay(play: Play) -> None:
    await carried(play, UndeliverableAction.RETRY)
    relay_id, _ = await ask(play)
    assert (await fail(play)).deadline_kind == DeadlineKind.REDELIVERY
    assert await refusal_of(answer(play, relay_id)) == "relay_not_open"
    assert await refusal_of(ask(play)) == "wrong_state"


async def test_a_hold_stops_a_relay_and_lets_it_go_on(play: Play) -> None:
    await agreed(play)
    await play.send("hold", HoldDelivery("The sender asks who has the parcel."))
    assert await refusal_of(scan_relay(play)) == "on_hold"
    await play.send("resume", ResumeDelivery())
    assert (await scan_relay(play)).traveler_id == play.rival.person_id


async def test_the_second_traveler_has_time_for_the_way(play: Play) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    await agreed(play, deliver_by=soon)
    standing = await scan_relay(play)
    assert standing.deadline_at is not None
    assert standing.deadline_at > soon + timedelta(minutes=30)
    assert standing.deadline_kind == DeadlineKind.HANDOVER


async def test_a_relay_whose_time_is_over_moves_no_custody(play: Play) -> None:
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    relay_id, _ = await ask(play, deliver_by=datetime.now(UTC) + timedelta(hours=1))
    await answer(play, relay_id)
    await play.pass_time(timedelta(hours=2))
    assert await refusal_of(take(play, relay_id)) == "relay_not_open"
    standing = await take(play, relay_id, takes=False)
    assert (standing.traveler_id, standing.deadline_kind) == (play.traveler.person_id, "handover")


async def test_a_parcel_is_handed_on_once(play: Play) -> None:
    relayed = await handed_on(play)
    assert await refusal_of(ask(relayed)) == "relay_limit_reached"
