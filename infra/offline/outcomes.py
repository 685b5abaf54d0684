"""Writes down what became of a claim: with its event and what people must look at, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.attention import AttentionItem, AttentionKind
from domain.contracts import PLATFORM, Actor
from domain.errors import RefusalCode
from domain.handover.methods import CLAIM_ID, CLAIMED_AT
from domain.ids import PersonId
from domain.offline.judging import Judgement, Reason
from domain.offline.policy import OFFLINE
from domain.offline.states import ClaimReason, ClaimState
from domain.transitions import EventKind, LateEvent
from infra.database.attention import raise_in, settle_in
from infra.database.records import DatabaseRecords
from infra.encryption.owned import KeyOwner, OwnedKeys
from infra.offline.keeping import KeptClaim, note_place

_MOVE = text("""
UPDATE custody_claim SET state = :state, reasons = :reasons, review_by = :review_by, updated_at = now()
WHERE claim_id = CAST(:claim_id AS uuid) AND state = 'pending'
""")
_HOLD = text("""
UPDATE custody_claim SET hold_sequence = (
    SELECT max(sequence) FROM event
    WHERE event.delivery_id = custody_claim.delivery_id AND kind = 'hold_placed')
WHERE claim_id = CAST(:claim_id AS uuid)
""")
_IS_HELD = text("""
SELECT max(claim.hold_sequence) = (
        SELECT max(sequence) FROM event WHERE event.delivery_id = CAST(:delivery_id AS uuid)
            AND kind IN ('hold_placed', 'hold_lifted', 'sos_called'))
    AND NOT bool_or(claim.state = 'in_review' AND claim.claim_id <> CAST(:claim_id AS uuid))
FROM custody_claim AS claim WHERE claim.delivery_id = CAST(:delivery_id AS uuid)
""")
_END_ATTEMPT = text("""
UPDATE scan_attempt SET outcome = 'refused', refusal = :refusal, decided_at = now()
WHERE attempt_id = CAST(:claim_id AS uuid) AND outcome = 'pending'
""")
"""The one that is accepted is marked by the statement which uses its code up."""
_DECIDE = text("""
UPDATE custody_claim SET state = :state, reasons = reasons || CAST(:reasons AS text[]),
    decided_by = CAST(:decided_by AS uuid), decided_at = now(), decision_note = :note,
    updated_at = now()
WHERE claim_id = CAST(:claim_id AS uuid) AND decided_by IS NULL
    AND (state = 'in_review' OR state = 'accepted' AND :state = 'accepted')
""")
_AGREE = text("""
UPDATE custody_claim SET agreed_by = coalesce(agreed_by, CAST(:by AS uuid)),
    agreed_at = coalesce(agreed_at, now()),
    decision_note = CASE WHEN agreed_by IS NULL THEN :note ELSE decision_note END
WHERE claim_id = CAST(:claim_id AS uuid) AND state = 'in_review'
RETURNING CAST(agreed_by AS text) AS agreed_by, decision_note
""")


@dataclass(frozen=True, slots=True)
class Decided:
    """What somebody of the staff said of a claim."""

    state: ClaimState
    """Accepted or refused."""
    actor: Actor
    reason: str
    """Why, in their own words."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What is kept of the first who agreed to a claim for which two are needed."""

    person_id: str
    reason: str
    """Why, in their own words."""


