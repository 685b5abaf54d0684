"""What the payment activities need from the world: a provider that moves money.

A card that is declined is an answer; an exception means that there is no answer to build on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from domain.money import Money
from domain.transitions import (
    OperationKind,
    PaymentOutcome,
)

AUTHORISATION_ENDED = "authorisation_ended"
"""Detail of a capture that came too late: the bank or a void had let the money go."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as the provider is asked for it.

    Idempotency: `key` stays the same on every try of one attempt. A new attempt begins only once
    the key of the one before can have no further effect.
    """

    kind: OperationKind
    operation_id: str
    """Ours; it begins with the delivery's id and a colon."""
    source: Operation | None = None
    """The charge that a capture, void, refund or transfer draws on; the transfer of a reversal; the
    saved method of a void. A transfer may also send again what a reversal brought back, or have no
    source and come out of the platform's own balance."""
    attempt: int = 1
    """Counted from 1."""
    first_sent_at: datetime | None = None
    """When this attempt was first sent, in UTC; none before that, or when nobody knows."""
    provider_id: str = ""
    """The provider's id of what this attempt made; empty while it is not known."""

    @property
    def key(self) -> str:
        """The idempotency key of this attempt."""
        return self.operation_id if self.attempt == 1 else f"{self.operation_id}/{self.attempt}"

    @property
    def delivery_id(self) -> str:
        """The delivery whose money is moved."""
        return self.operation_id.partition(":")[0]


def draws_on_charge(transfer: Operation) -> bool:
    """Tell whether a transfer comes out of a charge, and not out of the platform's own balance."""
    return transfer.source is not None and transfer.source.kind is not OperationKind.REVERSAL


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """How a payment provider answered one operation."""

    outcome: PaymentOutcome
    provider_id: str
    """The provider's id of the object it made; empty when it made none."""
    detail: str = ""
    """Decline code or required action."""
    fee: Money | None = None
    """What the provider itself keeps of a charge; none while it has not said."""
    capture_before: datetime | None = None
    """For money that is authorised and not captured: when the bank lets it go, in UTC."""
    saved_method: str = field(default="", repr=False)
    """For a method that is saved: the token that a charge takes while the customer is away."""


class ProviderUnavailable(Exception):
    """The provider was not reached or asks to try later; nothing happened. Try again."""


class ProviderRefused(Exception):
    """The provider refuses for good; trying again cannot help."""

    def __init__(self, text: str, *, code: str = "", key_spent: bool = False) -> None:
        super().__init__(text)
        self.code = code
        """The provider's own word for the reason, when it has one."""
        self.key_spent = key_spent
        """This answer is an old one that the provider kept under the key and will always repeat."""


class AccountNotReady(ProviderRefused):
    """The traveler's account may not be sent money yet; it can, once it is set up."""


class OutcomeUnknown(Exception):
    """The provider may or may not have done it: look it up before anything else."""

    def __init__(self, text: str, *, key_spent: bool = False) -> None:
        super().__init__(text)
        self.key_spent = key_spent
        """This failure is kept under the key: asking under it again will never say more."""


class WebhookRefused(Exception):
    """A message that claims to come from the provider and does not prove it, or is too old."""


class WebhookOfOtherMode(WebhookRefused):
    """A message that the provider has sent, about play money while ours is real, or the reverse."""


@dataclass(frozen=True, slots=True)
class ProviderCapabilities:
    """What an adapter can do; nothing outside the adapters asks for its name to find out."""

    name: str
    """Name of the provider, for people and for the key of its events."""
    manual_capture: bool
    """`authorise` and `capture` work."""
    off_session: bool
    """`save_method` works, and what it saved can be charged while the customer is away."""
    reversals: bool
    """`reverse` works."""
    automatic_payouts: bool
    """The provider sends travelers' money to their banks by itself; `pay_out` is refused."""
    onboarding: bool
    """A traveler must be set up at the provider before money can be transferred."""
    disputes: bool
    """It reports chargebacks and takes evidence."""
    key_life: timedelta | None
    """How long it surely remembers a key; none means for ever."""
    amount_steps: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Smallest difference between two amounts, in minor units, where that is not one."""

    def step_minor(self, currency: str) -> int:
        """Return the smallest difference between two amounts of a currency, in minor units."""
        return self.amount_steps.get(currency, 1)

    @property
    def kinds(self) -> frozenset[OperationKind]:
        """The operations that can be asked for."""
        missing = set()
        if not self.manual_capture:
            missing |= {OperationKind.AUTHORISE, OperationKind.CAPTURE}
        if not self.off_session:
            missing |= {OperationKind.SAVE}
        if not self.reversals:
            missing |= {OperationKind.REVERSAL}
        if self.automatic_payouts:
            missing |= {OperationKind.PAYOUT}
        return frozenset(OperationKind) - missing


@dataclass(frozen=True, slots=True)
class CustomerAction:
    """What a customer needs to do what the bank wants; shown to nobody else and kept nowhere."""

    kind: str
    """The provider's word for what must be done."""
    client_secret: str = field(repr=False)
    """What the customer's own device presents to the provider."""


