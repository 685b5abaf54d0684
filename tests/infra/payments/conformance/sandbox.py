"""The sandbox, as the conformance suite sees it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from activities.payment_ports import Operation
from domain.transitions import OperationKind, PaymentOutcome
from infra.payments.sandbox import SandboxProvider
from infra.payments.sandbox_books import SandboxObject
from infra.payments.sandbox_events import SANDBOX_SECRET, event_about
from infra.payments.sandbox_onboarding import SandboxOnboarding
from tests.infra.payments.conformance.contract import Moved, Scene, Tokens

FAULTS = {
    Scene.ANSWER_IS_LOST: "timeout_after_success",
    Scene.UNAVAILABLE_ONCE: "unavailable",
    Scene.REFUSES: "refused",
    Scene.ERROR_IS_KEPT: "error_kept",
    Scene.ERROR_IS_KEPT_AFTERWARDS: "error_kept_after_success",
}
CHARGE_SCRIPTS = {
    Scene.DECLINES: "declined_insufficient_funds",
    Scene.ASKS_THE_CUSTOMER: "requires_action",
    Scene.TAKES_TIME: "pending",
    Scene.ASKS_EACH_TIME: "asks_again",
    Scene.DECLINES_LATER: "declines_later",
}
MOVES = {
    OperationKind.CAPTURE: OperationKind.CHARGE,
    OperationKind.VOID: OperationKind.REFUND,
}
"""How movements are shown where that is not the operation's own kind."""


@dataclass
class SandboxUnderTest:
    """The sandbox: its tokens set every scene."""

    provider: SandboxProvider
    onboarding: SandboxOnboarding = field(default_factory=SandboxOnboarding)

    async def tell_everything(self, account: str) -> None:
        """Do nothing: the sandbox asks for nothing."""

    async def tokens(self, scene: Scene) -> Tokens:
        account, method = f"acct_sandbox_{uuid4().hex}", "pm_sandbox_ok"
        other = f"{method}_refund_pending"
        if (fault := FAULTS.get(scene)) is not None:
            return Tokens(
                f"pm_sandbox_{fault}",
                other,
                f"{method}_refund_{fault}",
                f"{account}_{fault}",
                f"{account}_payout_{fault}",
                f"{account}_reversal_{fault}",
            )
        refund = f"{method}_refund_pending" if scene is Scene.TAKES_TIME else method
        transfer = f"{account}_not_ready_1" if scene is Scene.NOT_READY else account
        script = CHARGE_SCRIPTS.get(scene, "ok")
        return Tokens(f"pm_sandbox_{script}", other, refund, transfer, account, account)

    async def arrange(self, scene: Scene, operation: Operation) -> None:
        """Do nothing: the tokens say it all."""

    async def moved(self, prefix: str) -> list[Moved]:
        return [_moved(entry) for entry in await self.provider.objects(prefix) if _counts(entry)]

    async def approve(self, operation_id: str) -> None:
        await self.provider.approve(operation_id)

    async def settle(self, operation_id: str) -> None:
        await self.provider.settle(operation_id)

    async def reject(self, operation_id: str) -> None:
        await self.provider.reject(operation_id)

    async def fail_refund(self, operation_id: str) -> None:
        await self.provider.fail_refund(operation_id)

    async def lapse(self, operation_id: str) -> None:
        await self.provider.lapse(operation_id)

    async def message_about(
        self, operation_id: str, *, signed_s_ago: int = 0, secret: str | None = None
    ) -> tuple[bytes, dict[str, str]]:
        (changed,) = await self.provider.objects(operation_id)
        at = datetime.fromtimestamp(int(time.time()) - signed_s_ago, UTC)
        return event_about(changed, at, secret or SANDBOX_SECRET)


def _counts(entry: SandboxObject) -> bool:
    took = entry.kind is not OperationKind.AUTHORISE
    return took and entry.outcome is PaymentOutcome.SUCCEEDED and entry.amount_minor > 0


def _moved(entry: SandboxObject) -> Moved:
    kind = MOVES.get(entry.kind, entry.kind)
    return Moved(kind, entry.amount_minor, entry.currency, entry.provider_id)
