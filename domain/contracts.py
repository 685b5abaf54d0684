"""The messages that cross the borders between the API, the workflows and the activities.

Everything here is serialised by Temporal's default JSON converter: strings, integers, enums,
datetimes and nested frozen dataclasses. No field carries personal data; people are ids.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.disputing.ladder import Ladder
from domain.ids import DeliveryId, DisputeId, OfferId, PersonId
from domain.journey.terms import UndeliverableAction
from domain.money import Money
from domain.policies import Policies, VerdictOutcome


class Role(StrEnum):
    """In which capacity somebody acts on one delivery."""

    CUSTOMER = "customer"
    SENDER = "sender"
    RECIPIENT = "recipient"
    TRAVELER = "traveler"
    AGENT = "agent"
    OPERATOR = "operator"
    PLATFORM = "platform"


class CodePurpose(StrEnum):
    """What a handover code proves."""

    PICKUP = "pickup"
    HANDOVER = "handover"
    RETURN = "return"
    RELAY = "relay"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something, and in which capacity."""

    role: Role
    """The capacity."""
    person_id: PersonId | None = None
    """The person; none for the platform itself."""
    acted_by: PersonId | None = None
    """Who of the staff did it in the person's place; none for the person."""


PLATFORM = Actor(Role.PLATFORM)
"""The platform acting by itself: a clock ran out or a provider answered."""


@dataclass(frozen=True, slots=True)
class DeliveryOrder:
    """Input of the delivery workflow."""

    delivery_id: DeliveryId
    """The delivery; the workflow id is `delivery:<delivery_id>`."""
    customer_id: PersonId
    """Who pays."""
    sender_id: PersonId
    """Who hands the parcel over at pickup; the customer unless named."""
    recipient_id: PersonId | None
    """Who receives it, when that person has an account."""
    currency: str
    """ISO 4217 code of every amount of this delivery."""
    request_expires_at: datetime
    """When the request expires without an accepted offer, in UTC."""
    pickup_by: datetime | None
    """Latest pickup the customer named; the policy's window when none."""
    deliver_by: datetime | None
    """Latest handover the customer named; the policy's window when none."""
    policies: Policies = field(default_factory=Policies)
    """The policies in force when the delivery was opened."""
    undeliverable_action: UndeliverableAction | None = None
    """What the customer wants done when the parcel cannot be handed over; none for those who were
    never asked, and an agent looks into it then."""
    reopens: bool = True
    """Whether it is opened to other travelers when the one who was accepted leaves before pickup."""
    acted_by: PersonId | None = None
    """Who of the staff opened it in the customer's place; none for the customer."""


@dataclass(frozen=True, slots=True)
class SubmitOffer:
    """A traveler offers to carry the parcel for a price."""

    actor: Actor
    """The traveler."""
    offer_id: OfferId
    """Id of the new offer, made by the API."""
    price_minor: int
    """Price in minor units of the delivery's currency."""


@dataclass(frozen=True, slots=True)
class CounterOffer:
    """Either side of an offer names another price; the other side must then answer."""

    actor: Actor
    """The customer, or the offer's traveler."""
    offer_id: OfferId
    """An open offer of this delivery."""
    price_minor: int
    """Revised price in minor units."""


@dataclass(frozen=True, slots=True)
class WithdrawOffer:
    """A traveler takes an offer back."""

    actor: Actor
    """The offer's traveler."""
    offer_id: OfferId
    """An open offer of this delivery."""


@dataclass(frozen=True, slots=True)
class AcceptOffer:
    """The customer accepts an offer; the payment is held next."""

    actor: Actor
    """The customer."""
    offer_id: OfferId
    """An open offer whose price the traveler named last."""
    payment_method: str
    """The payment provider's token of the method; never card data."""
    payout_account: str
    """The traveler's account at the payment provider; empty while there is none."""
    price_minor: int
    """The price the customer saw, in minor units; another one by now refuses the acceptance."""


@dataclass(frozen=True, slots=True)
class GivePaymentMethod:
    """The customer names another payment method after a decline."""

    actor: Actor
    """The customer."""
    payment_method: str
    """The payment provider's token of the method."""


@dataclass(frozen=True, slots=True)
class ScanCode:
    """The traveler scanned the code that the counterparty showed.

    Only a keyed digest of what was scanned travels, so that no code is ever in a history.
    """

    actor: Actor
    """The traveler of the accepted offer."""
    purpose: CodePurpose
    """Which of the two handovers the code proves."""
    digest: str
    """Keyed digest of the scanned code or typed PIN, in hex."""
    is_pin: bool
    """True for a typed PIN, whose wrong tries are counted."""
    claim_id: str = ""
    """For a scan that was made without network: the claim that tells of it."""
    claimed_at: datetime | None = None
    """When that was, by the clock of the traveler's device, in UTC."""
    attempt_id: str = field(default="", compare=False)
    """Row of the attempt; the same code at a second attempt is the same scan."""


@dataclass(frozen=True, slots=True)
class ReportArrival:
    """Signal: a position was close enough to the destination."""

    at: datetime
    """When the position was taken, in UTC."""
    distance_m: int
    """Distance to the destination in metres."""


