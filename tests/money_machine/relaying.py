"""The parcel is handed on to a second traveler, who is paid at an account of their own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.ids import RelayId
from domain.journey.relay_contracts import AnswerRelay, AskRelay, TakeRelay
from domain.status import IN_CUSTODY
from infra.identifiers import new_id
from tests.money_machine.commands import command
from tests.money_machine.plan import Stage
from tests.money_machine.scene import Scene
from tests.workflows.relaying import scan_relay

LATE = timedelta(hours=7)
"""Longer than anybody is given to answer."""


@command({Stage.CARRIED: Stage.CARRIED}, "hand over", "hand over", "come too late", weight=12)
async def relay(scene: Scene, how: str) -> None:
    """Ask for a relay; the customer and the rival agree, and both travelers meet, or do not."""
    play = scene.play
    if scene.giver_account or await scene.status() not in IN_CUSTODY:
        return
    account = scene.rival_account
    assert play.rival.person_id is not None
    relay_id = RelayId(new_id())
    ask = AskRelay(play.traveler, relay_id, play.rival.person_id, scene.plan.share_points)
    steps: tuple[tuple[str, Any], ...] = (
        ("ask_relay", ask),
        ("answer_relay", AnswerRelay(play.customer, relay_id, agrees=True)),
        ("take_relay", TakeRelay(play.rival, relay_id, takes=True, payout_account=account)),
    )
    for name, each in steps:
        if not await scene.attempt(play.send(name, each)):
            return
    if how == "come too late":
        await scene.pass_time(timedelta(days=1) + LATE)
    if await scene.attempt(scan_relay(play)):
        play.traveler, play.rival = play.rival, play.traveler
        scene.giver_account, scene.account = scene.account, account
