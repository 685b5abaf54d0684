"""What the activities need from the world; `infra/` holds a real and a simulated part for each.

What moves money stands in `activities/payment_ports.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.contracts import ScanCode
from domain.disputing.stored import StoredDispute
from domain.ids import DeliveryId, OfferId, PersonId
from domain.ledger import Due
from domain.money import Money
from domain.pricing import Place
from domain.transitions import LateEvent, Recorded, ScanOutcome, Transition


class Records(Protocol):
    """The database as the workflows see it: one call is one transaction."""

    async def record(self, transition: Transition) -> Recorded:
        """Write one transition: event, projection, offers, codes, messages and intent.

        Raises:
            Refusal: `escrow_conflict` when the standing in the database cannot make this move.
        Idempotency: a key that is already written returns its sequence and changes nothing.
        """
        ...

    async def note(self, late: LateEvent) -> Recorded:
        """Write an event that leaves its delivery where it stands, closed or open.

        Raises:
            Refusal: `escrow_conflict` when its intent takes more than is left.
        Idempotency: a key that is already written returns its sequence and changes nothing.
        """
        ...

    async def dues_of(self, traveler_id: PersonId, currency: str) -> tuple[Due, ...]:
        """Return what a traveler owes in a currency and no payout keeps back yet, oldest first."""
        ...

    async def left_to_pay_out(self, delivery_id: DeliveryId, currency: str) -> Money:
        """Return what is surely still on the traveler's account for a delivery."""
        ...

    async def sequence_of(self, delivery_id: DeliveryId, offer_id: OfferId | None) -> int | None:
        """Return the number of the latest event of a delivery, or of the latest change of an offer.

        None for an offer that the delivery does not have.
        """
        ...

    async def choose_agent(
        self, delivery_id: DeliveryId, skill: str, excluded: PersonId | None
    ) -> PersonId | None:
        """Return who is to decide a dispute about a delivery, or none when there is nobody.

        Who has the skill comes first, then who has the fewest open disputes. Parties of the delivery
        and `excluded` are never chosen.
        """
        ...

    async def last_heard(self, delivery_id: DeliveryId) -> datetime | None:
        """Return when the last position of a delivery came in, whenever it was taken, or none."""
        ...

    async def stored_dispute(self, delivery_id: DeliveryId) -> StoredDispute | None:
        """Return the open dispute of a delivery, or none when it has none or steps were taken in it."""
        ...

    async def accept_scan(self, scan: ScanCode, transition: Transition) -> ScanOutcome:
        """Use a handover code up and write its transition in the same transaction.

        A wrong PIN is counted; a refusal writes no transition.
        Idempotency: once the transition's key is written, the answer is an acceptance.
        """
        ...

    async def accept_late_scan(self, scan: ScanCode, late: LateEvent) -> ScanOutcome:
        """Use a handover code up and write an event that leaves its delivery where it stands.

        Idempotency: as for `accept_scan`.
        """
        ...


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One message to one person, ready to send."""

    message_id: str
    """Id of the notification row; unique for ever."""
    to: str
    """Phone number in E.164 form or e-mail address."""
    subject: str
    """Subject line; used by e-mail only."""
    body: str
    """Plain text."""


class MessageUnavailable(Exception):
    """The message provider surely did not take the message; sending again is safe."""


class MessageRefused(Exception):
    """The message provider refuses this message for good, for example a number that is no number."""


class MessageOutcomeUnknown(Exception):
    """The message may have been sent: it must not be sent again by itself."""


class MessageSender(Protocol):
    """One channel to people: text message or e-mail.

    Raises:
        MessageUnavailable, MessageRefused, MessageOutcomeUnknown.
    """

    @property
    def takes_once(self) -> bool:
        """Whether a message that is handed over again, under its id, reaches the person only once."""
        ...

    async def send(self, message: OutgoingMessage) -> str:
        """Hand one message over and return the provider's id of it."""
        ...


@dataclass(frozen=True, slots=True)
class OutboxReport:
    """What one round over the outbox did."""

    sent: int = 0
    refused: int = 0
    unknown: int = 0
    postponed: int = 0


class Outbox(Protocol):
    """The notifications that transitions left to be sent."""

    async def deliver(self, wait_s: float) -> OutboxReport:
        """Send what is due, waiting up to `wait_s` seconds for the first message to appear."""
        ...


@dataclass(frozen=True, slots=True)
class Position:
    """One reported position of a traveler."""

    place: Place
    accuracy_m: float
    """Radius of 68 % confidence in metres, as the phone reports it."""
    taken_at: datetime
    """When the phone took it, in UTC."""
    carrier_id: PersonId | None = None
    """Who carried the parcel when it came in, of a stored one."""


class Locations(Protocol):
    """Positions of travelers in transit; they never enter a workflow."""

    async def store(self, delivery_id: DeliveryId, positions: tuple[Position, ...]) -> int:
        """Store a batch and return how many were new."""
        ...

    async def latest(
        self, delivery_id: DeliveryId, count: int, carrier_id: PersonId | None = None
    ) -> tuple[Position, ...]:
        """Return the latest positions, newest first: all, or those of one who carried the parcel."""
        ...
