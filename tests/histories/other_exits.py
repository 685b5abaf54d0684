"""The ways in which the workflows beside a delivery can end, each played once to keep its history."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from domain.correcting.rules import CorrectionKind, CorrectionStatus
from domain.ids import robo_workflow_id
from domain.ledger import Bearer
from domain.status import DeliveryStatus
from domain.visibility import TaskQueue
from infra.identifiers import new_id
from tests.histories.exits_chargebacks import CHARGEBACK_EXITS
from tests.histories.exits_erasure import ERASURE_EXITS
from tests.histories.exits_extra_costs import EXTRA_COST_EXITS
from tests.histories.exits_hold import bulk_hold
from tests.histories.exits_override import OVERRIDE_EXITS
from tests.histories.exits_rounds import ROUND_EXITS
from tests.waiting import until
from tests.workflows.charging_back import SKIP, own, paid_out, unpaid
from tests.workflows.correcting import Correcting
from tests.workflows.play import Play, refusal_of
from tests.workflows.test_correction import carried, completed
from tests.workflows.test_undone import lose_a_part
from workflows.notifier import NotifierWorkflow
from workflows.reconciliation import ReconciliationWorkflow
from workflows.robo import RoboWorkflow
from workflows.webhook_dispatcher import WebhookDispatcherWorkflow

Handle = WorkflowHandle[Any, Any]
OtherExit = Callable[[Play], Awaitable[Handle]]
"""Plays to the end of a workflow and returns it."""
GOODWILL, TIP = CorrectionKind.GOODWILL_REFUND, CorrectionKind.TIP
DAY = timedelta(days=1)


async def _closed(play: Play) -> Correcting:
    await paid_out(play, own("acct_sandbox_t", play))
    return Correcting(play)


async def _corrected(after: Correcting, kind: CorrectionKind, minor: int, **more: Any) -> Handle:
    order = await after.order(kind, minor, **more)
    await after.start(order)
    await after.over(order)
    return after.handle(order)


async def goodwill(play: Play) -> Handle:
    return await _corrected(await _closed(play), GOODWILL, 1_000, bearer=Bearer.PLATFORM)


async def goodwill_of_the_traveler(play: Play) -> Handle:
    await unpaid(play, own("acct_sandbox_t_payout_refused", play))
    return await _corrected(Correcting(play), GOODWILL, 1_000, bearer=Bearer.TRAVELER)


async def goodwill_refused(play: Play) -> Handle:
    after = await _closed(play)
    order = await after.order(GOODWILL, 4_201, bearer=Bearer.PLATFORM)
    await refusal_of(after.start(order))
    await after.over(order)
    return after.handle(order)


async def goodwill_given_up(play: Play) -> Handle:
    await play.held(method="pm_sandbox_ok_refund_refused")
    after = await carried(play)
    order = await after.order(GOODWILL, 1_000, bearer=Bearer.PLATFORM)
    await after.start(order)
    await after.waiting(CorrectionStatus.PARKED, "refund_goodwill")
    await after.resolve(order, SKIP)
    await after.over(order)
    return after.handle(order)


async def compensation(play: Play) -> Handle:
    return await _corrected(await _closed(play), CorrectionKind.COMPENSATION, 700)


async def debt_written_off(play: Play) -> Handle:
    after = await _closed(play)
    await after.refund(1_000, Bearer.TRAVELER)
    return await _corrected(after, CorrectionKind.WRITE_OFF, 600, debtor=Bearer.TRAVELER)


async def tip(play: Play) -> Handle:
    return await _corrected(await _closed(play), TIP, 500)


async def tip_declined(play: Play) -> Handle:
    return await _corrected(await _closed(play), TIP, 500, payment_method="pm_sandbox_declined")


async def tip_unsettled(play: Play) -> Handle:
    after = await _closed(play)
    order = await after.order(TIP, 500, payment_method="pm_sandbox_requires_action")
    await after.start(order)
    await after.waiting(CorrectionStatus.UNSETTLED)
    await play.pass_time(2 * DAY, after.handle(order))
    await after.over(order)
    return after.handle(order)


async def _refund_came_back(play: Play) -> tuple[Correcting, str]:
    await play.held()
    await play.cancel()
    assert await play.closed() is DeliveryStatus.CANCELLED
    after = Correcting(play)
    refund = after.operation("refund")
    await after.provider.fail_refund(refund)
    await after.undone(refund)
    await after.waiting(CorrectionStatus.WAITING)
    return after, refund


async def refunded_again(play: Play) -> Handle:
    after, refund = await _refund_came_back(play)
    await after.again(refund)
    await after.undone_handle(refund).result()
    return after.undone_handle(refund)


async def refunded_in_part(play: Play) -> Handle:
    after, refund = await _refund_came_back(play)
    await lose_a_part(after, 1_200)
    await after.again(refund)
    await after.undone_handle(refund).result()
    return after.undone_handle(refund)


async def refunded_by_hand(play: Play) -> Handle:
    after, refund = await _refund_came_back(play)
    await after.done_by_hand(refund, f"bank transfer {new_id()}")
    await after.undone_handle(refund).result()
    return after.undone_handle(refund)


async def paid_out_again(play: Play) -> Handle:
    after = await completed(play)
    payout = after.operation("payout")
    await after.provider.fail_payout(payout, "acct_sandbox_t")
    await after.undone(payout)
    await after.waiting(CorrectionStatus.WAITING)
    await after.again(payout, "pay_out_again")
    await after.undone_handle(payout).result()
    return after.undone_handle(payout)


async def left_alone(play: Play) -> Handle:
    await play.held()
    await play.cancel()
    await play.closed()
    after = Correcting(play)
    handle = await after.undone(after.operation("refund"))
    await handle.result()
    return handle


async def compared(play: Play) -> Handle:
    await _closed(play)
    handle = await play.environment.client.start_workflow(
        ReconciliationWorkflow.run, id=f"reconciliation-{new_id()}", task_queue=TaskQueue.SAGAS
    )
    await handle.result()
    return handle


async def played_by_robots(play: Play) -> Handle:
    """Play a run that nobody asked for: it ends at once."""
    run_id = new_id()
    handle = await play.environment.client.start_workflow(
        RoboWorkflow.run, run_id, id=robo_workflow_id(run_id), task_queue=TaskQueue.SAGAS
    )
    await handle.result()
    return handle


async def dispatching(play: Play) -> Handle:
    return await _in_its_shift(play, WebhookDispatcherWorkflow.run, "dispatch_webhooks")


async def notifying(play: Play) -> Handle:
    return await _in_its_shift(play, NotifierWorkflow.run, "deliver_notifications")


async def _in_its_shift(play: Play, run: Any, activity: str) -> Handle:
    """Return a workflow that was ended in its first shift: by itself it never ends."""
    handle = await play.environment.client.start_workflow(
        run, id=f"{activity}-{new_id()}", task_queue=TaskQueue.SAGAS
    )

    async def is_working() -> bool:
        shown = (await handle.describe()).raw_description.pending_activities
        return any(each.activity_type.name == activity for each in shown)

    await until(is_working)
    await handle.terminate()
    return handle


OTHER_EXITS: Mapping[str, OtherExit] = {
    "correction-goodwill": goodwill,
    "correction-goodwill-of-traveler": goodwill_of_the_traveler,
    "correction-refused": goodwill_refused,
    "correction-parked-and-given-up": goodwill_given_up,
    "correction-compensation": compensation,
    "correction-written-off": debt_written_off,
    "correction-tip": tip,
    "correction-tip-declined": tip_declined,
    "correction-tip-unsettled": tip_unsettled,
    **EXTRA_COST_EXITS,
    **ERASURE_EXITS,
    "undone-refunded-again": refunded_again,
    "undone-refunded-by-hand": refunded_by_hand,
    "undone-refunded-in-part": refunded_in_part,
    "undone-paid-out-again": paid_out_again,
    "undone-left-alone": left_alone,
    **CHARGEBACK_EXITS,
    "reconciliation-compared": compared,
    **ROUND_EXITS,
    **OVERRIDE_EXITS,
    "bulk-hold-done": bulk_hold,
    "robo-played": played_by_robots,
    "notifier-begun": notifying,
    "webhook-dispatcher-begun": dispatching,
}
"""By the name of the history that is kept of it; last come those whose shifts go on for a while."""
