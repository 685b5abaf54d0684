r"""Checks what a device has signed: the request under way, word for word.

A device signs the bytes of "POST /v1/...\nthe Idempotency-Key\n" and the body as it is sent. The same
request may come twice, and is carried out once, by its key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import CTE, ColumnElement, FromClause, Uuid, and_, bindparam, select, true

from api.access.request import KEY_HEADER, Change, Changing
from api.edge.problems import Problem
from api.models.types import ID_PATTERN
from domain.devices.keys import DeviceKey, KeyAlgorithm
from domain.errors import RefusalCode
from infra.base64url import base64url, from_base64url
from infra.database.schema import device
from infra.devices.signatures import has_signed

DEVICE_HEADER = "Sendalong-Device"
SIGNATURE_HEADER = "Sendalong-Signature"

SIGNING_ID: ColumnElement[str] = bindparam("signing_device_id", type_=Uuid(as_uuid=False))
"""The device that a request names, from `device_values`."""

_ID = re.compile(ID_PATTERN)


@dataclass(frozen=True, slots=True)
class SigningDevice:
    """A device that has signed the request under way, and counts for whoever sent it."""

    device_id: str
    key: DeviceKey


@dataclass(frozen=True, slots=True)
class SignedChange:
    """A change that a device says to have signed; nothing about it is checked yet."""

    request: Request
    change: Change


async def _signed_change(request: Request, change: Changing) -> SignedChange:
    return SignedChange(request, change)


Signing = Annotated[SignedChange, Depends(_signed_change)]
"""A change together with the request that is signed."""


def asked_device(who: CTE) -> CTE:
    """Return the device that a request names, if it counts for the asking person.

    Shape: at most one row. It takes the values of `device_values`.
    """
    return (
        select(
            device.c.device_id.label("signing_device_id"),
            device.c.algorithm.label("signing_algorithm"),
            device.c.public_key.label("signing_public_key"),
        )
        .select_from(who.join(device, true()))
        .where(counts_for(device, SIGNING_ID, who.c.asker_id))
        .cte("signing")
    )


def counts_for(
    of: FromClause, device_id: ColumnElement[str], person_id: ColumnElement[str]
) -> ColumnElement[bool]:
    """Tell whether the device of a row is a named one and signs for a person."""
    return and_(of.c.device_id == device_id, of.c.person_id == person_id, of.c.revoked_at.is_(None))


def device_values(request: Request) -> dict[str, str | None]:
    """Return which device a request names, for a statement with `asked_device`."""
    named = request.headers.get(DEVICE_HEADER, "")
    return {"signing_device_id": named if _ID.fullmatch(named) else None}


async def signing_device(request: Request, row: Mapping[str, Any]) -> SigningDevice:
    """Return the device that has signed a request, by what a statement with `asked_device` found.

    Raises:
        Problem: `device_missing` when the request is not signed at all; `device_wrong`, whatever is
            wrong with the signature or the device.
    """
    if DEVICE_HEADER not in request.headers or SIGNATURE_HEADER not in request.headers:
        raise Problem(
            RefusalCode.DEVICE_MISSING,
            f"Sign this request with a device of yours, in {DEVICE_HEADER} and {SIGNATURE_HEADER}.",
        )
    if row["signing_device_id"] is None:
        raise device_wrong()
    key = DeviceKey(KeyAlgorithm(row["signing_algorithm"]), row["signing_public_key"])
    await require_signed(request, key)
    return SigningDevice(row["signing_device_id"], key)


async def require_signed(request: Request, key: DeviceKey) -> None:
    """Check that a request is signed with the private key to a public one.

    Raises:
        Problem: `device_wrong`.
    """
    signature = unpadded(request.headers.get(SIGNATURE_HEADER, ""))
    if signature is None or not has_signed(key, signature, await signed_bytes(request)):
        raise device_wrong()


def device_wrong() -> Problem:
    """Return the one answer to every signature that does not count."""
    return Problem(
        RefusalCode.DEVICE_WRONG,
        "The request has to be signed, as it is sent, by a device that counts for you.",
    )


async def signed_bytes(request: Request) -> bytes:
    """Return what a device signs of a request."""
    key = request.headers.get(KEY_HEADER, "")
    return f"{request.method} {request.url.path}\n{key}\n".encode() + await request.body()


async def signed_digest(request: Request) -> bytes:
    """Return what a signed request is known by when it comes again."""
    return sha256(await signed_bytes(request)).digest()


def unpadded(text: str) -> bytes | None:
    """Return the bytes of base64url without padding, in its one spelling, or none."""
    try:
        plain = from_base64url(text)
    except ValueError:
        return None
    return plain if base64url(plain) == text else None
