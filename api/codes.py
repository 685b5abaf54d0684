"""Shows handover codes: as text, and as a page for somebody without an account."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from html import escape

from sqlalchemy import Text, Uuid, bindparam, func, select

from api.access.database import Database, Row
from api.edge.problems import Problem, not_found
from api.qr import svg_of
from domain.contracts import CodePurpose
from domain.errors import RefusalCode
from domain.handover.codes import HandoverCode, derive_code, read_link_token
from domain.handover.levels import ProofLevel
from domain.ids import DeliveryId
from domain.status import DeliveryStatus
from infra.database.schema import delivery, handover_code, parcel

JSON, PNG, SVG, HTML = "application/json", "image/png", "image/svg+xml", "text/html"

_CODE = (
    select(
        handover_code.c.nonce,
        handover_code.c.valid_until,
        handover_code.c.used_at,
        (handover_code.c.valid_until <= func.now()).label("has_expired"),
        delivery.c.status,
        parcel.c.proof_level,
    )
    .select_from(
        delivery.join(parcel, parcel.c.delivery_id == delivery.c.delivery_id).outerjoin(
            handover_code,
            (handover_code.c.delivery_id == delivery.c.delivery_id)
            & (handover_code.c.purpose == bindparam("purpose", type_=Text)),
        )
    )
    .where(delivery.c.delivery_id == bindparam("delivery_id", type_=Uuid(as_uuid=False)))
)


@dataclass(frozen=True, slots=True)
class ShownCode:
    """A code that can be scanned now."""

    delivery_id: DeliveryId
    purpose: CodePurpose
    code: HandoverCode
    valid_until: datetime


async def load_code(
    database: Database, key: bytes, delivery_id: DeliveryId, purpose: CodePurpose
) -> ShownCode:
    """Return the code of a handover.

    Raises:
        Problem: there is no such delivery, or the code is not issued yet, was used, has expired, or is
            made by the device that holds it.
    """
    row = await _load(database, delivery_id, purpose)
    if row is None:
        raise not_found()
    if row["nonce"] is None:
        raise Problem(
            RefusalCode.CODE_NOT_READY,
            "The code appears once the step before it is done.",
            current_status=DeliveryStatus(row["status"]),
        )
    return _shown(row, derive_code(key, delivery_id, purpose, row["nonce"]), delivery_id, purpose)


async def load_linked_code(database: Database, key: bytes, token: str) -> ShownCode:
    """Return the code of a handover for whoever holds its link.

    Nothing is said about a delivery before the whole token is proven right.

    Raises:
        Problem: the token is no good, or the code was used, has expired, or is made by the device that
            holds it.
    """
    named = read_link_token(token)
    row = await _load(database, *named) if named is not None else None
    if named is None or row is None or row["nonce"] is None:
        raise not_found()
    delivery_id, purpose = named
    code = code_of_link(key, named, row["nonce"], token)
    return _shown(row, code, delivery_id, purpose)


def code_of_link(
    key: bytes, named: tuple[DeliveryId, CodePurpose], nonce: bytes, token: str
) -> HandoverCode:
    """Return the code that a link leads to.

    Raises:
        Problem: `not_found`, as the token is no good.
    """
    code = derive_code(key, *named, nonce)
    if not hmac.compare_digest(code.link_token, token):
        raise not_found()
    return code


async def _load(database: Database, delivery_id: DeliveryId, purpose: CodePurpose) -> Row | None:
    return await database.first(_CODE, {"delivery_id": delivery_id, "purpose": str(purpose)})


def _shown(
    row: Row, code: HandoverCode, delivery_id: DeliveryId, purpose: CodePurpose
) -> ShownCode:
    status = DeliveryStatus(row["status"])
    if row["used_at"] is not None:
        raise Problem(
            RefusalCode.CODE_ALREADY_USED, "The code was scanned already.", current_status=status
        )
    if row["has_expired"]:
        raise Problem(RefusalCode.CODE_EXPIRED, "The code has expired.", current_status=status)
    if row["proof_level"] != ProofLevel.STANDARD:
        raise Problem(
            RefusalCode.CODE_NEEDS_DEVICE,
            "One device holds this code and makes what is scanned: show it there.",
            current_status=status,
        )
    return ShownCode(delivery_id, purpose, code, row["valid_until"])


def page_of(shown: ShownCode) -> str:
    """Return a page that shows the code to the traveler, with the PIN for a broken camera."""
    content = _CODE_PART.format(
        picture=svg_of(shown.code.text),
        pin=f"{shown.code.pin[:3]} {shown.code.pin[3:]}",
        valid_until=f"{shown.valid_until:%Y-%m-%d %H:%M}",
    )
    return _PAGE.format(heading=_HEADINGS[shown.purpose], content=content)


def problem_page_of(problem: Problem) -> str:
    """Return a page that says why there is no code to show."""
    content = f"<p>{escape(problem.detail)}</p>"
    return _PAGE.format(heading=escape(problem.title), content=content)


_HEADINGS = {
    CodePurpose.PICKUP: "Show this to the traveler who collects your parcel",
    CodePurpose.HANDOVER: "Show this to the traveler who brings your parcel",
    CodePurpose.RETURN: "Show this to the traveler who brings your parcel back",
    CodePurpose.RELAY: "Show this to the traveler who carries the parcel on",
}

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="referrer" content="no-referrer">
<title>Your Sendalong code</title>
<style>
body {{ font-family: system-ui, sans-serif; margin: 0 auto; max-width: 26rem; padding: 1rem;
  text-align: center; background: #fff; color: #111; }}
svg {{ width: min(80vw, 20rem); height: auto; }}
.pin {{ font-size: 2.5rem; letter-spacing: .15em; font-variant-numeric: tabular-nums; }}
</style>
</head>
<body>
<h1>{heading}</h1>
{content}
</body>
</html>
"""

_CODE_PART = """{picture}
<p>If the camera does not work, tell this PIN:</p>
<p class="pin">{pin}</p>
<p>Show it only when the parcel is in front of you. It works once, until {valid_until} UTC.</p>"""
