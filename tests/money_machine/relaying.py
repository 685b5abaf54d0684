"""The parcel is handed on to a second traveler, who is paid at an account of their own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from domain.ids import RelayId
from domain.journey.relay_contracts import AnswerRelay, AskRelay, TakeRelay
from domain.status import IN_CUSTODY
from infra.database.schema import person
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
    account = await _account_of_rival(scene)
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


async def _account_of_rival(scene: Scene) -> str:
    account = await scene.lane.onboarding.open_account("rival", "ES", "EUR")
    scene.lane.stand_in.world.complete_onboarding(account)
    known = update(person).where(person.c.person_id == scene.play.rival.person_id)
    async with scene.installation.reading.begin() as connection:
        await connection.execute(known.values(payout_account=account))
    return account
