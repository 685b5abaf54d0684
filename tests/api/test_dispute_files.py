"""Pictures of evidence: who sends them, what is kept of them, who sees them."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO

import httpx
import pytest
from PIL import Image

from tests.api.client import Person, code_of
from tests.api.story import Cast, Story, done


def picture(color: str = "red", kind: str = "JPEG") -> bytes:
    written = BytesIO()
    Image.new("RGB", (30, 20), color).save(written, kind, comment=b"at home")
    return written.getvalue()


PICTURE = picture()


async def put(
    person: Person, path: str, content: bytes = PICTURE, media_type: str = "image/jpeg"
) -> httpx.Response:
    headers = {**person.headers, "Content-Type": media_type}
    return await person.http.put(path, content=content, headers=headers)


@pytest.fixture
async def cast(story: Story) -> Cast:
    """A delivery with an open dispute."""
    return await story.disputed()


async def evidence_of(person: Person, cast: Cast, named: str | None = None) -> str:
    """Add evidence; return the address of its picture."""
    body = {"kind": "photo", "description": "The crack.", "content_sha256": named}
    added = done(await person.post(f"{cast.dispute_path}/evidence", body))
    return f"{cast.dispute_path}/evidence/{added['evidence_id']}/file"


async def test_a_picture_is_kept_without_what_a_camera_notes_and_shown_to_the_parties(
    cast: Cast,
) -> None:
    path = await evidence_of(cast.customer, cast, sha256(PICTURE).hexdigest())
    assert (await cast.customer.get(path)).status_code == 404
    kept = done(await put(cast.customer, path))
    assert kept["original_sha256"] == sha256(PICTURE).hexdigest()
    assert (kept["media_type"], kept["width"], kept["height"]) == ("image/jpeg", 30, 20)
    for person in (cast.customer, cast.traveler, cast.recipient, cast.agent):
        shown = await person.get(path)
        assert sha256(shown.content).hexdigest() == kept["sha256"]
        assert b"at home" not in shown.content
        assert shown.headers["content-type"] == "image/jpeg"
        assert shown.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in shown.headers["content-security-policy"]
    (listed,) = done(await cast.traveler.get(cast.dispute_path))["evidence"]
    assert listed["has_file"]


async def test_evidence_has_one_picture_for_ever(cast: Cast) -> None:
    path = await evidence_of(cast.customer, cast)
    first = done(await put(cast.customer, path))
    assert done(await put(cast.customer, path)) == first
    other = await put(cast.customer, path, picture("blue"))
    assert (other.status_code, code_of(other)) == (409, "file_already_there")


async def test_a_file_that_is_not_the_one_that_was_named_is_refused(cast: Cast) -> None:
    path = await evidence_of(cast.customer, cast, "ab" * 32)
    answer = await put(cast.customer, path)
    assert (answer.status_code, code_of(answer)) == (422, "file_differs")


async def test_only_its_author_sends_a_picture_and_strangers_see_nothing(
    cast: Cast, story: Story
) -> None:
    path = await evidence_of(cast.customer, cast)
    foreign = await put(cast.traveler, path)
    assert (foreign.status_code, code_of(foreign)) == (403, "not_your_role")
    stranger = await story.person("customer")
    for answer in (await put(stranger, path), await stranger.get(path)):
        assert (answer.status_code, code_of(answer)) == (404, "not_found")
    elsewhere = await story.disputed()
    moved = path.replace(cast.dispute_id, elsewhere.dispute_id)
    assert (await put(cast.customer, moved)).status_code == 404
    assert (await elsewhere.customer.get(moved)).status_code == 404


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (b"CANARY", "image/jpeg", 422, "file_refused"),
        (PICTURE, "image/png", 422, "file_refused"),
        (b"", "image/jpeg", 422, "file_refused"),
        (PICTURE, "image/svg+xml", 415, "unsupported_media_type"),
        (PICTURE, "application/json", 415, "unsupported_media_type"),
        (b"\0" * (8 * 1024 * 1024 + 1), "image/jpeg", 413, "body_too_large"),
    ],
)
async def test_what_is_no_picture_to_be_kept_is_refused(
    cast: Cast, content: bytes, media_type: str, status: int, code: str
) -> None:
    path = await evidence_of(cast.customer, cast)
    answer = await put(cast.customer, path, content, media_type)
    assert (answer.status_code, code_of(answer)) == (status, code)
    assert "CANARY" not in answer.text


async def test_a_decided_dispute_takes_no_picture(cast: Cast) -> None:
    path = await evidence_of(cast.customer, cast)
    done(await cast.agent.post(f"{cast.dispute_path}/verdict", {"outcome": "refund"}))
    answer = await put(cast.customer, path)
    assert (answer.status_code, code_of(answer)) == (409, "dispute_closed")
