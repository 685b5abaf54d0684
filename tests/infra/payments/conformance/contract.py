"""What a payment provider must bring along to be put through the conformance suite."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import uuid4

from activities.onboarding_ports import Onboarding
from activities.payment_ports import Operation, PaymentProvider, ProviderAnswer
from domain.money import Money
from domain.transitions import OperationKind, PaymentOutcome


class Scene(StrEnum):
    """What the provider is made to do; each provider says how."""

    GOES_WELL = "goes_well"
    ANSWER_IS_LOST = "answer_is_lost"
    UNAVAILABLE_ONCE = "unavailable_once"
    REFUSES = "refuses"
    ERROR_IS_KEPT = "error_is_kept"
    ERROR_IS_KEPT_AFTERWARDS = "error_is_kept_afterwards"
    DECLINES = "declines"
    ASKS_THE_CUSTOMER = "asks_the_customer"
    TAKES_TIME = "takes_time"
    NOT_READY = "not_ready"
    ASKS_EACH_TIME = "asks_each_time"
    """A method that can be saved and whose bank asks for its holder at every charge."""
    DECLINES_LATER = "declines_later"
    """A method that can be saved and is declined whenever it is charged."""


@dataclass(frozen=True)
class Tokens:
    """The tokens that set one scene."""

    method: str
    """Charges made with it play the scene, and so does saving it."""
    other_method: str
    """Another one, with which all goes well."""
    method_of_refund: str
    """Charges made with it go well; their captures, refunds and voids play the scene."""
    account_of_transfer: str
    """Transfers to it play the scene."""
    account_of_payout: str
    """Transfers to it go well; payouts from it play the scene."""
    account_of_reversal: str
    """Transfers to it go well; their reversals play the scene."""


@dataclass(frozen=True)
class Moved:
    """One movement of money in the provider's own books."""

    kind: OperationKind
    """A capture shows as a charge, a void that gave money back as a refund."""
    amount_minor: int
    currency: str
    provider_id: str


class ProviderUnderTest(Protocol):
    """A provider with everything the suite needs to know of it."""

    @property
    def provider(self) -> PaymentProvider:
        """The provider itself."""

    @property
    def onboarding(self) -> Onboarding:
        """How travelers are set up at it."""

    async def tell_everything(self, account: str) -> None:
        """Let a traveler tell the provider everything that it wants to know."""

    async def tokens(self, scene: Scene) -> Tokens:
        """Return tokens that set a scene, with accounts that are ready where they should be."""

    async def arrange(self, scene: Scene, operation: Operation) -> None:
        """Do what else the scene needs, right before the operation is asked for."""

    async def moved(self, prefix: str) -> list[Moved]:
        """Return what moved under operation ids with a prefix, in the provider's own books."""

    async def approve(self, operation_id: str) -> None:
        """Let the customer do what the bank wants."""

    async def settle(self, operation_id: str) -> None:
        """Let the bank confirm what is pending."""

    async def reject(self, operation_id: str) -> None:
        """Let the customer or the bank turn down what is not settled."""

    async def fail_refund(self, operation_id: str) -> None:
        """Let the bank send a refund back."""

    async def lapse(self, operation_id: str) -> None:
        """Let the bank give up an authorisation that nobody captured."""

    async def message_about(
        self, operation_id: str, *, signed_s_ago: int = 0, secret: str | None = None
    ) -> tuple[bytes, dict[str, str]]:
        """Return the provider's own message about an operation: raw body and headers."""


@dataclass(frozen=True)
class Case:
    """One port method with everything before it done, ready to be asked."""

    operation: Operation
    ask: Callable[[], Awaitable[ProviderAnswer]]
    ask_otherwise: Callable[[], Awaitable[ProviderAnswer]]
    """The same operation id with another parameter."""


CHARGED = Money(4_200, "EUR")
PART = Money(3_780, "EUR")
CENT = Money(1, "EUR")


def new_delivery() -> str:
    """Return a prefix for the operations of one test."""
    return f"conformance-{uuid4().hex}"


def charge_of(delivery: str, number: int = 0) -> Operation:
    """Return a charge of a delivery."""
    return Operation(OperationKind.CHARGE, f"{delivery}:charge:{number}")


def drawing(kind: OperationKind, source: Operation, suffix: str = "") -> Operation:
    """Return an operation that draws on another one of the same delivery."""
    return Operation(kind, f"{source.delivery_id}:{kind}{suffix}", source)


async def charged(
    under_test: ProviderUnderTest,
    delivery: str,
    amount: Money = CHARGED,
    scene: Scene = Scene.GOES_WELL,
) -> Operation:
    """Charge, and return the charge."""
    charge = charge_of(delivery)
    tokens = await under_test.tokens(scene)
    await under_test.provider.charge(charge, amount, tokens.method)
    return charge


