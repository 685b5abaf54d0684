"""Puts a delivery on hold while a claim about it is looked at, and lets it go on afterwards."""

from __future__ import annotations

from hashlib import sha256

from api.edge.problems import Problem
from api.services import Services
from domain.contracts import Actor, Role
from domain.errors import RefusalCode
from domain.holds.rules import HoldDelivery, ResumeDelivery
from infra.identifiers import new_id
from infra.offline.keeping import KeptClaim


def update_of(kept: KeptClaim, name: str) -> str:
    """Return the id of an update that a claim leads to: the same until what became of it is written."""
    text = f"offline claim {kept.claim_id} {name} {kept.updated_at.isoformat()}"
    return sha256(text.encode()).hexdigest()


async def hold_for(parts: Services, kept: KeptClaim, *, again: bool = False) -> None:
    """Put the delivery of a claim on hold, if it is not; `again` after it has gone on since.

    One that is on hold already stays so, and from one that is over nothing more leaves. Whatever else
    refuses is left to the next try of the phone, and to staff, who have been told of the claim.
    """
    reason = f"The scan without network {kept.claim_id} is in review."
    command = HoldDelivery(reason, role=Role.OPERATOR)
    update_id = new_id() if again else update_of(kept, "hold")
    try:
        await parts.commands.change_delivery(kept.delivery_id, "hold", command, update_id)
    except Problem:
        return
    await parts.claims.note_hold(kept)


async def resume_after(parts: Services, kept: KeptClaim, actor: Actor, reason: str) -> bool:
    """Let the delivery go on if it is on hold for this claim alone; return whether it was."""
    if not await parts.claims.is_held_for(kept):
        return False
    command = ResumeDelivery(reason, actor.person_id, actor.role)
    try:
        await parts.commands.change_delivery(
            kept.delivery_id, "resume", command, update_of(kept, "resume")
        )
    except Problem as problem:
        if problem.code not in (RefusalCode.NOT_ON_HOLD, RefusalCode.DELIVERY_CLOSED):
            raise
    return True
