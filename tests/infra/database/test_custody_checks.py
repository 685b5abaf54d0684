"""A parcel changes hands by the scan of a relay alone; anything else is found."""

from __future__ import annotations

from dataclasses import replace

from domain.transitions import EventKind
from infra.database.invariants import check_invariants
from tests.conftest import MakePerson
from tests.infra.database.story import Story


async def test_a_parcel_that_changes_hands_without_a_scan_is_found(
    victim: Story, make_person: MakePerson
) -> None:
    await victim.held()
    await victim.deliver()
    thief = await make_person("traveler")
    victim.standing = replace(victim.standing, traveler_id=thief)
    await victim.tell(EventKind.TRAVELER_HEARD)
    report = await check_invariants(victim.engine, victim.delivery_id)
    (found,) = report.violations
    assert (found.invariant, found.problem) == (
        "I6",
        "the parcel got another traveler by traveler_heard instead of a scan",
    )
