"""A claim whose phone never comes back is told to staff, and forgotten by none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, update

from domain.attention import AttentionKind
from infra.database.schema import custody_claim
from infra.identifiers import new_id
from tests.infra.reconciliation.world import World


async def test_a_claim_that_was_never_judged_is_told_until_it_is(world: World) -> None:
    story = await world.held()
    assert story.traveler.person_id is not None
    claim = {
        "claim_id": new_id(),
        "delivery_id": story.delivery_id,
        "person_id": story.traveler.person_id,
        "device_id": new_id(),
        "is_chained": False,
        "claim": "",
        "sha256": "0" * 64,
        "signature": b"",
        "sent_at": datetime.now(UTC),
    }
    async with story.engine.begin() as connection:
        await connection.execute(insert(custody_claim).values(**claim))
    assert (await world.reconcile(later=timedelta(minutes=50))).found == {}
    found = (await world.reconcile(later=timedelta(minutes=70))).found
    assert found == {AttentionKind.OFFLINE_CLAIM: 1}
    async with story.engine.begin() as connection:
        own = custody_claim.c.claim_id == claim["claim_id"]
        await connection.execute(update(custody_claim).where(own).values(state="accepted"))
    assert (await world.reconcile(later=timedelta(minutes=80))).found == {}
