"""The command line verifies proof documents offline and says by its exit code what came of it."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import pytest

from domain.auditing.findings import Judgement
from infra.audit.signing import shown_key
from infra.cli import main
from infra.proofs.signing import DocumentSigner
from infra.proofs.writing import SEAL, sealed, write_document
from tests.infra.proofs.samples import ROOTS, SIGNER, photo, pictures, statement

Said = pytest.CaptureFixture[str]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A genuine document, on a machine that has no keys."""
    for name in ("SENDALONG_PROOF_SIGNING_KEYS", "SENDALONG_AUDIT_SIGNING_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SENDALONG_DATA", str(tmp_path))
    path = tmp_path / "proof.pdf"
    path.write_bytes(write_document(statement(photo()), pictures(photo()), SIGNER))
    return path


def told(capsys: Said, *words: str | Path) -> tuple[int, str]:
    code = main(["proof", *map(str, words)])
    said = capsys.readouterr()
    return code, said.out + said.err


def key_file(folder: Path, *publics: bytes) -> Path:
    path = folder / "keys.txt"
    path.write_text("\n".join(shown_key(each) for each in publics))
    return path


def test_a_genuine_document_is_verified_with_public_keys_alone(file: Path, capsys: Said) -> None:
    keys = key_file(file.parent, SIGNER.publics[0], ROOTS.public)
    code, said = told(capsys, "verify", file, "--key", keys)
    assert (code, "note:" in said) == (Judgement.CLEAN, False)
    assert "handed_over, 5 events, 1 pictures" in said
    published = file.parent / "keys.json"
    published.write_text(json.dumps({"keys": SIGNER.key_set}))
    code, said = told(capsys, "verify", file, "--key", published)
    assert (code, "root's signature was not checked" in said) == (Judgement.CLEAN, True)


def test_without_the_right_key_nothing_is_said_to_be_genuine(file: Path, capsys: Said) -> None:
    code, said = told(capsys, "verify", file)
    assert (code, said.startswith("NOT CHECKED No public key")) == (Judgement.UNCHECKED, True)
    stranger = key_file(file.parent, DocumentSigner([b"q" * 32]).publics[0])
    code, said = told(capsys, "verify", file, "--key", stranger)
    assert (code, said.startswith("NOT CHECKED")) == (Judgement.UNCHECKED, True)
    for broken in ("", "AAAA", "{}", "not base64", '{"keys": [7]}'):
        stranger.write_text(broken)
        code, said = told(capsys, "verify", file, "--key", stranger)
        assert (code, "holds no public keys" in said) == (Judgement.UNCHECKED, True)
    code, said = told(capsys, "verify", file.parent / "nothing.pdf")
    assert code == Judgement.UNCHECKED


@pytest.mark.parametrize("raw", [b"", b"MZ" * 1_000, b"\n%PDF-1.4\n%%EOF"])
def test_another_file_than_a_document_is_not_checked(file: Path, capsys: Said, raw: bytes) -> None:
    keys = key_file(file.parent, SIGNER.publics[0])
    file.write_bytes(raw)
    code, said = told(capsys, "verify", file, "--key", keys)
    assert (code, said) == (Judgement.UNCHECKED, f"NOT CHECKED {file} is no PDF file.\n")


def test_what_was_changed_is_named(file: Path, capsys: Said) -> None:
    keys, raw = key_file(file.parent, SIGNER.publics[0]), file.read_bytes()
    file.write_bytes(raw.replace(photo(), photo()[:-2] + b"\0\0"))
    code, said = told(capsys, "verify", file, "--key", keys)
    assert code == Judgement.TAMPERED
    assert "changed: the picture of proof " in said
    assert "changed: the file: it was changed after it was sealed" in said


@pytest.mark.parametrize(
    "raw",
    [
        b"%PDF-1.4\n%%EOF",
        # It names itself as the part that comes before it.
        (
            b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 1 0 R/Kids[1 0 R]/Count 9>>endobj\nxref\n0 2\n"
            b"0000000000 65535 f \n0000000009 00000 n \n"
            b"trailer<</Size 2/Root 1 0 R/Prev 75>>\nstartxref\n75\n%%EOF"
        ),
    ],
)
def test_hostile_files_end_in_an_answer(file: Path, capsys: Said, raw: bytes) -> None:
    keys = key_file(file.parent, SIGNER.publics[0])
    file.write_bytes(raw)
    code, said = told(capsys, "verify", file, "--key", keys)
    assert (code, said.startswith("NOT GENUINE")) == (Judgement.TAMPERED, True)


def test_a_page_that_unfolds_without_end_is_given_up(file: Path, capsys: Said) -> None:
    page = b"".join(
        (
            b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n",
            b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n",
            b"3 0 obj<</Type/Page/Parent 2 0 R/Contents 4 0 R/MediaBox[0 0 9 9]>>endobj\n",
        )
    )
    bomb = b"x" * 400_000_000
    for _ in range(2):
        bomb = zlib.compress(bomb, 9)
    stream = b"4 0 obj<</Length %d/Filter[/FlateDecode/FlateDecode]>>stream\n" % len(bomb)
    file.write_bytes(page + stream + bomb + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
    code, said = told(capsys, "verify", file, "--key", key_file(file.parent, SIGNER.publics[0]))
    assert (code, said.startswith("NOT GENUINE")) == (Judgement.TAMPERED, True)


def test_an_own_installation_knows_its_keys(
    file: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENDALONG_PROOF_SIGNING_KEYS", shown_key(b"p" * 32))
    code, said = told(capsys, "keys")
    assert (code, json.loads(said)) == (0, {"keys": SIGNER.key_set})
    assert told(capsys, "verify", file)[0] == Judgement.CLEAN
    body = file.read_bytes().split(SEAL)[0]
    file.write_bytes(sealed(body + b"% more\n", SIGNER))
    # Sealed again by the platform itself: only it can do that, and the parts still agree.
    assert told(capsys, "verify", file)[0] == Judgement.CLEAN