class ClaimOutcomes:
    """Moves claims from state to state."""

    def __init__(self, engine: AsyncEngine, records: DatabaseRecords, keys: OwnedKeys) -> None:
        self._engine = engine
        self._records = records
        self._keys = keys

    async def settle(self, kept: KeptClaim, judgement: Judgement) -> None:
        """Write down what became of a claim that nobody has to look at.

        Idempotency: a claim that is over stays as it is.
        """
        reasons = [] if judgement.reason is None else [str(judgement.reason)]
        async with self._engine.begin() as connection:
            await self._move(connection, kept, judgement.state, reasons)
            refusal = _refusal_of(judgement)
            if refusal is not None:
                await _end_attempt(connection, kept, refusal)

    async def put_in_review(
        self, kept: KeptClaim, claimed_at: datetime, reasons: Sequence[str]
    ) -> None:
        """Have an agent look at a claim, and tell both sides.

        Idempotency: a claim that is in review or over stays as it is.
        """
        now = datetime.now(UTC)
        review_by = now + timedelta(seconds=OFFLINE.review_s)
        async with self._engine.begin() as connection:
            if not await self._move(
                connection, kept, ClaimState.IN_REVIEW, list(reasons), review_by
            ):
                return
            facts = {
                CLAIM_ID: kept.claim_id,
                CLAIMED_AT: claimed_at.isoformat(),
                "reason": reasons[0],
            }
            await self._note(connection, kept, EventKind.CLAIM_IN_REVIEW, PLATFORM, facts)
            await raise_in(connection, _item(kept, reasons))

    async def note_hold(self, kept: KeptClaim) -> None:
        """Remember the hold that was placed for a claim."""
        async with self._engine.begin() as connection:
            await connection.execute(_HOLD, {"claim_id": kept.claim_id})

    async def is_held_for(self, kept: KeptClaim) -> bool:
        """Tell whether a delivery is on hold for claims, and this is the last of them."""
        values = {"claim_id": kept.claim_id, "delivery_id": kept.delivery_id}
        async with self._engine.connect() as connection:
            return bool(await connection.scalar(_IS_HELD, values))

    async def agree(self, kept: KeptClaim, decided: Decided) -> Agreed | None:
        """Keep who is the first to agree to a claim for which two are needed, and return them.

        None is returned for a claim that is not in review any more.

        Raises:
            KeyDestroyed: the traveler was erased.
        Idempotency: the first one stays the first.
        """
        place = note_place(kept.claim_id)
        async with self._engine.begin() as connection:
            key = await self._keys.made_for(connection, KeyOwner.person(kept.person_id))
            values = {
                "claim_id": kept.claim_id,
                "by": decided.actor.person_id,
                "note": key.seal(place, decided.reason),
            }
            first = (await connection.execute(_AGREE, values)).one_or_none()
        if first is None:
            return None
        return Agreed(first.agreed_by, key.open(place, first.decision_note))

    async def decide(self, kept: KeptClaim, decided: Decided) -> bool:
        """Write down what an agent has decided; return whether nobody was first.

        Raises:
            KeyDestroyed: the traveler was erased.
        """
        is_refused = decided.state is ClaimState.REFUSED
        async with self._engine.begin() as connection:
            key = await self._keys.made_for(connection, KeyOwner.person(kept.person_id))
            values = {
                "claim_id": kept.claim_id,
                "state": decided.state.value,
                "reasons": [ClaimReason.REFUSED_BY_STAFF.value] if is_refused else [],
                "decided_by": decided.actor.person_id,
                "note": key.seal(note_place(kept.claim_id), decided.reason),
            }
            if not (await connection.execute(_DECIDE, values)).rowcount:
                return False
            if is_refused:
                facts = {CLAIM_ID: kept.claim_id}
                await self._note(connection, kept, EventKind.CLAIM_REFUSED, decided.actor, facts)
                await _end_attempt(connection, kept, ClaimReason.REFUSED_BY_STAFF)
            by = PersonId(decided.actor.person_id or "")
            await settle_in(connection, _key(kept.claim_id), by or None, str(decided.state))
        return True

    async def _move(
        self,
        connection: AsyncConnection,
        kept: KeptClaim,
        state: ClaimState,
        reasons: list[str],
        review_by: datetime | None = None,
    ) -> bool:
        values = {
            "claim_id": kept.claim_id,
            "state": state.value,
            "reasons": reasons,
            "review_by": review_by,
        }
        return bool((await connection.execute(_MOVE, values)).rowcount)

    async def _note(
        self,
        connection: AsyncConnection,
        kept: KeptClaim,
        event: EventKind,
        actor: Actor,
        facts: dict[str, str],
    ) -> None:
        key, now = f"{event}:{kept.claim_id}", datetime.now(UTC)
        late = LateEvent(kept.delivery_id, key, event, actor, now, facts=facts)
        await self._records.write_late(connection, late)


def _refusal_of(judgement: Judgement) -> Reason | None:
    """Return why the attempt behind a claim has led to nothing, or none where it may yet."""
    if judgement.state is ClaimState.SUPERSEDED:
        return RefusalCode.CODE_ALREADY_USED
    return judgement.reason if judgement.state is ClaimState.REFUSED else None


async def _end_attempt(connection: AsyncConnection, kept: KeptClaim, refusal: Reason) -> None:
    values = {"claim_id": kept.claim_id, "refusal": str(refusal)}
    await connection.execute(_END_ATTEMPT, values)


def _key(claim_id: str) -> str:
    return f"{AttentionKind.OFFLINE_CLAIM}:{claim_id}"


def _item(kept: KeptClaim, reasons: Sequence[str]) -> AttentionItem:
    return AttentionItem(
        _key(kept.claim_id),
        AttentionKind.OFFLINE_CLAIM,
        subject=f"claim {kept.claim_id}",
        problem=f"A scan without network is in doubt: {', '.join(reasons)}.",
        delivery_id=kept.delivery_id,
    )
