"""The statement that a proof document is made from, and what must agree in it.

Everything in it is checked by whoever has the file: each event against its hash, each hash against the
one before it, the last one against the root that was signed over it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from domain.auditing.proofs import InclusionProof
from domain.auditing.roots import SignedRoot

FORMAT = "sendalong-proof-1"
"""Name of the shape, for whoever reads the statement by a program."""
SIGNED_AS = b"sendalong proof document 1\n"
"""What is put before a signed manifest, so that the key's signature says nothing else."""
SEALED_AS = b"sendalong proof file 1\n"
"""The same for the hash of the whole file."""
_TELLING = {
    "kind": ("kind",),
    "at": ("at",),
    "by": ("actor", "role"),
    "status": ("standing", "status"),
}
"""Where the body of an event says what is told of it."""


def canonical(value: Any) -> str:
    """Return the one JSON text of a value: keys sorted, no spaces, ASCII only.

    Raises:
        ValueError: it holds a figure that is none.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def fingerprint(value: Any) -> str:
    """Return the SHA-256 of a value's canonical text, in hexadecimal."""
    return sha256(canonical(value).encode()).hexdigest()


def told(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event of the statement with its own fingerprint, by which a change is found."""
    return {**entry, "told_sha256": fingerprint(dict(entry))}


def faults_of_events(delivery_id: str, events: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what is wrong with the chain of events in a statement, event by event.

    Raises:
        KeyError, TypeError, ValueError: it is no such statement.
    """
    faults, previous = [], sha256(delivery_id.encode()).digest()
    for place, event in enumerate(events, start=1):
        fault = _fault_of(place, event, previous)
        if fault is not None:
            faults.append(f"event {place}: {fault}")
        previous = bytes.fromhex(event["hash"])
    return faults


def faults_of_root(statement: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the way from the chain to the signed root, but for its signature.

    Raises:
        KeyError, TypeError, ValueError: it is no such statement.
    """
    root = statement["root"]
    if root is None:
        return []
    faults = []
    covered = statement["events"][root["length"] - 1]
    if root["chain"] != f"delivery:{statement['delivery_id']}" or covered["hash"] != root["head"]:
        faults.append("the root is about another chain than the events here")
    if root["path"] is not None and not inclusion_in(root).holds:
        faults.append("the way to the root does not lead there")
    return faults


def inclusion_in(root: Mapping[str, Any]) -> InclusionProof:
    """Return the proof that a chain is in a root, as a statement holds it."""
    return InclusionProof(
        chain=root["chain"],
        length=root["length"],
        head=root["head"],
        position=root["position"],
        path=tuple(root["path"]),
        root=SignedRoot(**root["root"]),
    )


def _fault_of(place: int, event: Mapping[str, Any], previous: bytes) -> str | None:
    rest = {name: value for name, value in event.items() if name != "told_sha256"}
    if event["sequence"] != place:
        return "another one stands in its place"
    if event["told_sha256"] != fingerprint(rest):
        return "it was changed"
    body = event.get("body")
    if body is None:
        return None
    if sha256(previous + place.to_bytes(8, "big") + body.encode()).hexdigest() != event["hash"]:
        return "its body does not give the hash that is chained"
    said = json.loads(body)
    for name, way in _TELLING.items():
        value = said
        for step in way:
            value = value[step]
        if value != event[name]:
            return f"its body says another {name}"
    return None
