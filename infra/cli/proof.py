"""`sendalong proof`: verify a proof document offline, and show the keys that it is verified with."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from domain.auditing.findings import SHOWN_MAX, Judgement
from infra.audit.signing import TrustedKeys, read_signer
from infra.local_stack.errors import StackError
from infra.local_stack.folder import StackFolder, default_folder
from infra.proofs.examining import FILE_BYTES_MAX, Unreadable, examined
from infra.proofs.signing import KEY_FILE_BYTES_MAX, read_document_signer, read_public_keys
from infra.proofs.verifying import Verdict, verify_document

VARIABLES = {
    "proof.key": "SENDALONG_PROOF_SIGNING_KEYS",
    "audit.key": "SENDALONG_AUDIT_SIGNING_KEY",
}
"""Where keys are kept: in the folder of the local stack, or in the environment."""
PDF_BEGINS = b"%PDF-"
"""How every PDF file begins; what begins otherwise is another file, not a document that was changed."""


def run(options: argparse.Namespace) -> int:
    """Do what was asked for and return its exit code."""
    actions = {"verify": _verify, "keys": _show_keys}
    return actions[options.action](options)


def _verify(options: argparse.Namespace) -> int:
    try:
        keys, raw = _trusted(options), _document(options.file)
    except StackError as error:
        print(f"NOT CHECKED {error}", file=sys.stderr)
        return Judgement.UNCHECKED
    try:
        verdict = verify_document(raw, examined(options.file), keys)
    except Unreadable as reason:
        print(f"NOT GENUINE {options.file}: {reason}.")
        return Judgement.TAMPERED
    print(_report(options.file, verdict))
    return verdict.judgement


def _report(file: Path, verdict: Verdict) -> str:
    about = {
        Judgement.CLEAN: f"GENUINE {file}: delivery {verdict.delivery_id}, {verdict.outcome}, "
        f"{verdict.events} events, {verdict.pictures} pictures.",
        Judgement.TAMPERED: f"NOT GENUINE {file}",
        Judgement.UNCHECKED: f"NOT CHECKED {file}",
    }
    faults = [f"  changed: {_plain(each)}" for each in verdict.faults[:SHOWN_MAX]]
    more = len(verdict.faults) - len(faults)
    lines = [about[verdict.judgement], *faults]
    lines += [f"  and {more} more"] if more else []
    lines += [f"  not checked: {_plain(each)}" for each in verdict.unchecked]
    return "\n".join([*lines, *(f"  note: {_plain(each)}" for each in verdict.notes)])


def _plain(text: str) -> str:
    """Return a text of a file without what could move the cursor of a terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def _trusted(options: argparse.Namespace) -> TrustedKeys:
    if options.key is None:
        return _own_keys(options)
    text = _read(options.key, KEY_FILE_BYTES_MAX)
    try:
        return read_public_keys(text.decode())
    except ValueError as error:
        raise StackError(f"{options.key} holds no public keys: {error}.") from error


def _own_keys(options: argparse.Namespace) -> TrustedKeys:
    """Return the keys of this installation, which are secret, as those that are believed."""
    signing, audit = (_kept(options, name) for name in VARIABLES)
    try:
        publics = [*read_document_signer(signing).publics] if signing else []
        publics += [read_signer(audit).public] if audit else []
    except ValueError as error:
        raise StackError(f"A key of this installation cannot be used: {error}.") from error
    if not publics:
        raise StackError("No public key is known: name a file of them with --key.")
    return TrustedKeys(publics)


def _show_keys(options: argparse.Namespace) -> int:
    signing = _kept(options, "proof.key")
    if not signing:
        raise StackError("There is no key of proof documents here.")
    print(json.dumps({"keys": read_document_signer(signing).key_set}, indent=2))
    return 0


def _kept(options: argparse.Namespace, name: str) -> str:
    text = os.environ.get(VARIABLES[name], "").strip()
    path = StackFolder(options.data or default_folder()).keys / name
    return text or (path.read_text().strip() if path.exists() else "")


def _document(path: Path) -> bytes:
    raw = _read(path, FILE_BYTES_MAX)
    if not raw.startswith(PDF_BEGINS):
        raise StackError(f"{path} is no PDF file.")
    return raw


def _read(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except OSError as error:
        raise StackError(f"{path} cannot be read: {error.strerror}.") from error
    if len(raw) > most:
        raise StackError(f"{path} is larger than {most} bytes.")
    return raw
