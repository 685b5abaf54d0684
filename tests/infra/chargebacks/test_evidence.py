"""Evidence is assembled from the records alone, and says the same as long as they do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from activities.ports import Position
from domain.contracts import PLATFORM, CodePurpose
from domain.pricing import Place
from domain.transitions import EventKind, LateEvent
from infra.chargebacks.evidence import DatabaseEvidence
from infra.database.positions import DatabaseLocations
from infra.database.schema import dispute_evidence, dispute_message
from infra.identifiers import new_id
from tests.infra.chargebacks.conftest import Disputed
from tests.infra.database.story import moment
from tests.keys import ENCRYPTION

NEAR, FAR = Place(41.3803, 2.1730), Place(40.4200, -3.7050)
START = datetime(2026, 5, 1, tzinfo=UTC)


async def carried(disputed: Disputed) -> None:
    """Carry the parcel to its recipient, with positions on the way."""
    story = disputed.story
    await story.pick_up()
    found = (Position(FAR, 12.0, START), Position(NEAR, 8.0, START + timedelta(hours=9)))
    await DatabaseLocations(story.engine).store(story.delivery_id, found)
    facts = {"method": "pin"}
    await story.scan(CodePurpose.HANDOVER, transition=story.handed_over(facts=facts))
    story.standing = story.handed_over().standing


async def quarrelled(disputed: Disputed) -> None:
    """Open a dispute in which both sides speak, and decide it."""
    story = disputed.story
    dispute_id = await story.dispute()
    shown = {
        "evidence_id": new_id(),
        "dispute_id": dispute_id,
        "author_id": story.customer.person_id,
        "kind": "photo",
        "description": "It broke; call +34 600 000 001.",
        "content_sha256": "ab" * 32,
    }
    said = {
        "message_id": new_id(),
        "dispute_id": dispute_id,
        "author_id": story.traveler.person_id,
        "text": "It was broken before. Mara knows.",
    }
    async with story.engine.begin() as connection:
        await connection.execute(insert(dispute_evidence).values(shown))
        await connection.execute(insert(dispute_message).values(said))
    await story.decide("release", 0)


async def test_it_holds_what_was_proven_and_nothing_to_find_somebody_by(
    disputed: Disputed,
) -> None:
    await carried(disputed)
    await quarrelled(disputed)
    source = DatabaseEvidence(disputed.story.engine, ENCRYPTION.keys)
    found = await source.assemble(disputed.story.delivery_id)
    assert (found.scans, found.positions, found.exhibits, found.messages) == (2, 2, 1, 1)
    told = found.evidence.uncategorized_text
    for words in (
        "one-time handover code and the traveler entered it, as a typed PIN",
        "the closest was 33 m from the destination",
        f"photo by the customer: It broke; call (removed)., SHA-256 {'ab' * 32}",
        "message of the traveler, SHA-256 ",
        "release",
        "picked up",
    ):
        assert words in told
    everything = str(found.evidence)
    for personal in ("Mara", "Rosa", "600 000 001", "Gran Via", "La Rambla", "books"):
        assert personal not in everything
    assert "2.5 kg over 505 km" in found.evidence.product_description


async def test_it_stays_the_same_while_only_the_chargeback_moves(disputed: Disputed) -> None:
    await carried(disputed)
    source, story = DatabaseEvidence(disputed.story.engine, ENCRYPTION.keys), disputed.story
    before = await source.assemble(story.delivery_id)
    late = LateEvent(story.delivery_id, "opened", EventKind.CHARGEBACK_OPENED, PLATFORM, moment())
    await story.records.note(late)
    assert await source.assemble(story.delivery_id) == before


async def test_a_delivery_of_which_nothing_is_known_yet_has_evidence_too(
    disputed: Disputed,
) -> None:
    found = await DatabaseEvidence(disputed.story.engine, ENCRYPTION.keys).assemble(
        disputed.story.delivery_id
    )
    assert (found.scans, found.positions, found.exhibits, found.messages) == (0, 0, 0, 0)
    assert found.evidence.shipping_tracking_number == disputed.story.delivery_id
