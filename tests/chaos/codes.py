"""What became of the codes that were scanned: each is used up once, by a step that was taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import text

from domain.contracts import CodePurpose
from domain.transitions import EventKind
from tests.chaos.world import World

TAKEN: Mapping[str, frozenset[str]] = {
    CodePurpose.PICKUP: frozenset({EventKind.PICKED_UP, EventKind.PICKUP_VERIFIED}),
    CodePurpose.HANDOVER: frozenset({EventKind.HANDED_OVER, EventKind.HANDED_OVER_LATE}),
}
"""The steps that codes are used up by; a payment that is only reserved is taken in between."""
_USED = text("SELECT count(*) FROM handover_code WHERE used_at IS NOT NULL")
_SCANS = text("""
SELECT CAST(scan_attempt.delivery_id AS text) AS delivery_id, purpose, outcome, refusal, method,
    event_sequence, event.kind AS step
FROM scan_attempt LEFT JOIN event
    ON event.delivery_id = scan_attempt.delivery_id AND event.sequence = event_sequence
""")


@dataclass(frozen=True)
class Codes:
    """How codes were used."""

    used: int = 0
    """Codes that were used up."""
    accepted: Mapping[str, int] = field(default_factory=dict)
    """Accepted scans by how the code was made."""
    refused: Mapping[str, int] = field(default_factory=dict)
    """Refused scans by why."""
    problems: list[str] = field(default_factory=list)


async def look_at_codes(world: World) -> Codes:
    """Return how codes were used; an accepted scan without a step of its own is a problem."""
    async with world.engine.connect() as connection:
        scans = (await connection.execute(_SCANS)).all()
        used = int(await connection.scalar(_USED) or 0)
    accepted = [each for each in scans if each.outcome == "accepted"]
    steps = Counter((each.delivery_id, each.event_sequence) for each in accepted)
    problems = [
        f"{each.delivery_id}: a code of the {each.purpose} was accepted, and no step was taken"
        for each in accepted
        if each.step not in TAKEN[each.purpose]
    ]
    problems += [
        f"{delivery_id}: {count} scans were accepted for one step"
        for (delivery_id, _), count in steps.items()
        if count > 1
    ]
    return Codes(
        used,
        Counter(each.method for each in accepted),
        Counter(each.refusal for each in scans if each.outcome == "refused"),
        problems,
    )
