"""What is approved when a person proves once more who they are: one request, word for word."""

from __future__ import annotations

from hashlib import sha256


def fingerprint_of(method: str, path: str, body_sha256: str) -> bytes:
    r"""Return what identifies a request: its method, its address and every byte of its body.

    Shape: 32 bytes. A client computes the same as sha256 of "POST\n/v1/...\n" and the SHA-256 of
    the body in small hexadecimal letters; without a body, that of nothing.
    """
    return sha256(f"{method}\n{path}\n{body_sha256}".encode()).digest()


def body_hash(body: bytes) -> str:
    """Return the SHA-256 of a body in hexadecimal letters."""
    return sha256(body).hexdigest()
