"""Activities that write transitions: run as local activities, one database transaction each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.ports import Records
from domain.contracts import ScanCode
from domain.disputing.stored import StoredDispute
from domain.errors import Refusal
from domain.ids import DeliveryId, OfferId, PersonId
from domain.ledger import Due
from domain.money import Money
from domain.status import IllegalMove
from domain.transitions import LateEvent, Recorded, ScanOutcome, Transition

ILLEGAL_MOVE = "illegal_move"
"""Type of the error of a transition that the database can never take from where it stands."""


@contextmanager
def refusals_are_final() -> Iterator[None]:
    """Turn refusals and illegal moves into errors that Temporal does not retry."""
    try:
        yield
    except Refusal as refusal:
        raise ApplicationError(refusal.message, type=refusal.code, non_retryable=True) from refusal
    except IllegalMove as fault:
        raise ApplicationError(str(fault), type=ILLEGAL_MOVE, non_retryable=True) from fault


class RecordActivities:
    """Writes transitions of deliveries."""

    def __init__(self, records: Records) -> None:
        self._records = records

    @activity.defn
    async def record_transition(self, transition: Transition) -> Recorded:
        """Write one transition; writing it again changes nothing."""
        with refusals_are_final():
            return await self._records.record(transition)

    @activity.defn
    async def note_late_event(self, late: LateEvent) -> Recorded:
        """Write an event that leaves its delivery where it stands; again changes nothing."""
        with refusals_are_final():
            return await self._records.note(late)

    @activity.defn
    async def dues_of(self, traveler_id: PersonId, currency: str) -> tuple[Due, ...]:
        """Return what a traveler owes in a currency and no payout keeps back yet, oldest first."""
        return await self._records.dues_of(traveler_id, currency)

    @activity.defn
    async def left_to_pay_out(self, delivery_id: DeliveryId, currency: str) -> Money:
        """Return what is surely still on the traveler's account for a delivery."""
        return await self._records.left_to_pay_out(delivery_id, currency)

    @activity.defn
    async def choose_agent(
        self, delivery_id: DeliveryId, skill: str, excluded: PersonId | None
    ) -> PersonId | None:
        """Return who is to decide a dispute about a delivery, or none when there is nobody."""
        return await self._records.choose_agent(delivery_id, skill, excluded)

    @activity.defn
    async def sequence_of(self, delivery_id: DeliveryId, offer_id: OfferId | None) -> int | None:
        """Return the number of the latest event of a delivery, or of the latest change of an offer."""
        return await self._records.sequence_of(delivery_id, offer_id)

    @activity.defn
    async def last_heard(self, delivery_id: DeliveryId) -> datetime | None:
        """Return when the last position of a delivery came in, whenever it was taken, or none."""
        return await self._records.last_heard(delivery_id)

    @activity.defn
    async def stored_dispute(self, delivery_id: DeliveryId) -> StoredDispute | None:
        """Return the open dispute of a delivery before its first step, or none."""
        return await self._records.stored_dispute(delivery_id)

    @activity.defn
    async def accept_scan(self, scan: ScanCode, transition: Transition) -> ScanOutcome:
        """Use a handover code up and write its transition, or say why the code is refused."""
        with refusals_are_final():
            return await self._records.accept_scan(scan, transition)

    @activity.defn
    async def accept_late_scan(self, scan: ScanCode, late: LateEvent) -> ScanOutcome:
        """Use a handover code up and write its event where the delivery stands, or say why not."""
        with refusals_are_final():
            return await self._records.accept_late_scan(scan, late)
