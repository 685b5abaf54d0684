"""How a code was presented, as the timeline names it."""

from __future__ import annotations

from domain.contracts import ScanCode

METHOD = "method"
"""Fact of an accepted scan: how its code was presented."""
OFFLINE = "offline"
"""Method of a scan that was made without network and told of later."""
CLAIM_ID = "claim_id"
"""Fact of such a scan: the claim that tells of it."""
CLAIMED_AT = "claimed_at"
"""Fact of such a scan: when it was made, by the traveler's device."""


def method_facts(scan: ScanCode) -> dict[str, str]:
    """Return what the event of an accepted scan says of how its code was presented."""
    if not scan.claim_id:
        return {METHOD: "pin" if scan.is_pin else "code"}
    facts = {METHOD: OFFLINE, CLAIM_ID: scan.claim_id}
    if scan.claimed_at is not None:
        facts[CLAIMED_AT] = scan.claimed_at.isoformat()
    return facts
