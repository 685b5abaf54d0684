"""The ways a delivery can end when somebody leaves before its pickup and that costs something."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from domain.contracts import CancelDelivery, CodePurpose
from domain.ids import DisputeId
from domain.leaving.contracts import ContestNoShow, ReportNoShow, WithdrawTraveler
from domain.policies import VerdictOutcome, standard_policies
from domain.status import DeliveryStatus
from infra.identifiers import new_id
from infra.payments.sandbox import SandboxProvider
from tests.histories.exits import NEAR, Exit
from tests.workflows.play import Play

WAIT = timedelta(hours=2, seconds=5)
LATE = timedelta(days=2, seconds=5)
"""After that, less than a day is left of the three that a pickup has."""


async def cancelled_late(play: Play, provider: SandboxProvider) -> None:
    await play.held()
    await play.pass_time(LATE)
    await play.cancel()


async def waived(play: Play, provider: SandboxProvider) -> None:
    await play.held()
    await play.pass_time(LATE)
    await play.send("cancel", CancelDelivery(play.agent, reason="a flood closed the roads"))


async def lapsed_and_cancelled_late(play: Play, provider: SandboxProvider) -> None:
    await play.held()
    await provider.lapse(f"{play.order.delivery_id}:authorise:1")
    await play.pass_time(LATE)
    await play.cancel()


async def withdrawn(play: Play, provider: SandboxProvider) -> None:
    await play.held()
    await play.send("withdraw", WithdrawTraveler(play.traveler))
    await play.happened("reopened")
    await play.reach(DeliveryStatus.REQUESTED)
    await play.submit(play.rival)
    await play.accept(of=play.rival)
    await play.reach(DeliveryStatus.AWAITING_PICKUP)
    play.traveler = play.rival
    await play.scan(CodePurpose.PICKUP)
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()


async def withdrawn_unpaid(play: Play, provider: SandboxProvider) -> None:
    await play.open()
    await play.submit()
    await play.accept("pm_sandbox_pending")
    await play.reach(DeliveryStatus.PAYMENT_DUE)
    await play.send("withdraw", WithdrawTraveler(play.traveler))
    await play.reach(DeliveryStatus.REQUESTED)
    await play.cancel()


async def sender_absent(play: Play, provider: SandboxProvider) -> None:
    await play.held()
    await play.pass_time(LATE)
    await play.send("report_no_show", ReportNoShow(play.traveler, 40))
    await play.happened("sender_absent")
    await play.pass_time(WAIT)


async def traveler_absent(play: Play, provider: SandboxProvider) -> None:
    await play.held()
    await play.pass_time(timedelta(days=2, hours=23))
    await play.send("report_no_show", ReportNoShow(play.customer))
    await play.pass_time(WAIT)
    await play.happened("reopened")
    await play.reach(DeliveryStatus.REQUESTED)
    await play.cancel()


async def no_show_contested(play: Play, provider: SandboxProvider) -> None:
    await play.held()
    await play.pass_time(LATE)
    await play.send("report_no_show", ReportNoShow(play.traveler, 40))
    await play.send("contest_no_show", ContestNoShow(play.customer, DisputeId(new_id())))
    await play.decide(VerdictOutcome.SPLIT, 2_000)


_S, _STANDARD = DeliveryStatus, standard_policies()

CANCELLATION_EXITS: Mapping[str, Exit] = {
    "cancelled-late": Exit(cancelled_late, _S.CANCELLED, policies=_STANDARD),
    "reserved-and-cancelled-late": Exit(cancelled_late, _S.CANCELLED, NEAR, _STANDARD),
    "lapsed-and-cancelled-late": Exit(lapsed_and_cancelled_late, _S.CANCELLED, NEAR, _STANDARD),
    "sender-absent": Exit(sender_absent, _S.CANCELLED, policies=_STANDARD),
    "reserved-and-sender-absent": Exit(sender_absent, _S.CANCELLED, NEAR, _STANDARD),
    "traveler-absent": Exit(traveler_absent, _S.CANCELLED),
    "no-show-contested": Exit(no_show_contested, _S.SETTLED),
    "withdrawn": Exit(withdrawn, _S.COMPLETED),
    "withdrawn-and-reserved": Exit(withdrawn, _S.COMPLETED, NEAR),
    "withdrawn-unpaid": Exit(withdrawn_unpaid, _S.CANCELLED),
    "cancelled-by-agent": Exit(waived, _S.CANCELLED, policies=_STANDARD),
}
"""By the name of the history that is kept of it."""
