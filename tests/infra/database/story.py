"""Tells a delivery straight to the database, transition by transition, as its workflow would."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import PLATFORM, Actor, CodePurpose, Role, ScanCode, Standing
from domain.handover.codes import HandoverCode, derive_code, digest_of
from domain.ids import DeliveryId, DisputeId, OfferId, PersonId
from domain.ledger import (
    LedgerTransaction,
    charge_booking,
    payout_booking,
    refund_booking,
    release_booking,
)
from domain.money import Money
from domain.status import OfferStatus
from domain.transitions import (
    EventKind,
    OfferChange,
    OperationKind,
    PaymentIntent,
    PaymentOutcome,
    ScanOutcome,
    Transition,
)
from infra.database.operations import DatabaseOperations
from infra.database.records import DatabaseRecords
from infra.database.schema import handover_code
from infra.identifiers import new_id

KEY = b"k" * 32
PRICE = Money(4_200, "EUR")
FEE = Money(420, "EUR")
OPENING = Standing("requested", "none")


def moment() -> datetime:
    return datetime.now(UTC)


@dataclass
class Story:
    """One delivery with its people; every verb writes what the workflow would write."""

    engine: AsyncEngine
    delivery_id: DeliveryId
    customer: Actor
    traveler: Actor
    standing: Standing = OPENING
    offer_id: OfferId = field(default_factory=lambda: OfferId(new_id()))
    made: dict[str, str] = field(default_factory=dict)
    """What a provider has made, by operation id; anything else gets an id of its own."""

    def __post_init__(self) -> None:
        self.records = DatabaseRecords(self.engine, KEY)
        self.operations = DatabaseOperations(self.engine, self.records)

    def transition(
        self, event: EventKind, actor: Actor = PLATFORM, *, key: str = "", **more: Any
    ) -> Transition:
        """Return a transition from where the story stands; `moves` change the standing."""
        standing = replace(self.standing, **more.pop("moves", {}))
        return Transition(
            delivery_id=self.delivery_id,
            key=key or event,
            event=event,
            actor=actor,
            at=more.pop("at", moment()),
            standing=standing,
            **more,
        )

    async def tell(self, event: EventKind, actor: Actor = PLATFORM, **more: Any) -> int:
        transition = self.transition(event, actor, **more)
        recorded = await self.records.record(transition)
        self.standing = transition.standing
        return recorded.sequence

    async def open(self) -> int:
        return await self.tell(EventKind.REQUEST_OPENED, self.customer)

    def offer(self, status: OfferStatus = OfferStatus.OPEN) -> OfferChange:
        assert self.traveler.person_id is not None
        return OfferChange(self.offer_id, self.traveler.person_id, status, PRICE, "traveler")

    async def agree(self) -> None:
        """Offer and accept: the charge is about to be asked for."""
        await self.tell(EventKind.OFFER_SUBMITTED, self.traveler, offers=(self.offer(),))
        await self.tell(
            EventKind.OFFER_ACCEPTED,
            self.customer,
            offers=(self.offer(OfferStatus.ACCEPTED),),
            intent=self.charge,
            moves={
                "status": "accepted",
                "escrow": "holding",
                "price": PRICE,
                "traveler_id": self.traveler.person_id,
            },
        )

    async def hold(self) -> None:
        held = self.transition(
            EventKind.PAYMENT_HELD,
            codes_issued=(CodePurpose.PICKUP,),
            codes_valid_until=moment() + timedelta(days=30),
            moves={"status": "awaiting_pickup", "escrow": "held"},
        )
        booking = charge_booking(self.charge.operation_id, self.delivery_id, PRICE)
        await self.finish(self.charge, booking, held)

    async def held(self) -> None:
        await self.open()
        await self.agree()
        await self.hold()

    def picked_up(self, **more: Any) -> Transition:
        return self.transition(
            EventKind.PICKED_UP,
            self.traveler,
            codes_issued=(CodePurpose.HANDOVER,),
            codes_valid_until=moment() + timedelta(days=30),
            moves={"status": "in_transit"},
            **more,
        )

    def handed_over(self, **more: Any) -> Transition:
        return self.transition(
            EventKind.HANDED_OVER, self.traveler, moves={"status": "delivered"}, **more
        )

    async def pick_up(self) -> None:
        transition = self.picked_up()
        assert await self.scan(CodePurpose.PICKUP, transition=transition) == ScanOutcome()
        self.standing = transition.standing

    async def deliver(self) -> None:
        await self.pick_up()
        transition = self.handed_over()
        assert await self.scan(CodePurpose.HANDOVER, transition=transition) == ScanOutcome()
        self.standing = transition.standing

    async def release(self) -> None:
        """Begin the release, transfer, pay out and close."""
        await self.begin_release()
        await self.transfer()
        await self.pay_out()

    async def begin_release(self) -> int:
        moves = {"status": "releasing", "escrow": "releasing"}
        return await self.tell(
            EventKind.RELEASE_STARTED, self.customer, intent=self.transfer_intent(), moves=moves
        )

    async def transfer(self) -> None:
        moves = {"status": "paying_out", "escrow": "released"}
        released = self.transition(EventKind.RELEASED, intent=self.payout, moves=moves)
        await self.finish(self.transfer_intent(), self.release_booking(), released)

    async def pay_out(self) -> None:
        paid = self.transition(EventKind.PAID_OUT, moves={"status": "completed"})
        booking = payout_booking(
            self.payout.operation_id, self.delivery_id, self.traveler_id, PRICE - FEE
        )
        await self.finish(self.payout, booking, paid)

    async def begin_refund(self) -> int:
        moves = {"status": "refunding", "escrow": "refunding"}
        return await self.tell(
            EventKind.REFUND_STARTED, self.customer, intent=self.refund_intent(), moves=moves
        )

    async def refund(self) -> None:
        moves = {"status": "cancelled", "escrow": "refunded"}
        refunded = self.transition(EventKind.REFUNDED, moves=moves)
        await self.finish(self.refund_intent(), self.refund_booking(), refunded)

    async def decide(self, outcome: str, refund_minor: int) -> None:
        facts = {
            "outcome": outcome,
            "refund_minor": str(refund_minor),
            "release_minor": str(PRICE.amount_minor - refund_minor),
            "note": "seen the photos",
        }
        await self.tell(
            EventKind.VERDICT_GIVEN,
            Actor(Role.AGENT, PersonId(new_id())),
            facts=facts,
            moves={"dispute": "decided"},
        )

    async def dispute(self) -> DisputeId:
        dispute_id = DisputeId(new_id())
        moves = {"status": "disputed", "dispute": "open", "dispute_id": dispute_id}
        facts = {"reason": "damaged"}
        await self.tell(EventKind.DISPUTE_OPENED, self.customer, facts=facts, moves=moves)
        return dispute_id

    async def finish(
        self, intent: PaymentIntent, booking: LedgerTransaction, transition: Transition
    ) -> None:
        await self.operations.mark_sent(intent)
        made = self.made.get(intent.operation_id, f"{intent.kind}_{new_id()}")
        await self.operations.finish(intent, PaymentOutcome.SUCCEEDED, made, (booking,), transition)
        self.standing = transition.standing

    async def scan(
        self, purpose: CodePurpose, text: str = "", transition: Transition | None = None
    ) -> ScanOutcome:
        """Scan the right code, or the text given."""
        shown = text or (await self.code(purpose)).text
        digest = digest_of(KEY, self.delivery_id, purpose, shown)
        scan = ScanCode(self.traveler, purpose, digest, is_pin=len(shown) == 6)
        return await self.records.accept_scan(scan, transition or self.picked_up())

    async def code(self, purpose: CodePurpose) -> HandoverCode:
        row = await self.code_row(purpose)
        return derive_code(KEY, self.delivery_id, purpose, bytes(row.nonce))

    async def code_row(self, purpose: CodePurpose) -> Row[Any]:
        rows = await self.rows(
            select(handover_code).where(
                handover_code.c.delivery_id == self.delivery_id, handover_code.c.purpose == purpose
            )
        )
        return rows[0]

    async def rows(self, statement: Any, **values: Any) -> list[Row[Any]]:
        async with self.engine.connect() as connection:
            return list(await connection.execute(statement, values))

    @property
    def traveler_id(self) -> PersonId:
        assert self.traveler.person_id is not None
        return self.traveler.person_id

    def _intent(self, kind: OperationKind, amount: Money, **more: Any) -> PaymentIntent:
        return PaymentIntent(f"{self.delivery_id}:{kind}", kind, amount, **more)

    @property
    def charge(self) -> PaymentIntent:
        return self._intent(OperationKind.CHARGE, PRICE, method="pm_sandbox_ok")

    def transfer_intent(self, amount: Money = PRICE - FEE, fee: Money = FEE) -> PaymentIntent:
        source = self.charge.operation_id
        return self._intent(
            OperationKind.TRANSFER, amount, method="acct", source_operation_id=source, fee=fee
        )

    def refund_intent(self, amount: Money = PRICE) -> PaymentIntent:
        return self._intent(
            OperationKind.REFUND, amount, source_operation_id=self.charge.operation_id
        )

    @property
    def payout(self) -> PaymentIntent:
        return self._intent(OperationKind.PAYOUT, PRICE - FEE, method="acct")

    def release_booking(self, amount: Money = PRICE - FEE, fee: Money = FEE) -> LedgerTransaction:
        key = self.transfer_intent().operation_id
        return release_booking(key, self.delivery_id, self.traveler_id, amount, fee)

    def refund_booking(self, amount: Money = PRICE) -> LedgerTransaction:
        return refund_booking(self.refund_intent().operation_id, self.delivery_id, amount)
