"""Scans without network stand among all other scans, and in the copy of whoever made them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.offline.claims import hash_of
from tests.api.offline_trip import Trip, at_the_door, code_at_door, signed_claim
from tests.api.story import Cast, Story, done
from tests.api.test_offline_levels import held, rotating
from tests.leveled import at_level

REFUSE = {"decision": "refuse", "reason": "The recipient has no parcel."}


async def attempts(cast: Cast) -> list[tuple[str, str, str]]:
    """Return what became of the scans without network, the first one first."""
    items: list[dict[str, Any]] = done(await cast.agent.get(f"{cast.path}/scan-attempts"))["items"]
    of_claims = [each for each in items if each["source"] == "offline"]
    return [(each["outcome"], each["refusal"], each["method"]) for each in reversed(of_claims)]


async def test_every_claim_is_an_attempt_to_scan(story: Story) -> None:
    cast = await story.picked_up()
    trip, code = await Trip.begun(cast), await code_at_door(cast)
    wrong = trip.claim("SA1H" + "A" * 42)
    forged = {**trip.claim(code), "signature": "A" * 86}
    unreadable = signed_claim(trip.phone, "no claim at all")
    states = [state for state, _ in await trip.told(wrong, forged, unreadable)]
    assert states == ["refused", "refused", "refused"]
    wrong_and_forged = [
        ("refused", "code_foreign", "opaque"),
        ("refused", "claim_signature_wrong", "opaque"),
    ]
    assert await attempts(cast) == wrong_and_forged
    (in_review,) = done(await trip.sync(trip.claim(code)))["claims"]
    assert in_review["state"] == "in_review"
    assert await attempts(cast) == [*wrong_and_forged, ("pending", "", "opaque")]
    path = f"/v1/offline-claims/{in_review['claim_id']}/decision"
    done(await cast.agent.post(path, REFUSE))
    assert (await attempts(cast))[-1] == ("refused", "refused_by_staff", "opaque")


async def test_a_claim_that_is_accepted_names_its_event_and_is_in_the_copy_of_its_traveler(
    story: Story,
) -> None:
    cast = await story.picked_up()
    trip, code = await Trip.begun(cast), await code_at_door(cast)
    assert await trip.told(trip.claim(code)) == [("accepted", [])]
    newest = done(await cast.agent.get(f"{cast.path}/scan-attempts"))["items"][0]
    assert (newest["outcome"], newest["source"], newest["distance_m"]) == ("accepted", "offline", 0)
    assert newest["event_sequence"] is not None
    copy = done(await cast.traveler.post("/v1/me/exports"))
    (claim,) = copy["offline_claims_of_yours"]
    assert (claim["state"], claim["delivery_id"]) == ("accepted", cast.delivery_id)
    assert code in claim["claim"]
    assert [each["source"] for each in copy["scans_of_yours"]] == ["online", "offline"]
    assert done(await cast.recipient.post("/v1/me/exports"))["offline_claims_of_yours"] == []


NO_ACCURACY = ("-1", "1e39", "1e400")
"""What phones write who do not know it, and what is more than a column or a number can hold."""


def claim_as_exact_as(trip: Trip, code: str, at: datetime, accuracy: str) -> dict[str, str]:
    """Return the next claim, whose position is as exact as some text says."""
    claim = trip.claim(code, at, position={**at_the_door(at), "accuracy_m": -77})
    said = claim["claim"].replace('"accuracy_m": -77', f'"accuracy_m": {accuracy}')
    trip.previous = hash_of(said)
    return signed_claim(trip.phone, said)


async def accuracies_of(cast: Cast) -> list[float | None]:
    """Return how exact the scans without network were, by their list, the newest first."""
    items = done(await cast.agent.get(f"{cast.path}/scan-attempts"))["items"]
    return [each["accuracy_m"] for each in items if each["source"] == "offline"]


@pytest.mark.parametrize(
    ("accuracy", "kept"), [*((text, None) for text in NO_ACCURACY), ("1e-60", 0.0)]
)
async def test_a_scan_that_needs_no_place_is_carried_out_however_exact_its_position_is(
    story: Story, accuracy: str, kept: float | None
) -> None:
    cast = await story.picked_up()
    trip, code = await Trip.begun(cast), await code_at_door(cast)
    claim = claim_as_exact_as(trip, code, datetime.now(UTC), accuracy)
    assert await trip.told(claim) == [("accepted", [])]
    assert await accuracies_of(cast) == [kept]
    copy = json.loads((await cast.traveler.post("/v1/me/exports")).text, parse_constant=pytest.fail)
    assert [each["accuracy_m"] for each in copy["scans_of_yours"]][-1] == kept
    assert accuracy in copy["offline_claims_of_yours"][0]["claim"]


@pytest.mark.parametrize("accuracy", NO_ACCURACY)
async def test_a_scan_that_needs_a_place_is_looked_at_when_nobody_knows_how_exact_it_is(
    story: Story, engine: AsyncEngine, accuracy: str
) -> None:
    cast = await at_level(engine, await story.picked_up(), "high")
    _, told = await held(cast)
    trip, at = await Trip.begun(cast), datetime.now(UTC)
    claim = claim_as_exact_as(trip, rotating(cast, told["secret"], at), at, accuracy)
    (result,) = done(await trip.sync(claim))["claims"]
    assert (result["state"], result["reasons"]) == ("in_review", ["place_inaccurate"])
    assert await accuracies_of(cast) == [None]
    seen = await cast.agent.get(f"/v1/offline-claims/{result['claim_id']}")
    position = json.loads(seen.text, parse_constant=pytest.fail)["evidence"]["position"]
    assert (position["accuracy_m"], position["away_m"]) == (None, 0)
