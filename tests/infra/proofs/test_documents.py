"""Proof documents: the same bytes for the same state, and whatever is changed in one is named."""

from __future__ import annotations

import json
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import NameObject, NumberObject

from domain.auditing.findings import Judgement
from domain.proofs.outcomes import ProofOutcome
from domain.proofs.statement import canonical
from infra.audit.signing import TrustedKeys
from infra.proofs.reading import found_in
from infra.proofs.signing import DocumentSigner
from infra.proofs.verifying import Verdict, verify_document
from infra.proofs.writing import SEAL, STATEMENT_NAME, sealed, write_document
from tests.infra.proofs.samples import KEYS, SIGNER, photo, pictures, statement

RED, BLUE = photo("red"), photo("blue")


@pytest.fixture(scope="module")
def file() -> bytes:
    return write_document(statement(RED, BLUE), pictures(RED, BLUE), SIGNER)


def verified(raw: bytes, keys: TrustedKeys = KEYS) -> Verdict:
    return verify_document(raw, found_in(raw), keys)


def saved(raw: bytes, change: Any) -> bytes:
    """Return a file that somebody changed with a tool for PDF files."""
    writer = PdfWriter(clone_from=BytesIO(raw))
    change(writer)
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def with_statement(raw: bytes, change: Any, *, one_spelling: bool = True) -> bytes:
    """Return a file whose statement somebody changed."""
    said = json.loads(found_in(raw).statement or "")
    change(said)
    text = canonical(said) if one_spelling else json.dumps(said)

    def replace(writer: PdfWriter) -> None:
        for each in writer.attachment_list:
            if each.name == STATEMENT_NAME:
                each.content = text.encode()

    return saved(raw, replace)


def test_a_document_is_genuine_and_the_same_every_time(file: bytes) -> None:
    verdict = verified(file)
    assert (verdict.judgement, verdict.faults) == (Judgement.CLEAN, [])
    assert (verdict.events, verdict.pictures, verdict.outcome) == (5, 2, "handed_over")
    assert write_document(statement(RED, BLUE), pictures(RED, BLUE), SIGNER) == file


@pytest.mark.parametrize("outcome", ProofOutcome)
def test_every_outcome_has_its_document(outcome: ProofOutcome) -> None:
    raw = write_document(statement(outcome=outcome), {}, SIGNER)
    assert verified(raw).judgement is Judgement.CLEAN
    assert "Proof of delivery" in PdfReader(BytesIO(raw)).pages[0].extract_text()


@pytest.mark.parametrize(
    ("description", "shown"),
    [
        ("Gitarre für Łukasz", "Gitarre für ?ukasz"),
        ("吉他和书", "????"),
        ("גיטרה", "?????"),
        ("e\u0301 ﬁ ①", "é fi 1"),
        ("🎸 a\nb\t\u202ec", "? a b ?c"),
        ("x" * 2_000, f"{'x' * 40}"),
    ],
)
def test_texts_of_every_script_are_printed_or_replaced(description: str, shown: str) -> None:
    raw = write_document(statement(description=description), {}, SIGNER)
    assert verified(raw).judgement is Judgement.CLEAN
    assert shown in PdfReader(BytesIO(raw)).pages[0].extract_text()


def test_an_unknown_key_is_no_proof_and_no_fault(file: bytes) -> None:
    stranger = DocumentSigner([b"q" * 32])
    verdict = verified(file, TrustedKeys([stranger.publics[0]]))
    assert (verdict.judgement, verdict.faults) == (Judgement.UNCHECKED, [])
    forged = write_document(statement(RED), pictures(RED), stranger)
    assert verified(forged).judgement is Judgement.UNCHECKED


