"""Scans without network: what is taken along, and what becomes of the claims that come back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.offline.manifest import CheckValue
from infra.base64url import from_base64url
from infra.database.schema import custody_claim
from tests.api.client import code_of
from tests.api.identity.phones import activated
from tests.api.offline_trip import Trip, code_at_door, event_of, moment, signed_claim
from tests.api.story import Cast, Story, done

HOUR, MINUTES_5 = timedelta(hours=1), timedelta(minutes=5)
ACCEPTED: list[tuple[str, list[str]]] = [("accepted", [])]


async def test_a_manifest_is_signed_and_tells_a_right_code_from_a_wrong_one(story: Story) -> None:
    cast = await story.picked_up()
    phone = await activated(cast.traveler)
    answer = done(await phone.post(f"{cast.path}/offline-manifest"))
    key = done(await cast.traveler.get("/v1/offline-key"))
    public = Ed25519PublicKey.from_public_bytes(from_base64url(key["public_key"]))
    signed = b"sendalong offline manifest 1\n" + answer["manifest"].encode()
    public.verify(from_base64url(answer["signature"]), signed)
    with pytest.raises(InvalidSignature):
        public.verify(
            from_base64url(answer["signature"]), signed.replace(b'"radius_m":', b'"radius_m":9')
        )
    leg = json.loads(answer["manifest"])["legs"][0]
    check = CheckValue(bytes.fromhex(leg["check"]["salt"]), bytes.fromhex(leg["check"]["digest"]))
    assert check.fits(await code_at_door(cast))
    assert not check.fits(await code_at_door(await story.picked_up()))
    assert answer["key_id"] == key["key_id"]


async def test_only_a_device_of_the_traveler_takes_a_manifest_along(story: Story) -> None:
    cast = await story.picked_up()
    unsigned = await cast.traveler.post(f"{cast.path}/offline-manifest")
    assert code_of(unsigned) == "device_missing"
    others = await activated(cast.customer)
    assert code_of(await others.post(f"{cast.path}/offline-manifest")) == "not_your_role"
    by_other = await others.post(f"{cast.path}/offline-manifest", by=cast.traveler)
    assert code_of(by_other) == "device_wrong"
    early = await story.offered()
    assert (
        code_of(await (await activated(early.customer)).post(f"{early.path}/offline-manifest"))
        == "not_your_role"
    )


async def test_custody_moves_at_the_sync_and_the_window_begins_then(story: Story) -> None:
    cast = await story.picked_up()
    trip, code = await Trip.begun(cast), await code_at_door(cast)
    claimed_at = datetime.now(UTC) - timedelta(seconds=30)
    claim = trip.claim(code, claimed_at)
    assert done(await cast.customer.get(cast.path))["status"] == "in_transit"
    before = datetime.now(UTC)
    assert await trip.told(claim) == ACCEPTED
    delivery = done(await cast.customer.get(cast.path))
    assert (delivery["status"], delivery["held_payment"]["status"]) == ("delivered", "held")
    event = await event_of(cast, "handed_over")
    assert event["facts"]["method"] == "offline"
    assert datetime.fromisoformat(event["facts"]["claimed_at"]) == claimed_at
    assert datetime.fromisoformat(event["at"]) >= before - timedelta(seconds=1)
    assert await trip.told(claim) == ACCEPTED, "a claim that comes again is answered as before"
    listed = done(await cast.traveler.get("/v1/offline-claims", delivery_id=cast.delivery_id))
    assert [item["state"] for item in listed["items"]] == ["accepted"]


async def test_a_pickup_is_claimed_as_well(story: Story) -> None:
    cast = await story.paid()
    trip = await Trip.begun(cast)
    claim = trip.claim(await code_at_door(cast, "pickup"), purpose="pickup")
    assert await trip.told(claim) == ACCEPTED
    assert done(await cast.customer.get(cast.path))["status"] == "in_transit"


async def _unreadable(trip: Trip, _: str) -> dict[str, str]:
    return signed_claim(trip.phone, "no claim at all")


async def _tampered_manifest(trip: Trip, code: str) -> dict[str, str]:
    return trip.claim(code, manifest_hash="0" * 64)


async def _other_device(trip: Trip, code: str) -> dict[str, str]:
    return trip.claim(code, by=await activated(trip.phone.owner))


async def _manifest_of_other_device(trip: Trip, code: str) -> dict[str, str]:
    second = await activated(trip.phone.owner)
    return replace(trip, phone=second).claim(code)


async def _changed_after_signing(trip: Trip, code: str) -> dict[str, str]:
    claim = trip.claim(code)
    return {**claim, "claim": claim["claim"].replace('"is_mock": false', '"is_mock": true')}


async def _wrong_code(trip: Trip, code: str) -> dict[str, str]:
    return trip.claim(code[:-4] + ("A" if code[-4] != "A" else "B") + code[-3:])


async def _pin(trip: Trip, _: str) -> dict[str, str]:
    return trip.claim("483920")


async def _pickup_code(trip: Trip, code: str) -> dict[str, str]:
    return trip.claim(code, purpose="return")


Wrong = Callable[[Trip, str], Awaitable[dict[str, str]]]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (_unreadable, "claim_unreadable"),
        (_tampered_manifest, "manifest_changed"),
        (_other_device, "claim_signature_wrong"),
        (_manifest_of_other_device, "manifest_of_other_device"),
        (_changed_after_signing, "claim_signature_wrong"),
        (_wrong_code, "code_wrong"),
        (_pin, "pin_offline"),
        (_pickup_code, "code_foreign"),
    ],
)
async def test_what_proves_nothing_is_kept_and_refused(
    story: Story, engine: AsyncEngine, wrong: Wrong, reason: str
) -> None:
    cast = await _on_the_way(story)
    trip, code = await Trip.begun(cast), await code_at_door(cast)
    claim = await wrong(trip, code)
    assert await trip.told(claim) == [("refused", [reason])]
    assert await trip.told(claim) == [("refused", [reason])]
    async with engine.connect() as connection:
        kept = select(func.count()).where(
            custody_claim.c.delivery_id == cast.delivery_id,
            custody_claim.c.device_id == claim["device_id"],
            custody_claim.c.state == "refused",
        )
        assert await connection.scalar(kept)
    assert done(await cast.customer.get(cast.path))["status"] == "in_transit"


_SHARED: dict[int, Cast] = {}


async def _on_the_way(story: Story) -> Cast:
    """Return one delivery for all claims that move nothing."""
    if id(story) not in _SHARED:
        _SHARED[id(story)] = await story.picked_up()
    return _SHARED[id(story)]


async def test_the_manifest_of_another_delivery_proves_nothing(story: Story) -> None:
    cast = await story.picked_up()
    other = await story.picked_up()
    phone = await activated(cast.traveler)
    trip = await Trip.begun(cast, phone)
    elsewhere = replace(trip, path=other.path)
    unknown = await elsewhere.sync(trip.claim(await code_at_door(other)))
    assert code_of(unknown) == "not_found", "it is of no delivery that this person carries"
    offer = {"price_minor": 4200}
    third = await story.requested()
    made = done(await cast.traveler.post(f"{third.path}/offers", offer))
    path = f"{third.path}/offers/{made['offer_id']}/accept"
    done(await third.customer.post(path, {"payment_method": "pm_sandbox_ok", **offer}))
    await third.until("awaiting_pickup")
    third.traveler = cast.traveler
    code = await code_at_door(third, "pickup")
    claims = [trip.claim(code, purpose="pickup")]
    assert await replace(trip, path=third.path).told(*claims) == [("refused", ["manifest_unknown"])]


async def _late(trip: Trip, code: str) -> list[tuple[str, list[str]]]:
    return await trip.told(trip.claim(code, datetime.now(UTC) - 25 * HOUR))


async def _clock_ahead(trip: Trip, code: str) -> list[tuple[str, list[str]]]:
    at = datetime.now(UTC) + MINUTES_5
    return await trip.told(trip.claim(code, at), ahead=MINUTES_5)


async def _gap(trip: Trip, code: str) -> list[tuple[str, list[str]]]:
    trip.claim(code)
    return await trip.told(trip.claim(code))


@pytest.mark.parametrize(
    ("doubtful", "reasons"),
    [
        (_late, ["claim_clock_off", "claim_too_old"]),
        (_clock_ahead, ["claim_clock_off"]),
        (_gap, ["claim_counter_gap"]),
    ],
)
async def test_what_is_in_doubt_is_held_for_an_agent_and_both_sides_are_told(
    story: Story,
    doubtful: Callable[[Trip, str], Awaitable[list[tuple[str, list[str]]]]],
    reasons: list[str],
) -> None:
    cast = await story.picked_up()
    trip, code = await Trip.begun(cast), await code_at_door(cast)
    assert await doubtful(trip, code) == [("in_review", reasons)]
    delivery = done(await cast.customer.get(cast.path))
    assert (delivery["status"], delivery["on_hold"]) == ("in_transit", True)
    clocks = done(await cast.traveler.get(f"{cast.path}/deadlines"))["deadlines"]
    review = next(clock for clock in clocks if clock["kind"] == "claim_review")
    assert (review["owner"], "nothing leaves" in review["money_effect"]) == ("agent", True)
    items = done(
        await cast.agent.get("/v1/attention", kind="offline_claim", delivery_id=cast.delivery_id)
    )["items"]
    assert len(items) == 1
    assert (await event_of(cast, "claim_in_review"))["facts"]["reason"] == reasons[0]


async def test_what_was_scanned_online_meanwhile_leaves_nothing_to_do(story: Story) -> None:
    cast = await story.picked_up()
    trip, code = await Trip.begun(cast), await code_at_door(cast)
    claim = trip.claim(code)
    done(await cast.traveler.post(f"{cast.path}/handover", {"code": code}))
    assert await trip.told(claim) == [("superseded", [])]
    assert done(await cast.customer.get(cast.path))["on_hold"] is False


async def test_two_phones_that_claim_the_same_handover_are_looked_at(story: Story) -> None:
    cast = await story.picked_up()
    one, other = await Trip.begun(cast), await Trip.begun(cast)
    code = await code_at_door(cast)
    first, second = one.claim(code), other.claim(code)
    assert await one.told(first) == ACCEPTED
    assert await other.told(second) == [("in_review", ["claim_conflict"])]
    delivery = done(await cast.customer.get(cast.path))
    assert (delivery["status"], delivery["on_hold"]) == ("delivered", True)


async def test_claims_out_of_order_are_taken_in_the_order_of_their_numbers(story: Story) -> None:
    cast = await story.picked_up()
    trip, code = await Trip.begun(cast), await code_at_door(cast)
    wrong, right = await _wrong_code(trip, code), trip.claim(code)
    assert await trip.told(right, wrong) == [("accepted", []), ("refused", ["code_wrong"])]


async def test_a_number_that_is_used_twice_is_looked_at(story: Story) -> None:
    cast = await story.picked_up()
    trip, code = await Trip.begun(cast), await code_at_door(cast)
    twin = replace(trip)
    assert await trip.told(await _wrong_code(trip, code)) == [("refused", ["code_wrong"])]
    assert await twin.told(twin.claim(code)) == [("in_review", ["claim_conflict"])]


async def test_a_network_that_comes_back_twice_moves_custody_once(story: Story) -> None:
    cast = await story.picked_up()
    trip, code = await Trip.begun(cast), await code_at_door(cast)
    claim = trip.claim(code)
    results = await asyncio.gather(*(trip.told(claim) for _ in range(4)))
    assert {state for result in results for state, _ in result} <= {"accepted", "pending"}
    assert await trip.told(claim) == ACCEPTED
    items = done(await cast.agent.get(f"{cast.path}/timeline", limit=100))["items"]
    assert [item["kind"] for item in items].count("handed_over") == 1


async def test_a_revoked_phone_is_never_dropped(story: Story) -> None:
    cast = await story.picked_up()
    trip, code = await Trip.begun(cast), await code_at_door(cast)
    claim = trip.claim(code)
    http = cast.traveler.http
    path = f"/v1/me/devices/{trip.phone.device_id}"
    done(await http.delete(path, headers=cast.traveler.headers))
    assert await trip.told(claim) == [("in_review", ["device_revoked"])]


async def test_the_moment_of_a_phone_is_read_to_the_millisecond(story: Story) -> None:
    cast = await story.picked_up()
    trip, at = await Trip.begun(cast), datetime.now(UTC)
    result = done(await trip.sync(trip.claim("483920", at)))["claims"][0]
    seen = done(await cast.traveler.get(f"/v1/offline-claims/{result['claim_id']}"))
    assert seen["claimed_at"] == moment(at)[:-4] + "Z"