class ProviderEventKind(StrEnum):
    """What an event of the provider is about."""

    CHARGE = "charge"
    REFUND = "refund"
    TRANSFER = "transfer"
    PAYOUT = "payout"
    DISPUTE = "dispute"
    ACCOUNT = "account"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """News of the provider: ids and kinds only; whoever acts on it reads the object again."""

    event_id: str
    """The provider's id of the event; the same on every delivery of it."""
    kind: ProviderEventKind
    name: str
    """The provider's own name of the event."""
    object_id: str
    """The provider's id of what changed."""
    happened_at: datetime
    """When it happened by the provider's clock, in UTC."""
    operation_id: str = ""
    """Ours, when what changed was made by one of our operations."""
    charge_id: str = ""
    """The provider's id of the charge that a refund or dispute is about."""
    account: str = ""
    """The traveler's account where it happened; empty for the platform's own."""


class PaymentProvider(Protocol):
    """A payment provider: everything that moves money, under our operation ids.

    Raises:
        ProviderUnavailable, ProviderRefused, OutcomeUnknown: from every method that calls out.
    Idempotency: the same attempt of an operation gives the same answer and at most one effect.
    """

    @property
    def capabilities(self) -> ProviderCapabilities:
        """What this provider can do."""
        ...

    async def charge(
        self, operation: Operation, amount: Money, method: str, *, off_session: bool = False
    ) -> ProviderAnswer:
        """Charge the customer's payment method; the platform then holds the money.

        A bank that wants to ask a customer who is away is answered by `requires_action`: the
        customer has to come back.
        """
        ...

    async def authorise(
        self, operation: Operation, amount: Money, method: str, *, off_session: bool = False
    ) -> ProviderAnswer:
        """Have the bank set money aside; `capture` takes it before `capture_before`, or never."""
        ...

    async def save_method(self, operation: Operation, method: str) -> ProviderAnswer:
        """Have a payment method saved, so that it can be charged while the customer is away."""
        ...

    async def capture(self, operation: Operation, amount: Money) -> ProviderAnswer:
        """Take authorised money, once; what is not taken is let go.

        An authorisation that is not in force any more is answered as a decline.
        """
        ...

    async def void(self, operation: Operation) -> ProviderAnswer:
        """Make sure that the source is not or no longer in force.

        A charge is cancelled or refunded in full, a saved method is forgotten.
        """
        ...

    async def refund(self, operation: Operation, amount: Money) -> ProviderAnswer:
        """Give money of the source charge back to the customer."""
        ...

    async def transfer(self, operation: Operation, amount: Money, account: str) -> ProviderAnswer:
        """Move money of the source charge to the traveler's account at the provider.

        Without a source, or with a reversal for it, it comes out of the platform's own balance.

        Raises:
            AccountNotReady: the account may not be sent money yet.
        """
        ...

    async def reverse(self, operation: Operation, amount: Money) -> ProviderAnswer:
        """Take money of the source transfer back from the traveler's account."""
        ...

    async def pay_out(self, operation: Operation, amount: Money, account: str) -> ProviderAnswer:
        """Send the account's money to the traveler's bank."""
        ...

    async def find(self, operation: Operation) -> ProviderAnswer | None:
        """Return what became of an operation, whichever attempt made it; none when none did."""
        ...

    async def action_for(self, operation: Operation) -> CustomerAction | None:
        """Return what the customer needs to settle an operation; none when it waits for nobody."""
        ...

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """Read one message of the provider from its raw body; it changes nothing.

        Raises:
            WebhookRefused: it is not signed by the provider, or not now.
        """
        ...
