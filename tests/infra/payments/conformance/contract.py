"""What a payment provider must bring along to be put through the conformance suite."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import uuid4

from activities.ports import PaymentProvider, ProviderAnswer
from domain.money import Money
from domain.transitions import OperationKind


class Scene(StrEnum):
    """What the provider is made to do; each provider says with which tokens."""

    GOES_WELL = "goes_well"
    ANSWER_IS_LOST = "answer_is_lost"
    UNAVAILABLE_ONCE = "unavailable_once"
    REFUSES = "refuses"
    DECLINES = "declines"
    ASKS_THE_CUSTOMER = "asks_the_customer"
    TAKES_TIME = "takes_time"


@dataclass(frozen=True)
class Tokens:
    """The tokens that set one scene."""

    method: str
    """Charges made with it play the scene."""
    method_of_refund: str
    """Charges made with it go well; their refunds and voids play the scene."""
    account_of_transfer: str
    """Transfers to it play the scene."""
    account_of_payout: str
    """Transfers to it go well; payouts from it play the scene."""


class Stage(Protocol):
    """The people and banks that a charge may wait for."""

    async def approve(self, operation_id: str) -> None:
        """The customer does what the charge requires."""

    async def settle(self, operation_id: str) -> None:
        """The bank confirms a pending charge."""

    async def reject(self, operation_id: str) -> None:
        """An unsettled charge is turned down."""


@dataclass(frozen=True)
class Moved:
    """One movement of money in the provider's own books."""

    kind: OperationKind
    """A void that gave money back shows as a refund; one that moved nothing does not show."""
    amount_minor: int
    currency: str
    provider_id: str


@dataclass(frozen=True)
class ProviderUnderTest:
    """A provider with everything the suite needs to know of it."""

    provider: PaymentProvider
    tokens: dict[Scene, Tokens]
    stage: Stage
    moved: Callable[[str], Awaitable[list[Moved]]]
    """What moved under operation ids with a prefix, in the provider's own books."""

    async def charged(self, delivery: str, amount: Money, scene: Scene = Scene.GOES_WELL) -> str:
        """Charge, and return the charge's operation id."""
        charge_id = f"{delivery}:charge:0"
        await self.provider.charge(charge_id, amount, self.tokens[scene].method)
        return charge_id


@dataclass(frozen=True)
class Case:
    """One port method with everything before it done, ready to be asked."""

    kind: OperationKind
    operation_id: str
    ask: Callable[[], Awaitable[ProviderAnswer]]
    ask_otherwise: Callable[[], Awaitable[ProviderAnswer]]
    """The same operation id with another parameter."""


CHARGED = Money(4_200, "EUR")
PART = Money(3_780, "EUR")


def new_delivery() -> str:
    """Return a prefix for the operations of one test."""
    return f"conformance-{uuid4().hex}"


async def prepare(kind: OperationKind, under_test: ProviderUnderTest, scene: Scene) -> Case:
    """Do everything that comes before an operation, which then plays the scene."""
    delivery, tokens = new_delivery(), under_test.tokens[scene]
    provider, operation_id = under_test.provider, f"{delivery}:{kind}"
    if kind is OperationKind.CHARGE:
        return Case(
            kind,
            operation_id,
            lambda: provider.charge(operation_id, CHARGED, tokens.method),
            lambda: provider.charge(operation_id, PART, tokens.method),
        )
    charge_id = f"{delivery}:source"
    await provider.charge(charge_id, CHARGED, tokens.method_of_refund)
    if kind is OperationKind.VOID:
        other_id = f"{delivery}:other"
        await provider.charge(other_id, CHARGED, tokens.method_of_refund)
        return Case(
            kind,
            operation_id,
            lambda: provider.void(operation_id, charge_id),
            lambda: provider.void(operation_id, other_id),
        )
    if kind is OperationKind.REFUND:
        return Case(
            kind,
            operation_id,
            lambda: provider.refund(operation_id, charge_id, PART),
            lambda: provider.refund(operation_id, charge_id, CHARGED),
        )
    if kind is OperationKind.TRANSFER:
        account = tokens.account_of_transfer
        return Case(
            kind,
            operation_id,
            lambda: provider.transfer(operation_id, charge_id, PART, account),
            lambda: provider.transfer(operation_id, charge_id, CHARGED, account),
        )
    account = tokens.account_of_payout
    await provider.transfer(f"{delivery}:funding", charge_id, CHARGED, account)
    return Case(
        kind,
        operation_id,
        lambda: provider.pay_out(operation_id, PART, account),
        lambda: provider.pay_out(operation_id, CHARGED, account),
    )