@dataclass(frozen=True, slots=True)
class CancelDelivery:
    """A party cancels before pickup."""

    actor: Actor
    """The customer, the traveler of the accepted offer, or an agent."""
    cost_minor_max: int | None = None
    """What the customer agrees to pay for it, in minor units; anything when none."""
    reason: str = ""
    """Why an agent waives what it costs, at most 1,000 characters, no personal data."""


@dataclass(frozen=True, slots=True)
class ConfirmDelivery:
    """The customer confirms early: the dispute window ends now."""

    actor: Actor
    """The customer."""


class DisputeReason(StrEnum):
    """Why a party disputes a delivery."""

    DAMAGED = "damaged"
    MISSING_CONTENTS = "missing_contents"
    WRONG_PARCEL = "wrong_parcel"
    NOT_RECEIVED = "not_received"
    LOST = "lost"
    STOLEN = "stolen"
    OTHER = "other"
    HANDOVER_OVERDUE = "handover_overdue"
    STOPPED_BY_OPERATOR = "stopped_by_operator"
    HANDOVER_FAILED = "handover_failed"
    RETURN_OVERDUE = "return_overdue"
    NO_SHOW_CONTESTED = "no_show_contested"


PLATFORM_REASONS = frozenset(
    {
        DisputeReason.HANDOVER_OVERDUE,
        DisputeReason.STOPPED_BY_OPERATOR,
        DisputeReason.HANDOVER_FAILED,
        DisputeReason.RETURN_OVERDUE,
        DisputeReason.NO_SHOW_CONTESTED,
    }
)
"""Reasons that no party gives: they say how the platform came to open the dispute."""


@dataclass(frozen=True, slots=True)
class OpenDispute:
    """A party disputes the delivery inside the window."""

    actor: Actor
    """The customer, the recipient or the traveler."""
    dispute_id: DisputeId
    """Id of the new dispute, made by the API."""
    reason: DisputeReason
    """What is wrong, from a closed list; the story itself is evidence."""
    desired: VerdictOutcome | None = None
    """How it should end; everything for the own side when none."""
    desired_refund_minor: int | None = None
    """For a split: what the customer should get back, in minor units."""


@dataclass(frozen=True, slots=True)
class DisputeOrder:
    """Input of the dispute workflow."""

    delivery_id: DeliveryId
    """The disputed delivery."""
    dispute_id: DisputeId
    """The dispute; the workflow id is `dispute:<dispute_id>`."""
    opened_by: Actor
    """The party that disputes; the platform or an operator when no party did."""
    reason: DisputeReason
    """Why it was opened."""
    held: Money
    """The held payment that the verdict shares out."""
    handover_proven: bool
    """Whether the recipient's code was accepted before the dispute."""
    standing: Standing
    """Where the delivery stands when the dispute opens."""
    order: DeliveryOrder
    """The disputed delivery's order, with the policies it was opened under."""
    ladder: Ladder | None = None
    """Where its ladder begins; none for disputes that an agent alone decides, as they once were."""


@dataclass(frozen=True, slots=True)
class DecideDispute:
    """An agent's verdict."""

    actor: Actor
    """A support agent."""
    outcome: VerdictOutcome
    """Release, refund or split."""
    refund_minor: int | None = None
    """For a split: what the customer gets back, in minor units, strictly between zero and the held
    payment. None otherwise."""
    note: str = ""
    """Reason given to both parties; at most 1,000 characters, no personal data."""
    version: int | None = None
    """The version of the dispute that the agent has seen; none when the agent did not say."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision that settles the money; the two parts sum to the held payment."""

    outcome: VerdictOutcome
    """Release, refund or split."""
    refund: Money
    """What the customer gets back."""
    release: Money
    """What is released on the traveler's side, platform fee included."""
    decided_by: Actor
    """The agent; the platform when no agent decided in time."""
    standing: Standing | None = None
    """Where the delivery stands after the verdict."""


class AttentionAction(StrEnum):
    """How an operator resolves a parked step."""

    RETRY = "retry"
    SKIP = "skip"
    DONE_BY_HAND = "done_by_hand"


@dataclass(frozen=True, slots=True)
class ResolveAttention:
    """An operator resolves the parked step. The default, `retry`, is always safe."""

    action: AttentionAction = AttentionAction.RETRY
    """retry: try the step again. skip: go on without it, where no money can be lost.
    done_by_hand: book it as done, with the provider's reference."""
    reference: str = ""
    """For done_by_hand: the provider's id of what was done."""
    reason: str = ""
    """Why, for the audit trail."""
    operator_id: PersonId | None = None
    """Who resolves it; the Web UI's identity when none."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a delivery stands: the projection that every transition writes whole."""

    status: str
    """A `DeliveryStatus`."""
    escrow: str
    """An `EscrowStatus`."""
    dispute: str = "none"
    """A `DisputeStatus`."""
    traveler_id: PersonId | None = None
    """The traveler of the accepted offer."""
    price: Money | None = None
    """The agreed price."""
    deadline_kind: str | None = None
    """The armed clock, a `DeadlineKind`."""
    deadline_at: datetime | None = None
    """When it runs out, in UTC."""
    dispute_id: DisputeId | None = None
    """The dispute, once opened."""
    attention: str | None = None
    """Name of the parked step, while operations staff must act."""
