"""Writes one transition inside a caller's transaction: one statement to lock, one to write."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.contracts import ScanCode, Standing
from domain.errors import Refusal, RefusalCode
from domain.money import Money
from domain.policies import LimitPolicy
from domain.status import (
    DELIVERY_MOVES,
    DISPUTE_MOVES,
    ESCROW_MOVES,
    DeliveryStatus,
    DisputeStatus,
    EscrowStatus,
    IllegalMove,
    require_move,
)
from domain.transitions import (
    EventKind,
    LateEvent,
    OperationKind,
    PaymentIntent,
    ScanOutcome,
    Transition,
)
from infra.database import transition_sql as sql
from infra.database.amending import amend
from infra.database.attempt_parts import attempt_part
from infra.database.chain import genesis_hash
from infra.database.transition_parts import (
    Part,
    Values,
    drawn_minor,
    event_values,
    intent_hash,
    parts_of,
    scan_values,
)
from infra.encryption.facts import with_sealed_words
from infra.encryption.owned import OwnedKeys

Head = Row[Any]
"""The locked projection: where the delivery stands and the end of its chain."""


class TransitionWriter:
    """Writes transitions and, for a scan, uses its code up in the same statement."""

    def __init__(
        self, handover_key: bytes, limits: LimitPolicy, keys: OwnedKeys | None = None
    ) -> None:
        self._handover_key = handover_key
        self._limits = limits
        self._keys = keys

    async def write(self, connection: AsyncConnection, transition: Transition) -> int:
        """Write a transition and return its sequence.

        Raises:
            Refusal: `escrow_conflict`.
            IllegalMove: the delivery cannot make this move, or was never opened.
        Idempotency: a key that is already written returns its sequence and changes nothing.
        """
        sequence = await self._write_or_find(connection, transition, None)
        if sequence is None:
            raise IllegalMove(f"there is no parcel to open delivery {transition.delivery_id} with")
        return sequence

    async def write_late(self, connection: AsyncConnection, late: LateEvent) -> int:
        """Write an event that leaves the delivery where it stands, and return its sequence.

        Raises:
            Refusal: `escrow_conflict`, when its intent takes more than is left or differs from
                what was asked for under its name before.
            IllegalMove: the delivery was never opened.
        Idempotency: a key that is already written returns its sequence and changes nothing.
        """
        return await self.write(connection, await _staying(connection, late))

    async def write_late_scan(
        self, connection: AsyncConnection, late: LateEvent, scan: ScanCode
    ) -> ScanOutcome:
        """Use a code up for an event that leaves its delivery where it stands, or say why not."""
        return await self.write_scan(connection, await _staying(connection, late), scan)

    async def write_scan(
        self, connection: AsyncConnection, transition: Transition, scan: ScanCode
    ) -> ScanOutcome:
        """Use a code up and write its transition, or say why the code is refused.

        A wrong PIN is counted; the caller commits either way.
        """
        values = scan_values(scan, transition, self._limits.wrong_codes_max)
        fault: Refusal | IllegalMove | None = None
        try:
            gate, attempt = Part(sql.CODE_USED, values), attempt_part(scan)
            more = [] if attempt is None else [Part(*attempt)]
            if await self._write_or_find(connection, transition, gate, more) is not None:
                return ScanOutcome()
        except (Refusal, IllegalMove) as illegal:
            fault = illegal
        outcome = await _refused_scan(connection, values, scan)
        if outcome.refusal is None:
            raise fault or IllegalMove(f"a right code did not lead to {transition.key}")
        # That the code was used already is a better reason than the move it cannot make again.
        return outcome

    async def write_through(
        self, connection: AsyncConnection, transition: Transition, gate: Part
    ) -> int | None:
        """Write a transition if its gate lets it through; return its sequence, or none.

        Raises:
            Refusal: `escrow_conflict`.
            IllegalMove: the delivery cannot make this move, or was never opened.
        Idempotency: as for `write`.
        """
        return await self._write_or_find(connection, transition, gate)

    async def _write_or_find(
        self,
        connection: AsyncConnection,
        transition: Transition,
        gate: Part | None,
        more: Sequence[Part] = (),
    ) -> int | None:
        head = (await connection.execute(_statement(sql.LOCK), _place(transition))).one_or_none()
        if head is None:
            _require_opening(transition)
            first = [Part(sql.OPENED, {}), Part(sql.EVENT, {})]
            opened = await self._append(connection, transition, first, None)
            return opened or await _find(connection, transition)
        written: int | None = head.written
        if written is None and head.seen != head.head_sequence:
            written = await _find(connection, transition)
        if written is not None:
            _require_same_dispute(head, transition)
            return written
        _require_legal(head, transition)
        await amend(connection, transition)
        await _supersede(connection, transition)
        next_ = [gate or Part(sql.EXISTING, {}), Part(sql.EVENT, {}), Part(sql.PROJECTION, {})]
        next_ += more
        return await self._append(connection, transition, next_, head)

    async def _append(
        self,
        connection: AsyncConnection,
        transition: Transition,
        first_parts: list[Part],
        head: Head | None,
    ) -> int | None:
        previous = bytes(head.head_hash) if head else genesis_hash(transition.delivery_id)
        sequence = head.head_sequence + 1 if head else 1
        parts = first_parts + parts_of(transition, self._handover_key)
        kept = transition
        if self._keys is not None:
            kept = await with_sealed_words(self._keys, connection, transition)
        values = event_values(kept, previous, sequence)
        for part in parts:
            values |= part.values
        answer = (await connection.execute(_writing(parts), values)).one()
        if answer.sequence is not None and transition.intent is not None:
            _require_intent(transition.intent, answer)
        written: int | None = answer.sequence
        return written


async def _staying(connection: AsyncConnection, late: LateEvent) -> Transition:
    """Lock a delivery and return the transition from where it stands to the same place."""
    place = {"delivery_id": late.delivery_id}
    row = (await connection.execute(_statement(sql.STANDING), place)).one_or_none()
    if row is None:
        raise IllegalMove(f"delivery {late.delivery_id} was never opened")
    price = None if row.price_minor is None else Money(row.price_minor, row.currency)
    standing = Standing(
        status=row.status,
        escrow=row.escrow,
        dispute=row.dispute,
        traveler_id=row.traveler_id,
        price=price,
        deadline_kind=row.deadline_kind,
        deadline_at=row.deadline_at,
        dispute_id=row.dispute_id,
        attention=row.attention,
    )
    return Transition(
        delivery_id=late.delivery_id,
        key=late.key,
        event=late.event,
        actor=late.actor,
        at=late.at,
        standing=standing,
        facts=late.facts,
        intent=late.intent,
    )


async def _find(connection: AsyncConnection, transition: Transition) -> int | None:
    sequence: int | None = await connection.scalar(_statement(sql.WRITTEN), _place(transition))
    return sequence


async def _refused_scan(connection: AsyncConnection, values: Values, scan: ScanCode) -> ScanOutcome:
    code = (await connection.execute(_statement(sql.CODE_STATE), values)).one_or_none()
    if code is None:
        return ScanOutcome(RefusalCode.CODE_NOT_READY)
    reasons = {
        RefusalCode.CODE_ALREADY_USED: code.is_used,
        RefusalCode.CODE_EXPIRED: code.is_expired,
        RefusalCode.CODE_LOCKED: scan.is_pin and code.wrong_pins >= code.tries,
        RefusalCode.CODE_WRONG: not code.is_right,
    }
    reason = next((reason for reason, holds in reasons.items() if holds), None)
    if reason is not RefusalCode.CODE_WRONG or not scan.is_pin:
        return ScanOutcome(reason)
    await connection.execute(_statement(sql.PIN_COUNTED), values)
    return ScanOutcome(reason, tries_left=code.tries - code.wrong_pins - 1)


def _require_opening(transition: Transition) -> None:
    standing = transition.standing
    opening = (DeliveryStatus.REQUESTED, EscrowStatus.NONE, DisputeStatus.NONE)
    if (
        transition.event is not EventKind.REQUEST_OPENED
        or (standing.status, standing.escrow, standing.dispute) != opening
    ):
        raise IllegalMove(f"delivery {transition.delivery_id} was never opened")


def _require_same_dispute(head: Head, transition: Transition) -> None:
    """Check that a dispute which is opened again is the one of before: each has a workflow by its id."""
    is_opening = transition.event is EventKind.DISPUTE_OPENED
    if is_opening and transition.standing.dispute_id != head.dispute_id:
        raise IllegalMove(f"delivery {transition.delivery_id} has another dispute")


def _require_legal(head: Head, transition: Transition) -> None:
    """Check the moves, the held payment's first: it is the one that a rival may have made."""
    standing = transition.standing
    try:
        require_move(ESCROW_MOVES, EscrowStatus(head.escrow), EscrowStatus(standing.escrow))
    except IllegalMove as fault:
        raise Refusal(
            RefusalCode.ESCROW_CONFLICT,
            f"The held payment is {head.escrow} and cannot become {standing.escrow}.",
        ) from fault
    require_move(DELIVERY_MOVES, DeliveryStatus(head.status), DeliveryStatus(standing.status))
    require_move(DISPUTE_MOVES, DisputeStatus(head.dispute), DisputeStatus(standing.dispute))
    amounts = (standing.price, transition.intent.amount if transition.intent else None)
    if any(amount is not None and amount.currency != head.currency for amount in amounts):
        raise IllegalMove(f"every amount of this delivery is in {head.currency}")