def test_a_changed_byte_anywhere_is_found(file: bytes) -> None:
    for place in range(0, len(file) - 200, len(file) // 40):
        raw = file[:place] + bytes([file[place] ^ 1]) + file[place + 1 :]
        with suppress(Exception):  # A reader of broken files may raise anything.
            assert_tampered(verified(raw), place)


def assert_tampered(verdict: Verdict, place: int) -> None:
    # What an assertion raises would be suppressed.
    if verdict.judgement is not Judgement.TAMPERED:
        pytest.fail(f"nobody noticed the change at {place}")


def change_page(raw: bytes) -> bytes:
    def change(writer: PdfWriter) -> None:
        contents = writer.pages[0].get_contents()
        assert contents is not None
        data = contents.get_data().replace(b"handed over", b"handed 0ver")
        contents.set_data(data)
        writer.pages[0][NameObject("/Contents")] = writer._add_object(contents)

    return saved(raw, change)


def cover_page(raw: bytes) -> bytes:
    def change(writer: PdfWriter) -> None:
        note = FreeText(text="Never arrived", rect=(50, 550, 200, 650))
        writer.add_annotation(0, note)

    return saved(raw, change)


def turn_page(raw: bytes) -> bytes:
    return saved(
        raw, lambda writer: writer.pages[0].update({NameObject("/Rotate"): NumberObject(90)})
    )


def drop_page(raw: bytes) -> bytes:
    return saved(raw, lambda writer: writer.remove_page(len(writer.pages) - 1))


def change_photo(raw: bytes) -> bytes:
    other = photo("orange")
    assert len(RED) >= len(other), "it has to fit in"
    return raw.replace(RED, other + b"\0" * (len(RED) - len(other)))


def change_event(raw: bytes) -> bytes:
    return with_statement(
        raw, lambda said: said["events"][2].update(at="2026-05-03T10:15:00+00:00")
    )


def change_body(raw: bytes) -> bytes:
    def change(said: dict[str, Any]) -> None:
        event = said["events"][3]
        event["body"] = event["body"].replace("in_transit", "delivered!")

    return with_statement(raw, change)


def drop_event(raw: bytes) -> bytes:
    return with_statement(raw, lambda said: said["events"].pop(1))


def change_outcome(raw: bytes) -> bytes:
    return with_statement(raw, lambda said: said.update(outcome="lost"))


def change_root(raw: bytes) -> bytes:
    return with_statement(raw, lambda said: said["root"].update(position=2))


def sign_again(raw: bytes) -> bytes:
    """A forger has no key of ours: the seal is theirs, and names ours."""
    body = raw[: raw.rindex(SEAL)].replace(b"/Title", b"/Titel")
    forged = sealed(body, DocumentSigner([b"q" * 32]))
    return forged.replace(DocumentSigner([b"q" * 32]).key_id.encode(), SIGNER.key_id.encode())


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (change_page, "page 1: it does not show what was signed"),
        (cover_page, "page 1 has /Annots"),
        (turn_page, "page 1 has /Rotate"),
        (drop_page, "the pages: "),
        (change_photo, "the picture of proof "),
        (change_event, "event 3: it was changed"),
        (change_body, "event 4: it was changed"),
        (drop_event, "event 2: another one stands in its place"),
        (change_outcome, "the attached statement (proof.json): it is not the one that was signed"),
        (change_root, "the way to the root does not lead there"),
        (sign_again, "the file: it was changed after it was sealed"),
    ],
)
def test_what_was_tampered_with_is_named(file: bytes, tamper: Any, named: str) -> None:
    verdict = verified(tamper(file))
    assert verdict.judgement is Judgement.TAMPERED
    assert any(fault.startswith(named) for fault in verdict.faults), verdict.faults
    assert any(fault.startswith("the file:") for fault in verdict.faults)


def test_a_statement_in_another_spelling_is_none_of_ours(file: bytes) -> None:
    raw = with_statement(file, lambda _: None, one_spelling=False)
    assert any("one spelling" in fault for fault in verified(raw).faults)


@pytest.mark.parametrize("said", [{}, [], 7, {"events": 3}, {"format": "sendalong-proof-1"}])
def test_a_statement_that_says_nothing_is_a_fault_and_no_crash(file: bytes, said: Any) -> None:
    def replace(writer: PdfWriter) -> None:
        for each in writer.attachment_list:
            each.content = json.dumps(said).encode()

    faults = verified(saved(file, replace)).faults
    assert any("does not hold what it has to" in fault for fault in faults)


def test_pictures_are_in_the_file_as_they_are_kept(file: bytes) -> None:
    assert file.count(RED) == 1
    with Image.open(BytesIO(RED)) as image:
        assert image.format == "JPEG"
