"""Plays a relay: the traveler hands the parcel on to the rival."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.contracts import Actor, CodePurpose, ScanCode, Standing
from domain.handover.codes import digest_of
from domain.ids import RelayId
from domain.journey.relay_contracts import (
    AnswerRelay,
    AskRelay,
    ScanRelay,
    TakeRelay,
    WithdrawRelay,
)
from infra.identifiers import new_id
from tests.workflows.play import HANDOVER_KEY, Play

HALF = 5_000
TAKER_ACCOUNT = "acct_sandbox_taker"


async def ask(
    play: Play, share_points: int = HALF, deliver_by: datetime | None = None
) -> tuple[RelayId, Standing]:
    """Have the traveler ask to hand the parcel on to the rival."""
    relay_id = RelayId(new_id())
    taker_id = play.rival.person_id
    assert taker_id is not None
    command = AskRelay(play.traveler, relay_id, taker_id, share_points, deliver_by)
    return relay_id, await play.send("ask_relay", command)


async def answer(play: Play, relay_id: RelayId, *, agrees: bool = True) -> Standing:
    """Have the customer answer."""
    return await play.send("answer_relay", AnswerRelay(play.customer, relay_id, agrees))


async def take(
    play: Play, relay_id: RelayId, *, takes: bool = True, account: str = TAKER_ACCOUNT
) -> Standing:
    """Have the rival accept the terms, or refuse them."""
    return await play.send("take_relay", TakeRelay(play.rival, relay_id, takes, account))


async def withdraw(play: Play, relay_id: RelayId, by: Actor) -> Standing:
    """Have somebody step back."""
    return await play.send("withdraw_relay", WithdrawRelay(by, relay_id))


async def scan_relay(
    play: Play, by: Actor | None = None, distance_m: int | None = 40, text: str | None = None
) -> Standing:
    """Have the rival scan what the traveler shows."""
    shown = text or await play.shown(CodePurpose.RELAY)
    digest = digest_of(HANDOVER_KEY, play.order.delivery_id, CodePurpose.RELAY, shown)
    scan = ScanCode(by or play.rival, CodePurpose.RELAY, digest, is_pin=len(shown) == 6)
    return await play.send("scan_relay", ScanRelay(scan, distance_m))


async def agreed(
    play: Play,
    account: str = "acct_sandbox_t",
    *,
    share_points: int = HALF,
    deliver_by: datetime | None = None,
    taker_account: str = TAKER_ACCOUNT,
    is_held: bool = False,
) -> RelayId:
    """Bring the parcel on its way and agree on a relay; its payment may be held already."""
    if not is_held:
        await play.held(account=account)
    await play.scan(CodePurpose.PICKUP)
    relay_id, _ = await ask(play, share_points, deliver_by)
    await answer(play, relay_id)
    await take(play, relay_id, account=taker_account)
    return relay_id


async def handed_on(
    play: Play,
    account: str = "acct_sandbox_t",
    *,
    share_points: int = HALF,
    taker_account: str = TAKER_ACCOUNT,
    is_held: bool = False,
) -> Play:
    """Hand the parcel on, and return the delivery with the rival for its traveler."""
    await agreed(
        play, account, share_points=share_points, taker_account=taker_account, is_held=is_held
    )
    await scan_relay(play)
    return replace(play, traveler=play.rival, rival=play.traveler)