def _require_intent(intent: PaymentIntent, answer: Row[Any]) -> None:
    if answer.known_intent is not None and bytes(answer.known_intent) != intent_hash(intent):
        raise Refusal(
            RefusalCode.ESCROW_CONFLICT,
            f"The payment operation {intent.operation_id} was asked for differently before.",
        )
    drawn = drawn_minor(intent)
    if drawn > 0 and drawn > (answer.left_of_charge or 0):
        raise Refusal(
            RefusalCode.ESCROW_CONFLICT, "More would leave the held payment than it ever held."
        )
    refunded = intent.amount.amount_minor if intent.kind is OperationKind.REFUND else 0
    if refunded > (answer.left_to_refund or 0):
        raise Refusal(RefusalCode.ESCROW_CONFLICT, "More would be refunded than was ever paid.")


async def _supersede(connection: AsyncConnection, transition: Transition) -> None:
    """Give a movement up that the transition replaces, while the provider surely has nothing of it.

    Done before the transition is written: what replaces it may then draw on the same money.
    """
    if not transition.supersedes:
        return
    known = {"delivery_id": transition.delivery_id, "superseded_id": transition.supersedes}
    if not (await connection.execute(_statement(sql.SUPERSEDED), known)).rowcount:
        raise Refusal(
            RefusalCode.ESCROW_CONFLICT,
            f"The payment operation {transition.supersedes} was asked for already.",
        )


def _place(transition: Transition) -> Values:
    return {"delivery_id": transition.delivery_id, "key": transition.key}


def _writing(parts: list[Part]) -> TextClause:
    answers = [sql.SEQUENCE, *(answer for part in parts for answer in part.answers)]
    tables = ",".join(part.sql for part in parts)
    return _statement(f"WITH {tables} SELECT {', '.join(answers)}")


@lru_cache(maxsize=256)
def _statement(statement: str) -> TextClause:
    """Parse a statement once: there are only as many as there are shapes of transitions."""
    return text(statement)
