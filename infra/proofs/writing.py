"""Writes a proof document: pages, the statement that they are made from, signatures over both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from domain.proofs.statement import SEALED_AS, SIGNED_AS, canonical
from infra.proofs.pages import Pictures, ProofPages
from infra.proofs.signing import DocumentSigner

STATEMENT_NAME = "proof.json"
SIGNATURE_NAME = "proof.signature.json"
SEAL = b"%sendalong-seal-1 "
"""Begins the last line of the file, a comment to PDF readers: key and signature over all before it."""
_PRODUCER = "Sendalong"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the key of the documents signs of one document."""

    key_id: str
    statement_sha256: str
    pages: tuple[str, ...]
    """SHA-256 of what each page draws."""

    @property
    def signed_bytes(self) -> bytes:
        """What the signature is over."""
        return SIGNED_AS + canonical(self._said).encode()

    @property
    def _said(self) -> dict[str, Any]:
        return {
            "key_id": self.key_id,
            "pages": list(self.pages),
            "statement_sha256": self.statement_sha256,
        }

    def text(self, signature: str) -> str:
        """Return the manifest with its signature, as it is attached."""
        return canonical({**self._said, "signature": signature})


def write_document(
    statement: Mapping[str, Any], pictures: Pictures, signer: DocumentSigner
) -> bytes:
    """Return the whole file; the same statement and pictures always give the same bytes."""
    text = canonical(statement).encode()
    fingerprint = sha256(text).hexdigest()
    pages = ProofPages(statement, fingerprint)
    _give_fixed_marks(pages, statement)
    pages.draw(pictures)
    manifest = Manifest(signer.key_id, fingerprint, _hashes_of(pages))
    signature = manifest.text(signer.sign(manifest.signed_bytes))
    moment = datetime.fromisoformat(statement["as_of"])
    for name, content in ((STATEMENT_NAME, text), (SIGNATURE_NAME, signature.encode())):
        pages.embed_file(
            bytes=content,
            basename=name,
            mime_type="application/json",
            creation_date=moment,
            modification_date=moment,
            compress=True,
        )
    return sealed(bytes(pages.output()), signer)


def sealed(file: bytes, signer: DocumentSigner) -> bytes:
    """Return a file with a last line that proves all the others."""
    body = file if file.endswith(b"\n") else file + b"\n"
    signature = signer.sign(seal_bytes(body))
    return body + SEAL + f"{signer.key_id} {signature}\n".encode()


def seal_bytes(body: bytes) -> bytes:
    """Return what the seal of a file signs."""
    return SEALED_AS + sha256(body).digest()


def page_hash(content: bytes) -> str:
    """Return the fingerprint of what a page draws."""
    return sha256(content).hexdigest()


def _give_fixed_marks(pages: ProofPages, statement: Mapping[str, Any]) -> None:
    """Take every mark of the file from the statement: nothing of this moment or machine gets in."""
    pages.set_creation_date(datetime.fromisoformat(statement["as_of"]))
    pages.set_producer(_PRODUCER)
    pages.set_creator(_PRODUCER)
    pages.set_title(f"Proof of delivery {statement['delivery_id']}")
    pages.set_lang("en")


def _hashes_of(pages: ProofPages) -> tuple[str, ...]:
    contents: Sequence[Any] = [page.contents for page in pages.pages.values()]
    return tuple(page_hash(bytes(content or b"")) for content in contents)
