"""Takes the claims that a phone brings back: keeps and weighs each, and moves custody as a scan does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import text

from api.access.devices import unpadded
from api.edge.problems import Problem
from api.models.offline import ClaimBatch, ClaimResult, NewClaim
from api.offline.attempts import keep_offline_attempt
from api.offline.holding import hold_for, update_of
from api.offline.risk import judged_by_risk
from api.offline.weighing import Weighed, scan_of_claim, weighed
from api.services import Services
from domain.contracts import Actor, Role
from domain.devices.keys import DeviceKey, KeyAlgorithm
from domain.errors import RefusalCode
from domain.handover.proving import ProvenBy
from domain.ids import DeliveryId, PersonId
from domain.offline.claims import COUNTER_MAX, read_claim, signed_bytes
from domain.offline.judging import UNDOUBTED, Judgement, Reason, is_superseded, judged_by
from domain.offline.policy import OFFLINE
from domain.offline.states import ClaimReason, ClaimState
from infra.devices.signatures import has_signed
from infra.offline.evidence import custody_in, read_evidence
from infra.offline.keeping import KeptClaim, SentClaim, keep_claim

_DEVICE = text("""
SELECT algorithm, public_key FROM device
WHERE device_id = CAST(:device_id AS uuid) AND person_id = CAST(:person_id AS uuid)
""")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who brings claims about which delivery."""

    delivery_id: DeliveryId
    person_id: PersonId


async def take_claims(parts: Services, sender: Sender, batch: ClaimBatch) -> list[ClaimResult]:
    """Take claims in the order of their numbers and return what became of each, as they were sent.

    Idempotency: a claim that was taken before is answered as it stands now, and one that was not judged
    to the end goes on.
    """
    sent = [await _sent(parts, sender, new, batch.sent_at) for new in batch.claims]
    results = {}
    for place in sorted(range(len(sent)), key=lambda each: _number(sent[each])):
        results[place] = await _taken(parts, sent[place])
    return [results[place] for place in range(len(sent))]


async def _taken(parts: Services, sent: SentClaim) -> ClaimResult:
    kept = await keep_claim(parts.engine, parts.encryption.keys, sent)
    if kept.state is ClaimState.IN_REVIEW and kept.hold_sequence is None:
        await hold_for(parts, kept)
    if kept.state is not ClaimState.PENDING:
        return _result(kept)
    return await _written(parts, kept, sent, await _judged(parts, kept, sent))


async def _judged(parts: Services, kept: KeptClaim, sent: SentClaim) -> Weighed:
    """Weigh a claim, and have its delivery carry it out where nothing stands against it."""
    if sent.claim is None:
        return weighed(parts.handover_key, kept, sent, None)
    async with parts.engine.connect() as connection:
        found = await read_evidence(connection, kept, sent, sent.claim)
    await keep_offline_attempt(parts.database, kept, sent, sent.claim, found)
    weight = weighed(parts.handover_key, kept, sent, found)
    if weight.proven_by is None:
        return weight
    judgement = await judged_by_risk(parts, kept, sent.device_id, sent.claim, found)
    if judgement is None:
        judgement = await _ask(parts, kept, sent, weight.proven_by)
    return replace(weight, judgement=judgement, reasons=_named(judgement))


async def _ask(parts: Services, kept: KeptClaim, sent: SentClaim, by: ProvenBy) -> Judgement:
    """Have the delivery carry the scan out, and return what becomes of the claim."""
    assert sent.claim is not None
    actor = Actor(Role.TRAVELER, kept.person_id)
    command = scan_of_claim(by, kept.claim_id, sent.claim, actor)
    try:
        await parts.commands.change_delivery(
            kept.delivery_id, "scan", command, update_of(kept, "scan")
        )
    except Problem as problem:
        if not isinstance(problem.code, RefusalCode):
            # The platform cannot answer right now: the claim stays, and is tried again.
            return UNDOUBTED
        if problem.code is RefusalCode.CODE_ALREADY_USED:
            return await _after_use(parts, kept, sent)
        return judged_by(problem.code)
    return Judgement(ClaimState.ACCEPTED)


async def _after_use(parts: Services, kept: KeptClaim, sent: SentClaim) -> Judgement:
    """Return what becomes of a claim whose code was used up meanwhile."""
    assert sent.claim is not None
    async with parts.engine.connect() as connection:
        found = await read_evidence(connection, kept, sent, sent.claim)
    if is_superseded(custody_in(found, kept.person_id)):
        return Judgement(ClaimState.SUPERSEDED)
    return judged_by(ClaimReason.CONFLICT)


async def _written(
    parts: Services, kept: KeptClaim, sent: SentClaim, found: Weighed
) -> ClaimResult:
    judgement = found.judgement
    reasons = tuple(str(reason) for reason in found.reasons)
    if judgement.state is ClaimState.IN_REVIEW:
        claimed_at = sent.claim.claimed_at if sent.claim is not None else sent.sent_at
        await parts.claims.put_in_review(kept, claimed_at, reasons)
        await hold_for(parts, kept)
    else:
        await parts.claims.settle(kept, judgement)
    # Another request may have been first: what is told is what is kept.
    return _result(await keep_claim(parts.engine, parts.encryption.keys, sent))


async def _sent(parts: Services, sender: Sender, new: NewClaim, sent_at: datetime) -> SentClaim:
    place = {"device_id": new.device_id, "person_id": sender.person_id}
    async with parts.engine.connect() as connection:
        row = (await connection.execute(_DEVICE, place)).one_or_none()
    signature = unpadded(new.signature)
    is_signed = (
        row is not None
        and signature is not None
        and has_signed(
            DeviceKey(KeyAlgorithm(row.algorithm), bytes(row.public_key)),
            signature,
            signed_bytes(new.claim),
        )
    )
    return SentClaim(
        sender.delivery_id,
        sender.person_id,
        new.device_id,
        new.claim,
        new.signature.encode() if signature is None else signature,
        sent_at.astimezone(UTC),
        read_claim(OFFLINE, new.claim),
        is_signed,
    )


def _number(sent: SentClaim) -> int:
    return COUNTER_MAX if sent.claim is None else sent.claim.counter


def _named(judgement: Judgement) -> tuple[Reason, ...]:
    return () if judgement.reason is None else (judgement.reason,)


def _result(kept: KeptClaim) -> ClaimResult:
    return ClaimResult(
        claim_id=kept.claim_id,
        counter=kept.counter,
        state=kept.state,
        reasons=list(kept.reasons),
    )