async def held(
    under_test: ProviderUnderTest, delivery: str, scene: Scene = Scene.GOES_WELL
) -> Operation:
    """Authorise, and return the authorisation."""
    hold = Operation(OperationKind.AUTHORISE, f"{delivery}:authorise")
    tokens = await under_test.tokens(scene)
    await under_test.provider.authorise(hold, CHARGED, tokens.method)
    return hold


async def saved(
    under_test: ProviderUnderTest, delivery: str, scene: Scene = Scene.GOES_WELL
) -> Operation:
    """Save a method, and return the operation; a customer who is asked agrees."""
    operation = Operation(OperationKind.SAVE, f"{delivery}:save")
    method = (await under_test.tokens(scene)).method
    answer = await under_test.provider.save_method(operation, method)
    if answer.outcome is PaymentOutcome.REQUIRES_ACTION:
        await under_test.approve(operation.operation_id)
    return operation


async def token_of(under_test: ProviderUnderTest, operation: Operation) -> str:
    """Return with what a saved method is charged."""
    answer = await under_test.provider.find(operation)
    assert answer is not None
    return answer.saved_method


async def ready_account(under_test: ProviderUnderTest) -> str:
    """Return an account that can be sent money."""
    return (await under_test.tokens(Scene.GOES_WELL)).account_of_transfer


async def prepare(
    kind: OperationKind, under_test: ProviderUnderTest, scene: Scene, *, arranged: bool = True
) -> Case:
    """Do everything that comes before an operation, which then plays the scene."""
    case = await _case(kind, under_test, await under_test.tokens(scene))
    if arranged:
        await under_test.arrange(scene, case.operation)
    return case


async def _case(kind: OperationKind, under_test: ProviderUnderTest, tokens: Tokens) -> Case:
    delivery, provider = new_delivery(), under_test.provider
    if kind is OperationKind.CHARGE:
        charge = charge_of(delivery)
        return Case(
            charge,
            lambda: provider.charge(charge, CHARGED, tokens.method),
            lambda: provider.charge(charge, PART, tokens.method),
        )
    hold = Operation(OperationKind.AUTHORISE, f"{delivery}:authorise")
    if kind is OperationKind.AUTHORISE:
        return Case(
            hold,
            lambda: provider.authorise(hold, CHARGED, tokens.method),
            lambda: provider.authorise(hold, PART, tokens.method),
        )
    if kind is OperationKind.SAVE:
        save = Operation(kind, f"{delivery}:save")
        return Case(
            save,
            lambda: provider.save_method(save, tokens.method),
            lambda: provider.save_method(save, tokens.other_method),
        )
    if kind is OperationKind.CAPTURE:
        await provider.authorise(hold, CHARGED, tokens.method_of_refund)
        capture = drawing(kind, hold)
        return Case(
            capture,
            lambda: provider.capture(capture, PART),
            lambda: provider.capture(capture, CHARGED),
        )
    return await _case_of_charge(kind, provider, delivery, tokens)


async def _case_of_charge(
    kind: OperationKind, provider: PaymentProvider, delivery: str, tokens: Tokens
) -> Case:
    source = Operation(OperationKind.CHARGE, f"{delivery}:source")
    await provider.charge(source, CHARGED, tokens.method_of_refund)
    operation = drawing(kind, source)
    if kind is OperationKind.VOID:
        other = Operation(OperationKind.CHARGE, f"{delivery}:other")
        await provider.charge(other, CHARGED, tokens.method_of_refund)
        otherwise = Operation(kind, operation.operation_id, other)
        return Case(operation, lambda: provider.void(operation), lambda: provider.void(otherwise))
    if kind is OperationKind.REFUND:
        return Case(
            operation,
            lambda: provider.refund(operation, PART),
            lambda: provider.refund(operation, CHARGED),
        )
    account = tokens.account_of_transfer
    if kind is OperationKind.TRANSFER:
        return Case(
            operation,
            lambda: provider.transfer(operation, PART, account),
            lambda: provider.transfer(operation, CHARGED, account),
        )
    if kind is OperationKind.REVERSAL:
        sent = Operation(OperationKind.TRANSFER, f"{delivery}:sent", source)
        await provider.transfer(sent, CHARGED, tokens.account_of_reversal)
        reversal = drawing(kind, sent)
        return Case(
            reversal,
            lambda: provider.reverse(reversal, PART),
            lambda: provider.reverse(reversal, CHARGED),
        )
    return await _case_of_payout(provider, source, tokens.account_of_payout)


async def _case_of_payout(provider: PaymentProvider, source: Operation, account: str) -> Case:
    await provider.transfer(drawing(OperationKind.TRANSFER, source), CHARGED, account)
    payout = Operation(OperationKind.PAYOUT, f"{source.delivery_id}:payout")
    return Case(
        payout,
        lambda: provider.pay_out(payout, PART, account),
        lambda: provider.pay_out(payout, CHARGED, account),
    )
