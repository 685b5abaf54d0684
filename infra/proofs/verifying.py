"""Verifies a proof document, offline: everything that it holds against everything else, and the keys."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from domain.auditing.findings import Judgement
from domain.auditing.roots import read_statement
from domain.proofs.statement import FORMAT, canonical, faults_of_events, faults_of_root
from infra.audit.signing import TrustedKeys
from infra.proofs.reading import Found
from infra.proofs.writing import SEAL, Manifest, seal_bytes

_SEAL = re.compile(rb"(?s)\A(.*)" + re.escape(SEAL) + rb"([0-9a-f]{16}) ([0-9a-f]{128})\n\Z")
_BROKEN = (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)
"""What reading a statement raises that is not one of ours."""


@dataclass(slots=True)
class Verdict:
    """What came of verifying one file."""

    delivery_id: str | None = None
    outcome: str | None = None
    events: int = 0
    pictures: int = 0
    faults: list[str] = field(default_factory=list)
    """What is not as it was made."""
    unchecked: list[str] = field(default_factory=list)
    """What could not be checked, and why."""
    notes: list[str] = field(default_factory=list)

    @property
    def judgement(self) -> Judgement:
        """The exit code: tampered with, not checked, or clean."""
        if self.faults:
            return Judgement.TAMPERED
        return Judgement.UNCHECKED if self.unchecked else Judgement.CLEAN


def verify_document(raw: bytes, found: Found, keys: TrustedKeys) -> Verdict:
    """Verify a file, given what was found in it."""
    verdict = Verdict()
    _check_seal(verdict, raw, keys)
    manifest = _read(verdict, found.signature, "signature")
    statement = _read(verdict, found.statement, "statement")
    if manifest is not None:
        _guarded(
            verdict,
            "the attached signature",
            lambda: _check_manifest(verdict, found, manifest, keys),
        )
    if statement is not None:
        _guarded(
            verdict,
            "the attached statement",
            lambda: _check_statement(verdict, found, statement, keys),
        )
    verdict.faults += found.strange
    return verdict


def _check_seal(verdict: Verdict, raw: bytes, keys: TrustedKeys) -> None:
    match = _SEAL.match(raw)
    if match is None:
        verdict.faults.append(
            "the file: its last line, the seal over all of it, is missing or changed"
        )
        return
    body, key_id, signature = match[1], match[2].decode(), bytes.fromhex(match[3].decode())
    if not keys.knows(key_id):
        verdict.unchecked.append(
            f"the file: key {key_id} is not known; name its public half with --key"
        )
    elif not keys.proves(key_id, signature, seal_bytes(body)):
        verdict.faults.append("the file: it was changed after it was sealed")


def _check_manifest(
    verdict: Verdict, found: Found, said: Mapping[str, Any], keys: TrustedKeys
) -> None:
    manifest = Manifest(said["key_id"], said["statement_sha256"], tuple(said["pages"]))
    if not keys.knows(manifest.key_id):
        verdict.unchecked.append(f"the statement: key {manifest.key_id} is not known")
    elif not keys.proves(manifest.key_id, bytes.fromhex(said["signature"]), manifest.signed_bytes):
        verdict.faults.append("the attached signature: it is not that of the key it names")
    text = (found.statement or "").encode()
    if sha256(text).hexdigest() != manifest.statement_sha256:
        verdict.faults.append(
            "the attached statement (proof.json): it is not the one that was signed"
        )
    if len(found.pages) != len(manifest.pages):
        verdict.faults.append(
            f"the pages: {len(found.pages)} of {len(manifest.pages)} that were signed"
        )
    for number, (here, signed) in enumerate(
        zip(found.pages, manifest.pages, strict=False), start=1
    ):
        if here != signed:
            verdict.faults.append(f"page {number}: it does not show what was signed")


def _check_statement(
    verdict: Verdict, found: Found, statement: Mapping[str, Any], keys: TrustedKeys
) -> None:
    if statement["format"] != FORMAT or canonical(statement) != found.statement:
        verdict.faults.append("the attached statement (proof.json): it is not in its one spelling")
    verdict.delivery_id = str(statement["delivery_id"])
    verdict.outcome = str(statement["outcome"])
    verdict.events = len(statement["events"])
    verdict.faults += faults_of_events(statement["delivery_id"], statement["events"])
    verdict.faults += faults_of_root(statement)
    _check_root(verdict, statement["root"], keys)
    _check_pictures(verdict, found.pictures, statement["proofs"])


def _check_root(verdict: Verdict, root: Mapping[str, Any] | None, keys: TrustedKeys) -> None:
    if root is None:
        verdict.notes.append("no signed root of the audit covered the delivery when this was made")
        return
    signed = root["root"]
    if root["path"] is None:
        verdict.notes.append("the way to the root is not here; `sendalong audit proof` prints it")
    if not keys.knows(signed["key_id"]):
        verdict.notes.append(
            f"the root's signature was not checked: key {signed['key_id']} is not known"
        )
    elif not keys.proves(
        signed["key_id"],
        bytes.fromhex(signed["signature"]),
        read_statement(signed["statement"]).signed_bytes,
    ):
        verdict.faults.append(
            "the root of the audit: its signature is not that of the key it names"
        )


def _check_pictures(
    verdict: Verdict, pictures: Sequence[str], proofs: Sequence[Mapping[str, Any]]
) -> None:
    named = {
        each["sha256"]: f"the picture of proof {each['proof_id']} ({each['kind']})"
        for each in proofs
        if each["sha256"] is not None and not each["is_erased"]
    }
    verdict.pictures = len(set(named) & set(pictures))
    for fingerprint, name in named.items():
        if fingerprint not in pictures:
            verdict.faults.append(f"{name}: it is missing or was changed")
    for fingerprint in pictures:
        if fingerprint not in named:
            verdict.faults.append(
                f"a picture ({fingerprint[:16]}...): the statement does not name it"
            )


def _read(verdict: Verdict, text: str | None, name: str) -> Any:
    if text is None:
        verdict.faults.append(f"the attached {name}: it is missing, or there twice")
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        verdict.faults.append(f"the attached {name}: it is no JSON")
        return None


def _guarded(verdict: Verdict, name: str, check: Callable[[], None]) -> None:
    try:
        check()
    except _BROKEN:
        verdict.faults.append(f"{name}: it does not hold what it has to")
