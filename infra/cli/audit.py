"""`sendalong audit`: verify what was written for ever, and prove it to others."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.auditing.findings import AuditReport, Judgement
from domain.auditing.roots import SignedRoot, read_statement
from infra.audit.chain_checks import Scope
from infra.audit.proofs import newest_roots, prove_delivery
from infra.audit.signing import RootSigner, TrustedKeys, read_signer, shown_key
from infra.audit.verification import verify_audit
from infra.cli.connection import with_database
from infra.local_stack.errors import StackError
from infra.local_stack.folder import StackFolder, default_folder

VARIABLE = "SENDALONG_AUDIT_SIGNING_KEY"


def run(options: argparse.Namespace) -> int:
    """Do what was asked for and return its exit code."""
    actions = {"verify": _verify, "proof": _prove, "roots": _show_roots}
    return actions[options.action](options)


def _verify(options: argparse.Namespace) -> int:
    try:
        report = with_database(options, lambda engine: _report(engine, options))
    except StackError as error:
        print(f"NOT CHECKED {error}", file=sys.stderr)
        return Judgement.UNCHECKED
    print(report)
    return report.judgement


async def _report(engine: AsyncEngine, options: argparse.Namespace) -> AuditReport:
    signer = _signer(options)
    keys = TrustedKeys([*(options.keys or []), *([signer.public] if signer else [])])
    scope = Scope(options.delivery, options.since)
    return await verify_audit(engine, keys, scope, _kept(options.against))


def _prove(options: argparse.Namespace) -> int:
    proof = with_database(options, lambda engine: prove_delivery(engine, options.delivery))
    if proof is None:
        raise StackError(f"No signed root knows delivery {options.delivery} yet.")
    print(proof)
    return 0


def _show_roots(options: argparse.Namespace) -> int:
    for root in with_database(options, lambda engine: newest_roots(engine, options.limit)):
        print(root)
    signer = _signer(options)
    if signer is not None:
        print(f"public key {shown_key(signer.public)}", file=sys.stderr)
    return 0


def _signer(options: argparse.Namespace) -> RootSigner | None:
    """Return the signer of the environment, else the local stack's; none where neither is."""
    text = os.environ.get(VARIABLE)
    if not text:
        kept = StackFolder(options.data or default_folder()).keys / "audit.key"
        text = kept.read_text() if kept.exists() else ""
    try:
        return read_signer(text.strip()) if text else None
    except ValueError as error:
        raise StackError(f"{VARIABLE} cannot be used: {error}.") from error


def _kept(path: Path | None) -> list[SignedRoot]:
    if path is None:
        return []
    try:
        kept = [SignedRoot(**json.loads(line)) for line in path.read_text().splitlines() if line]
        for root in kept:
            read_statement(root.statement)
    except (OSError, ValueError, TypeError) as error:
        raise StackError(f"{path} holds no roots as `audit roots` prints them.") from error
    return kept
