"""Carries out what an agent has decided about a claim in review."""

from __future__ import annotations

from dataclasses import dataclass

from api.access.claims import Claim as RequestClaim
from api.access.database import Row
from api.edge.problems import Problem
from api.offline.holding import hold_for, resume_after, update_of
from api.offline.weighing import proven_by, scan_of_claim
from api.queries.offline import MADE, kept_in, opened_claim, read_kept
from api.services import Services
from api.two_people import require_untied
from domain.contracts import Actor, CodePurpose, Role, ScanCode
from domain.errors import RefusalCode
from domain.offline.judging import PROVES_NOTHING, needs_two_people
from domain.offline.proving import fault_of_code
from domain.offline.states import ClaimDecision, ClaimState
from infra.offline.evidence import read_evidence
from infra.offline.keeping import KeptClaim, SentClaim
from infra.offline.outcomes import Agreed, Decided

_OVERRIDE = (
    "This scan cannot be proven any more: if the parcel has changed hands all the same, ask for an "
    "emergency override."
)


@dataclass(frozen=True, slots=True)
class Deciding:
    """Who of the staff decides what about which claim."""

    actor: Actor
    decision: ClaimDecision
    reason: str


async def decide_claim(parts: Services, request: RequestClaim, deciding: Deciding) -> None:
    """Accept or refuse a claim that is in review; some are accepted once a second person says so too.

    Raises:
        Problem: `claim_conflict` when somebody else has decided; `code_wrong` or `code_already_used`
            when the claim cannot be proven; whatever the delivery refuses a scan for.
    """
    kept = kept_in(request.row)
    if deciding.actor.person_id == kept.person_id:
        raise Problem(RefusalCode.NOT_YOUR_ROLE, "Whoever has made a claim cannot decide about it.")
    first = None
    if kept.state is not ClaimState.IN_REVIEW:
        _require_repeated(kept, request.row[f"{MADE}decided_by"], deciding)
    elif deciding.decision is ClaimDecision.ACCEPT:
        command, needs_two = await _command(parts, request.row, kept, deciding)
        if needs_two:
            agreed = await _agreed(parts, kept, deciding)
            if agreed.person_id == deciding.actor.person_id:
                return
            # Not what the request has read: the first may have agreed since.
            first = agreed.reason
        await _carry_out(parts, kept, command, deciding)
    if first is None and request.row[f"{MADE}agreed_by"] is not None:
        _, first = await opened_claim(parts.database, request.row)
    await _finish(parts, kept, deciding, first)


def _require_repeated(kept: KeptClaim, decided_by: str | None, deciding: Deciding) -> None:
    """Check that an earlier try of this decision came at least half the way.

    Raises:
        Problem: `claim_conflict`.
    """
    is_half_way = decided_by is None and bool(kept.reasons)
    is_own = decided_by == deciding.actor.person_id or is_half_way
    if kept.state is not _state_of(deciding.decision) or not is_own:
        raise Problem(RefusalCode.CLAIM_CONFLICT, f"This claim is {kept.state} already.")


async def _agreed(parts: Services, kept: KeptClaim, deciding: Deciding) -> Agreed:
    """Return who has agreed first; where nobody has, whoever decides now is kept as that.

    Raises:
        Problem: `second_person_needed` when both accounts are one person's, or tied to a party.
    """
    by, decided = deciding.actor.person_id, _decided(deciding, deciding.reason)
    async with parts.engine.connect() as connection:
        # Before anything is kept: whoever is tied to a party would keep all others from being second.
        await require_untied(connection, kept.delivery_id, by, by)
    first = await parts.claims.agree(kept, decided)
    if first is None:
        raise Problem(RefusalCode.CLAIM_CONFLICT, "Somebody has decided about this claim already.")
    async with parts.engine.connect() as connection:
        await require_untied(connection, kept.delivery_id, by, first.person_id)
    return first


async def _command(
    parts: Services, row: Row, kept: KeptClaim, deciding: Deciding
) -> tuple[ScanCode, bool]:
    """Return the command of a claim that is proven once more, and whether two have to agree to it.

    Raises:
        Problem: it is not.
    """
    said, _ = await opened_claim(parts.database, row)
    claim = read_kept(said)
    if claim is None:
        raise Problem(RefusalCode.CODE_WRONG, _OVERRIDE)
    sent = SentClaim(
        kept.delivery_id,
        kept.person_id,
        row[f"{MADE}device_id"],
        said,
        row[f"{MADE}signature"],
        row[f"{MADE}sent_at"],
        claim,
        is_signed=True,
    )
    async with parts.engine.connect() as connection:
        found = await read_evidence(connection, kept, sent, claim)
    by = proven_by(parts.handover_key, found, kept.delivery_id, claim.purpose)
    fault = fault_of_code(by, claim.code, claim.claimed_at)
    if fault in PROVES_NOTHING:
        raise Problem(RefusalCode.CODE_WRONG, _OVERRIDE)
    if found["used_at"] is not None:
        raise Problem(RefusalCode.CODE_ALREADY_USED, "The code was accepted already. " + _OVERRIDE)
    actor = Actor(Role.TRAVELER, kept.person_id, deciding.actor.person_id)
    return scan_of_claim(by, kept.claim_id, claim, actor), needs_two_people(by.level, fault)


async def _carry_out(
    parts: Services, kept: KeptClaim, command: ScanCode, deciding: Deciding
) -> None:
    """Move custody; what is still on hold takes no pickup, so that it goes on a moment before."""
    is_resumed = command.purpose is CodePurpose.PICKUP and await resume_after(
        parts, kept, deciding.actor, deciding.reason
    )
    try:
        await parts.commands.change_delivery(
            kept.delivery_id, "scan", command, update_of(kept, "accept")
        )
    except Problem:
        if is_resumed:
            await hold_for(parts, kept, again=True)
        raise


async def _finish(parts: Services, kept: KeptClaim, deciding: Deciding, first: str | None) -> None:
    said = f"{first}\n{deciding.reason}" if first else deciding.reason
    await parts.claims.decide(kept, _decided(deciding, said))
    await resume_after(parts, kept, deciding.actor, deciding.reason)


def _decided(deciding: Deciding, said: str) -> Decided:
    return Decided(_state_of(deciding.decision), deciding.actor, said)


def _state_of(decision: ClaimDecision) -> ClaimState:
    return ClaimState.ACCEPTED if decision is ClaimDecision.ACCEPT else ClaimState.REFUSED
