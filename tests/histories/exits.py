"""The ways a delivery can end, each played once so that its history can be kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from domain.contracts import AttentionAction, CodePurpose, ResolveAttention
from domain.policies import HorizonPolicy, Policies
from domain.status import DeliveryStatus
from infra.payments.sandbox import SandboxProvider
from tests.workflows.play import Play, refusal_of

NEAR, FAR = timedelta(days=4), timedelta(days=100)
CAPTURED_AFTER_A_DAY = Policies(horizons=HorizonPolicy(capture_margin_s=6 * 86_400))


@dataclass(frozen=True)
class Exit:
    """One way through a delivery, from its request to its close."""

    play: Callable[[Play, SandboxProvider], Awaitable[None]]
    closes: DeliveryStatus
    due_in: timedelta | None = None
    """How far ahead the handover is; the policy's windows when none."""
    policies: Policies = Policies()  # noqa: RUF009 -- It is frozen all the way down.

    def staged(self, play: Play) -> Play:
        """Return the delivery with its horizon."""
        if self.due_in is not None:
            play.order = replace(play.order, deliver_by=datetime.now(UTC) + self.due_in)
        return play


async def _carried(play: Play) -> None:
    await play.scan(CodePurpose.PICKUP)
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()


async def expired(play: Play, provider: SandboxProvider) -> None:
    await play.open()
    await play.submit()
    await play.pass_time(timedelta(days=7, seconds=5))


async def never_paid(play: Play, provider: SandboxProvider) -> None:
    await play.open()
    await play.submit()
    await play.accept("pm_sandbox_declined")
    await play.reach(DeliveryStatus.PAYMENT_DUE)
    await play.pass_time(timedelta(days=1, seconds=5))


async def paid_with_another_method(play: Play, provider: SandboxProvider) -> None:
    await play.open()
    await play.submit()
    await play.accept("pm_sandbox_pending")
    await play.reach(DeliveryStatus.PAYMENT_DUE)
    await play.give_method("pm_sandbox_ok")
    await play.reach(DeliveryStatus.AWAITING_PICKUP)
    await _carried(play)


async def not_collected(play: Play, provider: SandboxProvider) -> None:
    await play.held()
    await play.pass_time(timedelta(days=3, seconds=5))


async def overdue(play: Play, provider: SandboxProvider) -> None:
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    await play.pass_time(timedelta(days=10, seconds=5))
    await play.happened("dispute_opened")
    await play.pass_dispute_time(timedelta(days=14, seconds=5))


async def undecided(play: Play, provider: SandboxProvider) -> None:
    await play.delivered()
    await play.dispute()
    await play.pass_dispute_time(timedelta(days=5, seconds=5))
    await play.happened("verdict_overdue")
    await play.pass_dispute_time(timedelta(days=9, seconds=5))


async def refunded_by_hand(play: Play, provider: SandboxProvider) -> None:
    await play.held("pm_sandbox_ok_refund_refused")
    await play.cancel()
    await play.parked("refund_funds")
    await play.resolve(ResolveAttention(AttentionAction.DONE_BY_HAND, "re_by_hand", "done there"))


async def paid_out_later(play: Play, provider: SandboxProvider) -> None:
    await play.delivered("acct_sandbox_t_payout_refused")
    await play.confirm()
    await play.parked("pay_out")
    await play.resolve(ResolveAttention(AttentionAction.SKIP, reason="the account is closed"))


async def stopped(play: Play, provider: SandboxProvider) -> None:
    await play.held()
    await play.handle.cancel()


async def reserved(play: Play, provider: SandboxProvider) -> None:
    await play.held()
    await _carried(play)


async def reserved_and_cancelled(play: Play, provider: SandboxProvider) -> None:
    await play.held()
    await play.cancel()


async def reserved_and_lapsed(play: Play, provider: SandboxProvider) -> None:
    await play.held()
    await provider.lapse(f"{play.order.delivery_id}:authorise:1")
    await refusal_of(play.scan(CodePurpose.PICKUP))
    await play.reach(DeliveryStatus.PAYMENT_DUE)
    await play.give_method("pm_sandbox_ok")
    await play.reach(DeliveryStatus.AWAITING_PICKUP)
    await _carried(play)


async def captured_early(play: Play, provider: SandboxProvider) -> None:
    await play.held()
    await play.pass_time(timedelta(days=1, seconds=5))
    await play.happened("payment_captured")
    await _carried(play)


async def _scheduled(play: Play, method: str) -> None:
    await play.open()
    await play.submit()
    await play.accept(method)
    await play.reach(DeliveryStatus.SCHEDULED)


async def saved(play: Play, provider: SandboxProvider) -> None:
    await _scheduled(play, "pm_sandbox_ok")
    await play.pass_time(timedelta(days=70, seconds=5))
    await play.reach(DeliveryStatus.AWAITING_PICKUP)
    await _carried(play)


async def saved_and_cancelled(play: Play, provider: SandboxProvider) -> None:
    await _scheduled(play, "pm_sandbox_ok")
    await play.cancel()


async def saved_and_declined_later(play: Play, provider: SandboxProvider) -> None:
    await _scheduled(play, "pm_sandbox_declines_later")
    await play.pass_time(timedelta(days=70, seconds=5))
    await play.reach(DeliveryStatus.PAYMENT_DUE)
    await play.give_method("pm_sandbox_ok")
    await play.reach(DeliveryStatus.AWAITING_PICKUP)
    await _carried(play)


async def account_awaited(play: Play, provider: SandboxProvider) -> None:
    await play.delivered("acct_sandbox_t_not_ready_1")
    await play.confirm()
    await play.happened("account_awaited")
    await play.news()


_S = DeliveryStatus

EXITS: Mapping[str, Exit] = {
    "expired": Exit(expired, _S.EXPIRED),
    "never-paid": Exit(never_paid, _S.CANCELLED),
    "paid-with-another-method": Exit(paid_with_another_method, _S.COMPLETED),
    "not-collected": Exit(not_collected, _S.CANCELLED),
    "overdue": Exit(overdue, _S.REFUNDED),
    "undecided": Exit(undecided, _S.COMPLETED),
    "refunded-by-hand": Exit(refunded_by_hand, _S.CANCELLED),
    "paid-out-later": Exit(paid_out_later, _S.COMPLETED),
    "stopped": Exit(stopped, _S.CANCELLED),
    "account-awaited": Exit(account_awaited, _S.COMPLETED),
    "reserved": Exit(reserved, _S.COMPLETED, NEAR),
    "reserved-and-cancelled": Exit(reserved_and_cancelled, _S.CANCELLED, NEAR),
    "reserved-and-lapsed": Exit(reserved_and_lapsed, _S.COMPLETED, NEAR),
    "captured-early": Exit(captured_early, _S.COMPLETED, NEAR, CAPTURED_AFTER_A_DAY),
    "saved": Exit(saved, _S.COMPLETED, FAR),
    "saved-and-cancelled": Exit(saved_and_cancelled, _S.CANCELLED, FAR),
    "saved-and-declined-later": Exit(saved_and_declined_later, _S.COMPLETED, FAR),
}
"""By the name of the history that is kept of it."""
