"""Stripe behind its stand-in, as the conformance suite sees it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from activities.payment_ports import Operation, ProviderRefused
from domain.transitions import OperationKind
from infra.payments.stripe_onboarding import StripeOnboarding
from infra.payments.stripe_provider import StripeProvider
from tests.infra.payments.conformance.contract import CENT, Moved, Scene, Tokens
from tests.stripe_stand_in import DeliveryPlan, Fault, Json, StripeStandIn

OK = "pm_card_bypassPending"
METHODS = {
    Scene.DECLINES: "pm_card_visa_chargeDeclinedInsufficientFunds",
    Scene.ASKS_THE_CUSTOMER: "pm_card_threeDSecureRequired",
    Scene.REFUSES: "pm_of_nobody",
    Scene.ASKS_EACH_TIME: "pm_card_authenticationRequired",
    Scene.DECLINES_LATER: "pm_card_chargeCustomerFail",
}
ROUTES = {
    OperationKind.CHARGE: "POST /v1/payment_intents",
    OperationKind.AUTHORISE: "POST /v1/payment_intents",
    OperationKind.SAVE: "POST /v1/setup_intents",
    OperationKind.CAPTURE: "POST /v1/payment_intents/{intent}/capture",
    OperationKind.VOID: "POST /v1/refunds",
    OperationKind.REFUND: "POST /v1/refunds",
    OperationKind.TRANSFER: "POST /v1/transfers",
    OperationKind.REVERSAL: "POST /v1/transfers/{transfer}/reversals",
}
FAULTS = {
    Scene.ANSWER_IS_LOST: Fault.DROP_AFTER,
    Scene.UNAVAILABLE_ONCE: Fault.RATE_LIMIT,
    Scene.ERROR_IS_KEPT: Fault.CACHED_500,
    Scene.ERROR_IS_KEPT_AFTERWARDS: Fault.CACHED_500_AFTER,
}


@dataclass
class StripeUnderTest:
    """Stripe's adapter in front of the stand-in, whose world and faults set every scene."""

    provider: StripeProvider
    onboarding: StripeOnboarding
    stand_in: StripeStandIn
    accounts: int = 0

    async def tell_everything(self, account: str) -> None:
        self.stand_in.world.complete_onboarding(account)

    async def tokens(self, scene: Scene) -> Tokens:
        ready = await self._account()
        refund = "pm_card_pendingRefund" if scene is Scene.TAKES_TIME else OK
        transfer = "acct_of_nobody" if scene is Scene.REFUSES else ready
        if scene is Scene.NOT_READY:
            self.stand_in.world.restrict_account(ready)
        return Tokens(METHODS.get(scene, OK), "pm_card_visa", refund, transfer, ready, ready)

    async def arrange(self, scene: Scene, operation: Operation) -> None:
        if (fault := FAULTS.get(scene)) is not None:
            self.stand_in.faults.put(ROUTES[operation.kind], fault)
        if scene is not Scene.REFUSES or operation.source is None:
            return
        if operation.kind in (OperationKind.VOID, OperationKind.REFUND):
            charge = self._intent(operation.source.operation_id)["latest_charge"]
            self.stand_in.world.open_dispute(charge)
        if operation.kind is OperationKind.CAPTURE:
            # What was taken already cannot be taken again.
            other = Operation(operation.kind, f"other-{operation.operation_id}", operation.source)
            await self.provider.capture(other, CENT)
        if operation.kind is OperationKind.REVERSAL:
            (sent,) = self._made("transfer", operation.source.operation_id)
            self.stand_in.world.pay_out_everything(sent["destination"])

    async def moved(self, prefix: str) -> list[Moved]:
        return list(self._moved(prefix))

    async def approve(self, operation_id: str) -> None:
        self._authenticate(operation_id, succeed=True)

    async def settle(self, operation_id: str) -> None:
        for refund in self._made("refund", operation_id):
            self.stand_in.world.settle_refund(refund["id"])

    async def reject(self, operation_id: str) -> None:
        self._authenticate(operation_id, succeed=False)

    async def fail_refund(self, operation_id: str) -> None:
        for refund in self._made("refund", operation_id):
            self.stand_in.world.fail_refund(refund["id"])

    async def lapse(self, operation_id: str) -> None:
        charge = self._intent(operation_id)["latest_charge"]
        self.stand_in.world.move_capture_before(charge, self.stand_in.clock.now())

    async def message_about(
        self, operation_id: str, *, signed_s_ago: int = 0, secret: str | None = None
    ) -> tuple[bytes, dict[str, str]]:
        about = [each for each in self.stand_in.events if _is_about(each, operation_id)]
        plan = DeliveryPlan(signed_at=int(time.time()) - signed_s_ago, secret=secret)
        (post,) = self.stand_in.webhooks.posts(about[-1:], plan)
        return post.body, post.headers

    async def _account(self) -> str:
        self.accounts += 1
        account = await self.onboarding.open_account(f"traveler-{self.accounts}", "ES", "EUR")
        self.stand_in.world.complete_onboarding(account)
        return account

    def _authenticate(self, operation_id: str, *, succeed: bool) -> None:
        try:
            self.stand_in.world.authenticate(self._intent(operation_id)["id"], succeed=succeed)
        except ValueError as reason:
            raise ProviderRefused(str(reason)) from reason

    def _intent(self, operation_id: str) -> Json:
        made = [
            *self._made("payment_intent", operation_id),
            *self._made("setup_intent", operation_id),
        ]
        return made[-1]

    def _made(self, kind: str, prefix: str, name: str = "op_id") -> list[Json]:
        return [
            each
            for each in self.stand_in.view.objects(kind)
            if each["metadata"].get(name, "").startswith(prefix)
        ]

    def _moved(self, prefix: str) -> Iterator[Moved]:
        for intent in self._made("payment_intent", prefix):
            if intent["amount_received"] and intent["capture_method"] == "automatic":
                yield _entry(OperationKind.CHARGE, intent, intent["amount_received"])
        for intent in self._made("payment_intent", prefix, "capture_op_id"):
            taken = intent | {"id": intent["latest_charge"]}
            yield _entry(OperationKind.CHARGE, taken, intent["amount_received"])
        for refund in self._made("refund", prefix):
            if refund["status"] == "succeeded":
                yield _entry(OperationKind.REFUND, refund, refund["amount"])
        for kind, name in (
            (OperationKind.TRANSFER, "transfer"),
            (OperationKind.REVERSAL, "transfer_reversal"),
        ):
            for made in self._made(name, prefix):
                yield _entry(kind, made, made["amount"])


def _entry(kind: OperationKind, made: Json, amount: int) -> Moved:
    return Moved(kind, amount, made["currency"].upper(), made["id"])


def _is_about(event: Json, operation_id: str) -> bool:
    subject = event["data"]["object"]
    kinds = ("payment_intent", "setup_intent", "refund", "transfer")
    return subject["object"] in kinds and subject["metadata"].get("op_id") == operation_id
