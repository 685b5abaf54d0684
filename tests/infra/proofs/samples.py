"""Proof documents as tests make them: a short delivery with a photo, told as the API tells it."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

from PIL import Image

from domain.auditing.merkle import MerkleTree, head_leaf
from domain.auditing.roots import FIRST_PREVIOUS, RootStatement
from domain.ids import DeliveryId
from domain.proofs.statement import FORMAT, canonical, told
from infra.audit.signing import RootSigner, TrustedKeys
from infra.database.chain import event_hash, genesis_hash
from infra.proofs.pages import Pictures
from infra.proofs.signing import DocumentSigner
from tests.keys import AUDIT_SEED

LONG_AGO = "2026-05-02T10:15:00+00:00"
DELIVERY_ID = DeliveryId("01982a14-0b20-7d44-8c2f-6e5d4c3b2a01")
SIGNER = DocumentSigner([b"p" * 32])
ROOTS = RootSigner(AUDIT_SEED)
KEYS = TrustedKeys([SIGNER.publics[0], ROOTS.public])
_TOLD = ("request_opened", "picked_up", "handed_over")
_KINDS = ("request_opened", "payment_held", "picked_up", "handed_over", "released")


def photo(color: str = "red") -> bytes:
    written = BytesIO()
    Image.new("RGB", (160, 120), color).save(written, "JPEG")
    return written.getvalue()


def pictures(*contents: bytes) -> Pictures:
    return {sha256(content).hexdigest(): content for content in contents}


def statement(
    *contents: bytes, outcome: str = "handed_over", description: str = "A box of books"
) -> dict[str, Any]:
    """Return the statement of a delivery of five events with these pictures."""
    events, previous = [], genesis_hash(DELIVERY_ID)
    for sequence, kind in enumerate(_KINDS, start=1):
        said = {
            "at": LONG_AGO,
            "kind": kind,
            "actor": {"role": "traveler"},
            "standing": {"status": "in_transit"},
        }
        body = canonical(said)
        previous = event_hash(previous, sequence, body)
        entry: dict[str, Any] = {"sequence": sequence, "hash": previous.hex()}
        if kind in _TOLD:
            shown = {"kind": kind, "at": LONG_AGO, "by": "traveler", "status": "in_transit"}
            entry |= {**shown, "reason": None, "body": body}
        events.append(told(entry))
    return {
        "format": FORMAT,
        "delivery_id": DELIVERY_ID,
        "outcome": outcome,
        "status": "completed",
        "level": "standard",
        "as_of": LONG_AGO,
        "parcel": {"description": description, "weight_grams": 2_500},
        "places": {
            "pickup": {"latitude": 52.5, "longitude": 13.4, "is_exact": True},
            "destination": {"latitude": 48.1, "longitude": 11.6, "is_exact": False},
        },
        "positions": [[52.5, 13.4, LONG_AGO], [50.3, 12.9, LONG_AGO], [48.1, 11.6, LONG_AGO]],
        "events": events,
        "proofs": [_proof(number, content) for number, content in enumerate(contents)],
        "root": root_over(len(events), previous),
    }


def root_over(length: int, head: bytes) -> dict[str, Any]:
    """Return the proof that a chain stands in a signed root, as a statement holds it."""
    chain, tree = f"delivery:{DELIVERY_ID}", MerkleTree()
    for position, name in enumerate(("trail:staff", chain, "trail:keys")):
        tree.put(position, head_leaf(name, length, head))
    moment = datetime.fromisoformat(LONG_AGO)
    signed = ROOTS.sign(RootStatement(1, moment, len(tree), tree.root.hex(), FIRST_PREVIOUS))
    return {
        "chain": chain,
        "length": length,
        "head": head.hex(),
        "position": 1,
        "path": [sibling.hex() for sibling in tree.path(1)],
        "root": {
            "statement": signed.statement,
            "key_id": signed.key_id,
            "signature": signed.signature,
        },
    }


def _proof(number: int, content: bytes) -> dict[str, Any]:
    return {
        "proof_id": f"01982a14-0b20-7d44-8c2f-6e5d4c3b2a{number:02}",
        "kind": "photo",
        "leg": "pickup",
        "by_role": "traveler",
        "counts": True,
        "created_at": LONG_AGO,
        "taken_at": None,
        "distance_m": 12,
        "sha256": sha256(content).hexdigest(),
        "id_check": None,
        "label_matches": None,
        "is_erased": False,
    }
