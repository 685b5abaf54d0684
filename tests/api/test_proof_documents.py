"""The proof document of a delivery: who gets which one, and that anybody can verify it."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.auditing.findings import Judgement
from infra.audit.roots import DatabaseRoots
from infra.audit.signing import RootSigner, TrustedKeys
from infra.proofs.reading import found_in
from infra.proofs.signing import read_public_keys
from infra.proofs.verifying import verify_document
from tests.api.client import Person, code_of
from tests.api.story import Cast, Story, done
from tests.api.test_proofs import SIGNATURE, photo
from tests.keys import AUDIT_SEED


async def document(person: Person, cast: Cast) -> bytes:
    answer = await person.get(f"{cast.path}/proof-document")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    return answer.content


def said_in(raw: bytes) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(found_in(raw).statement or "")
    return said


@pytest.fixture(scope="module")
async def cast(story: Story) -> Cast:
    """A delivery that was handed over, with a photo and a signature."""
    cast = await story.picked_up(description="Gitarre für 王小明")
    for proof in (photo(), SIGNATURE):
        done(await cast.traveler.post(f"{cast.path}/proofs", proof))
    places = [(52.54, 13.41), (50.3, 12.5), (48.135, 11.57)]
    track = [
        {
            "latitude": latitude,
            "longitude": longitude,
            "accuracy_m": 10.0,
            "taken_at": f"2026-05-02T1{hour}:00:00Z",
        }
        for hour, (latitude, longitude) in enumerate(places)
    ]
    done(await cast.traveler.post(f"{cast.path}/positions", {"positions": track}))
    await cast.until("arrived")
    code = done(await cast.recipient.get(f"{cast.path}/codes/handover"))
    done(await cast.traveler.post(f"{cast.path}/handover", {"code": code["code"]}))
    return cast


async def test_anybody_verifies_it_with_the_published_keys(
    cast: Cast, engine: AsyncEngine, story: Story
) -> None:
    await DatabaseRoots(engine, RootSigner(AUDIT_SEED)).sign()
    published = await cast.customer.http.get("/.well-known/sendalong-proof-keys.json")
    keys = read_public_keys(published.text)
    for person in (cast.customer, cast.traveler, cast.recipient, cast.agent):
        raw = await document(person, cast)
        verdict = verify_document(raw, found_in(raw), keys)
        assert (verdict.judgement, verdict.faults) == (Judgement.CLEAN, [])
        assert (verdict.outcome, verdict.pictures) == ("handed_over", 2)
        assert raw == await document(person, cast), "the same state is the same file"
    root = said_in(raw)["root"]
    audit = TrustedKeys([RootSigner(AUDIT_SEED).public])
    assert audit.knows(root["root"]["key_id"])
    assert root["length"] <= len(said_in(raw)["events"])
    stranger = await story.person("customer")
    answer = await stranger.get(f"{cast.path}/proof-document")
    assert (answer.status_code, code_of(answer)) == (404, "not_found")


async def test_each_reads_no_more_in_it_than_elsewhere(cast: Cast) -> None:
    for person in (cast.customer, cast.traveler, cast.recipient):
        said = said_in(await document(person, cast))
        assert "Mara" not in json.dumps(said)
        assert said["parcel"]["description"] == "Gitarre für 王小明"
        assert {event["kind"] for event in said["events"] if "kind" in event} >= {
            "picked_up",
            "handed_over",
        }
    of_recipient = said_in(await document(cast.recipient, cast))
    assert not any("body" in event for event in of_recipient["events"]), "it tells the price"
    assert not of_recipient["places"]["pickup"]["is_exact"]
    assert of_recipient["places"]["destination"]["is_exact"]
    of_customer = said_in(await document(cast.customer, cast))
    assert of_customer["places"]["pickup"]["is_exact"]
    picked_up = next(e for e in of_customer["events"] if e.get("kind") == "picked_up")
    assert json.loads(picked_up["body"])["standing"]["price"]["minor"] == 4_200


async def test_its_pages_tell_the_way_and_show_the_pictures(cast: Cast) -> None:
    reader = PdfReader(BytesIO(await document(cast.customer, cast)))
    text = "\n".join(page.extract_text() for page in reader.pages)
    for words in ("The parcel was handed over", "picked up", "km", "Gitarre für ???", "photo"):
        assert words in text
    assert text.count(cast.delivery_id) >= len(reader.pages)


async def test_there_is_nothing_to_prove_before_the_pickup(story: Story) -> None:
    cast = await story.paid()
    answer = await cast.customer.get(f"{cast.path}/proof-document")
    assert (answer.status_code, code_of(answer)) == (409, "wrong_state")


async def test_a_failed_handover_has_its_document_too(story: Story) -> None:
    cast = await story.picked_up()
    failed = {"reason": "parcel_damaged", "note": "Call Mara at 0170."}
    done(await cast.traveler.post(f"{cast.path}/handover-failed", failed))
    raw = await document(cast.customer, cast)
    said = said_in(raw)
    assert (said["outcome"], "Call Mara" in json.dumps(said)) == ("failed_handover", False)
    (event,) = (each for each in said["events"] if each.get("kind") == "return_started")
    assert event["reason"] == "parcel_damaged"
