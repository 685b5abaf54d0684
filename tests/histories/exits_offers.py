"""The ways a price can be found before a delivery goes on as every other."""

from __future__ import annotations

from collections.abc import Mapping

from domain.contracts import CodePurpose
from domain.status import DeliveryStatus
from infra.payments.sandbox import SandboxProvider
from tests.histories.exits import Exit
from tests.workflows.play import Play


async def haggled(play: Play, provider: SandboxProvider) -> None:
    """One offer is countered on both sides, one taken back and made anew, and one accepted."""
    await play.open()
    await play.submit()
    await play.submit(play.rival, 4_900)
    await play.counter(play.customer, 3_600)
    await play.counter(play.traveler, 4_000)
    await play.withdraw(play.rival)
    await play.submit(play.rival, 4_500)
    await play.accept()
    await play.reach(DeliveryStatus.AWAITING_PICKUP)
    await play.scan(CodePurpose.PICKUP)
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()


OFFER_EXITS: Mapping[str, Exit] = {"haggled": Exit(haggled, DeliveryStatus.COMPLETED)}
"""By the name of the history that is kept of it."""
