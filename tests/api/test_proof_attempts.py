"""A proof counts for the handover that it was added for, and for no later one."""

from __future__ import annotations

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import proof_item
from infra.identifiers import new_id
from tests.api.client import Person, code_of
from tests.api.story import Cast, Story, done
from tests.api.test_proofs import SIGNATURE, photo
from tests.api.test_relays import asked, hand_on
from tests.api.undelivered import absent
from tests.leveled import at_level

SIGNED = {**SIGNATURE, "leg": "handover"}


async def missing(cast: Cast, leg: str, to: Person | None = None) -> list[str]:
    """Return what a leg still lacks when the parcel changes hands."""
    needed = done(await (to or cast.traveler).get(f"{cast.path}/proofs"))["needed"]
    found = [each for each in needed if (each["leg"], each["outcome"]) == (leg, "done")]
    still: list[str] = found[0]["missing"]
    return still


async def test_what_was_proven_at_a_failed_try_is_proven_again_at_the_next(story: Story) -> None:
    cast = await story.picked_up(undeliverable_action="retry", proofs={"signature": True})
    done(await cast.traveler.post(f"{cast.path}/proofs", SIGNED))
    assert await missing(cast, "handover") == []
    done(await cast.traveler.post(f"{cast.path}/handover-failed", absent()))
    assert await missing(cast, "handover") == ["signature"]
    code = done(await cast.recipient.get(f"{cast.path}/codes/handover"))["code"]
    refused = await cast.traveler.post(f"{cast.path}/handover", {"code": code})
    assert (refused.status_code, code_of(refused)) == (409, "proof_missing")
    done(await cast.traveler.post(f"{cast.path}/proofs", SIGNED))
    again = await cast.traveler.post(f"{cast.path}/handover", {"code": code})
    assert done(again)["status"] == "delivered"


async def test_what_the_first_traveler_has_proven_is_no_proof_of_the_second(story: Story) -> None:
    cast = await story.picked_up(proofs={"signature": True})
    taker = await story.traveler()
    done(await cast.traveler.post(f"{cast.path}/proofs", SIGNED))
    await hand_on(cast, taker)
    assert await missing(cast, "handover", taker) == ["signature"]
    done(await taker.post(f"{cast.path}/proofs", SIGNED))
    assert await missing(cast, "handover", taker) == []


async def test_the_photo_of_a_relay_serves_no_other_one(story: Story, engine: AsyncEngine) -> None:
    cast = await at_level(engine, await story.picked_up(), "maximum")
    first, second = await story.traveler(), await story.traveler()
    relay = await asked(cast, first)
    done(await cast.traveler.post(f"{cast.path}/proofs", photo(leg="relay")))
    assert await missing(cast, "relay") == []
    done(await cast.traveler.post(f"{cast.path}/relays/{relay['relay_id']}/withdraw"))
    await asked(cast, second)
    assert await missing(cast, "relay") == ["photo"]


async def add_without_attempt(engine: AsyncEngine, cast: Cast) -> None:
    """Write a signature as a process does that does not know of attempts."""
    row = {
        "item_id": new_id(),
        "delivery_id": cast.delivery_id,
        "leg": "handover",
        "kind": "signature",
        "author_id": cast.traveler.person_id,
        "author_role": "traveler",
        "counts": True,
        "detail": "",
    }
    async with engine.begin() as connection:
        await connection.execute(insert(proof_item).values(row))


async def test_a_proof_of_a_process_that_knows_no_attempts_counts_for_the_one_of_its_moment(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await story.picked_up(undeliverable_action="retry", proofs={"signature": True})
    await add_without_attempt(engine, cast)
    done(await cast.traveler.post(f"{cast.path}/handover-failed", absent()))
    code = done(await cast.recipient.get(f"{cast.path}/codes/handover"))["code"]
    refused = await cast.traveler.post(f"{cast.path}/handover", {"code": code})
    assert code_of(refused) == "proof_missing"
    await add_without_attempt(engine, cast)
    again = await cast.traveler.post(f"{cast.path}/handover", {"code": code})
    assert done(again)["status"] == "delivered"
