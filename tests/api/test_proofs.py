"""Other proofs than codes: who adds them when, what is kept of them, and who sees them."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import parcel, proof_item
from tests.api.client import code_of
from tests.api.counting import Counter
from tests.api.story import MUNICH, Cast, Story, done

AT_THE_DOOR = {
    "latitude": 52.5401,
    "longitude": 13.4105,
    "accuracy_m": 9.0,
    "taken_at": "2026-05-02T10:15:00Z",
}
LABEL = "1Z 999 AA1 0123"


def picture(color: str = "red", kind: str = "PNG") -> bytes:
    written = BytesIO()
    Image.new("RGB", (30, 20), color).save(written, kind, comment=b"at home")
    return written.getvalue()


def photo(raw: bytes | None = None, **more: Any) -> dict[str, Any]:
    raw = raw if raw is not None else picture()
    sent = {"media_type": "image/png", "content": b64encode(raw).decode()}
    return {"kind": "photo", "leg": "pickup", "picture": sent, **more}


SIGNATURE = {"kind": "signature", "leg": "pickup", "strokes": [[[0, 0], [500, 700], [1000, 1000]]]}


def id_check(**more: Any) -> dict[str, Any]:
    found = {"document": "passport", "minimum_age": 18, "is_old_enough": True, **more}
    return {"kind": "id_check", "leg": "handover", "id_check": found}


@pytest.fixture(scope="module")
async def cast(story: Story) -> Cast:
    """A delivery with a traveler who carries the parcel; its customer asked for proofs."""
    wanted = {"minimum_age": 18, "signature": True, "label": LABEL}
    cast = await story.paid(proofs=wanted)
    scan = {"kind": "label_barcode", "leg": "pickup", "label": LABEL}
    done(await cast.traveler.post(f"{cast.path}/proofs", scan))
    code = done(await cast.customer.get(f"{cast.path}/codes/pickup"))
    done(await cast.traveler.post(f"{cast.path}/pickup", {"code": code["code"]}))
    return cast


async def test_a_photo_is_kept_without_what_a_camera_notes_and_shown_to_the_parties(
    cast: Cast, story: Story, engine: AsyncEngine
) -> None:
    raw = picture()
    added = await cast.traveler.post(f"{cast.path}/proofs", photo(raw, position=AT_THE_DOOR))
    kept = done(added)
    assert kept["original_sha256"] == sha256(raw).hexdigest()
    assert (kept["by_role"], kept["counts"], kept["distance_m"]) == ("traveler", True, 0)
    path = f"{cast.path}/proofs/{kept['proof_id']}/picture"
    for person in (cast.customer, cast.traveler, cast.recipient, cast.agent):
        shown = await person.get(path)
        assert sha256(shown.content).hexdigest() == kept["sha256"]
        assert b"at home" not in shown.content
        assert shown.headers["content-type"] == "image/jpeg"
        assert "sandbox" in shown.headers["content-security-policy"]
        listed = done(await person.get(f"{cast.path}/proofs"))["items"]
        assert kept in listed
    stranger = await story.person("customer")
    for answer in (await stranger.get(path), await stranger.get(f"{cast.path}/proofs")):
        assert (answer.status_code, code_of(answer)) == (404, "not_found")
    elsewhere = await story.requested()
    moved = path.replace(cast.delivery_id, elsewhere.delivery_id)
    assert (await elsewhere.customer.get(moved)).status_code == 404
    async with engine.connect() as connection:
        query = select(proof_item).where(proof_item.c.item_id == kept["proof_id"])
        row = (await connection.execute(query)).one()
    assert row.detail.startswith("enc1.")
    assert bytes(row.content).startswith(b"enc1.")


async def test_the_same_request_again_adds_nothing(cast: Cast) -> None:
    first = done(await cast.traveler.post(f"{cast.path}/proofs", photo(), key="same-photo"))
    again = await cast.traveler.post(f"{cast.path}/proofs", photo(), key="same-photo")
    assert (again.status_code, again.json()) == (201, first)
    listed = done(await cast.customer.get(f"{cast.path}/proofs"))["items"]
    assert [item["proof_id"] for item in listed].count(first["proof_id"]) == 1


async def test_a_signature_becomes_a_picture_of_its_line(cast: Cast) -> None:
    kept = done(await cast.traveler.post(f"{cast.path}/proofs", SIGNATURE))
    shown = await cast.customer.get(f"{cast.path}/proofs/{kept['proof_id']}/picture")
    with Image.open(BytesIO(shown.content)) as image:
        assert min(image.convert("L").tobytes()) < 80, "there is ink on it"
    assert kept["counts"]


async def test_what_is_needed_is_missing_until_it_is_there_and_counts(story: Story) -> None:
    cast = await story.picked_up(proofs={"minimum_age": 21, "signature": True})

    async def missing() -> list[str]:
        (needed,) = done(await cast.traveler.get(f"{cast.path}/proofs"))["needed"]
        assert (needed["leg"], needed["outcome"]) == ("handover", "done")
        assert needed["minimum_age"] == 21, "whoever looks at the document has to know"
        still: list[str] = needed["missing"]
        return still

    path = f"{cast.path}/proofs"
    assert await missing() == ["signature", "id_check"]
    signed = {**SIGNATURE, "leg": "handover"}
    assert not done(await cast.recipient.post(path, signed))["counts"]
    for finding in ({"minimum_age": 18}, {"minimum_age": 21, "is_old_enough": False}):
        assert not done(await cast.traveler.post(path, id_check(**finding)))["counts"]
    assert await missing() == ["signature", "id_check"]
    done(await cast.traveler.post(path, signed))
    kept = done(await cast.traveler.post(path, id_check(minimum_age=21)))
    assert (kept["document"], kept["is_old_enough"], kept["counts"]) == ("passport", True, True)
    assert await missing() == []


async def test_the_parcels_own_label_is_compared_and_never_kept(
    cast: Cast, engine: AsyncEngine
) -> None:
    scan = {"kind": "label_barcode", "leg": "pickup"}
    path = f"{cast.path}/proofs"
    wrong = await cast.traveler.post(path, {**scan, "label": "1Z999AA10124"})
    assert (wrong.status_code, code_of(wrong)) == (422, "label_differs")
    kept = done(await cast.traveler.post(path, {**scan, "label": "1Z999AA1 0123"}))
    assert (kept["label_matches"], kept["counts"]) == (True, True)
    async with engine.connect() as connection:
        query = select(parcel.c.label_digest).where(parcel.c.delivery_id == cast.delivery_id)
        digest = (await connection.execute(query)).scalar_one()
    assert len(digest) == 64
    late = await cast.customer.post(f"{cast.path}/label", {"label": "another"})
    assert (late.status_code, code_of(late)) == (409, "wrong_state")


async def test_the_sender_says_before_pickup_what_the_label_says(story: Story) -> None:
    cast = await story.paid()
    assert done(await cast.traveler.get(f"{cast.path}/proofs"))["needed"] == []
    foreign = await cast.traveler.post(f"{cast.path}/label", {"label": "mine"})
    assert (foreign.status_code, code_of(foreign)) == (403, "not_your_role")
    assert done(await cast.customer.post(f"{cast.path}/label", {"label": LABEL}))["has_label"]
    needed = done(await cast.traveler.get(f"{cast.path}/proofs"))["needed"]
    assert [(each["leg"], each["kinds"]) for each in needed] == [
        ("pickup", ["label_barcode"]),
        ("handover", ["label_barcode"]),
    ]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (photo(b"CANARY"), 422, "file_refused"),
        (photo(picture(kind="JPEG")), 422, "file_refused"),
        ({**photo(), "label": LABEL}, 422, "fields_invalid"),
        ({"kind": "photo", "leg": "pickup"}, 422, "fields_invalid"),
        ({**SIGNATURE, "strokes": [[[0, 1001]]]}, 422, "fields_invalid"),
        ({**SIGNATURE, "strokes": [[[0, 0]] * 4_001]}, 422, "fields_invalid"),
        ({**SIGNATURE, "strokes": []}, 422, "fields_invalid"),
        (id_check(number="C01X00T47"), 422, "fields_invalid"),
        ({"kind": "label_barcode", "leg": "pickup", "label": "a  b"}, 422, "fields_invalid"),
        ({**SIGNATURE, "leg": "return"}, 409, "wrong_state"),
        (photo(b"\0" * (7 * 1024 * 1024)), 413, "body_too_large"),
    ],
)
async def test_what_is_no_proof_is_refused(
    cast: Cast, body: dict[str, Any], status: int, code: str
) -> None:
    answer = await cast.traveler.post(f"{cast.path}/proofs", body)
    assert (answer.status_code, code_of(answer)) == (status, code)
    assert "CANARY" not in answer.text


async def test_a_delivery_takes_a_bounded_number_of_proofs(story: Story) -> None:
    cast = await story.picked_up()
    for _ in range(24):
        done(await cast.customer.post(f"{cast.path}/proofs", SIGNATURE))
    answer = await cast.traveler.post(f"{cast.path}/proofs", SIGNATURE)
    assert (answer.status_code, code_of(answer)) == (409, "proofs_reached")


async def test_a_scan_waits_for_the_proofs_that_the_customer_asked_for(story: Story) -> None:
    cast = await story.picked_up(proofs={"minimum_age": 18})
    code = done(await cast.recipient.get(f"{cast.path}/codes/handover"))
    for scanned in (code["code"], code["pin"]):
        answer = await cast.traveler.post(f"{cast.path}/handover", {"code": scanned})
        assert (answer.status_code, code_of(answer)) == (409, "proof_missing")
        assert "id check" in answer.json()["detail"]
    done(await cast.traveler.post(f"{cast.path}/proofs", id_check()))
    scan = await cast.traveler.post(f"{cast.path}/handover", {"code": code["code"]})
    assert done(scan)["status"] == "delivered"


async def test_a_parcel_is_left_with_a_photo_where_the_customer_wants_one(story: Story) -> None:
    cast = await story.picked_up(
        undeliverable_action="safe_place", proofs={"safe_place_photo": True}
    )
    at = {name: MUNICH[name] for name in ("latitude", "longitude")} | {"accuracy_m": 9.0}
    absent = {"reason": "recipient_absent", "position": at}
    done(await cast.traveler.post(f"{cast.path}/handover-failed", absent))
    left = {"where": "safe_place", "position": at}
    answer = await cast.traveler.post(f"{cast.path}/left", left)
    assert (answer.status_code, code_of(answer)) == (409, "proof_missing")
    shown = {**photo(), "kind": "safe_place_photo", "leg": "handover"}
    done(await cast.traveler.post(f"{cast.path}/proofs", shown))
    assert done(await cast.traveler.post(f"{cast.path}/left", left))["status"] == "delivered"


async def test_damage_of_a_dear_parcel_is_shown_at_once(story: Story, engine: AsyncEngine) -> None:
    cast = await story.picked_up()
    level = update(parcel).where(parcel.c.delivery_id == cast.delivery_id)
    async with engine.begin() as connection:
        await connection.execute(level.values(proof_level="high"))
    damaged = {"reason": "parcel_damaged"}
    answer = await cast.traveler.post(f"{cast.path}/handover-failed", damaged)
    assert (answer.status_code, code_of(answer)) == (409, "proof_missing")
    done(await cast.traveler.post(f"{cast.path}/proofs", photo(leg="handover")))
    done(await cast.traveler.post(f"{cast.path}/handover-failed", damaged))


async def play_proofs(story: Story, counter: Counter) -> None:
    cast = await story.paid()
    await counter.post(cast.customer, f"{cast.path}/label", {"label": LABEL})
    scan = {"kind": "label_barcode", "leg": "pickup", "label": LABEL}
    await counter.post(cast.traveler, f"{cast.path}/proofs", scan)
