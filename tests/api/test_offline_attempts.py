"""Scans without network stand among all other scans, and in the copy of whoever made them."""

from __future__ import annotations

from typing import Any

from tests.api.offline_trip import Trip, code_at_door, signed_claim
from tests.api.story import Cast, Story, done

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
