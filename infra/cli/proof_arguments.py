"""The options of `sendalong proof` and their help."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_actions(proof: argparse.ArgumentParser) -> None:
    """Add what can be done about proof documents."""
    actions = proof.add_subparsers(title="actions", metavar="ACTION", required=True, dest="action")
    verify = actions.add_parser(
        "verify",
        help="verify a proof document, without any network",
        description="Exit code 0 when the file is as it was made, 1 when something in it was changed, "
        "which is named, 2 when it could not be checked: no file, no PDF file, or no key that it names.",
    )
    verify.add_argument("file", type=Path, metavar="FILE", help="the document, a PDF file")
    verify.add_argument(
        "--key",
        type=Path,
        metavar="PUBLIC_KEY_FILE",
        help="public keys that are believed: what /.well-known/sendalong-proof-keys.json answers, or "
        "base64, one key on each line. Without it the keys of this installation are believed: those in "
        "the environment, or in the folder of the local stack",
    )
    actions.add_parser("keys", help="print the public keys of proof documents")
