"""Draws codes as QR codes that a dim, cracked screen still shows."""

from __future__ import annotations

from io import BytesIO

import segno

QR_ERROR_LEVEL = "m"
"""Restores 15 % of a dirty or scratched display; more would make the modules smaller."""
QR_MASK = 2
"""A fixed mask: trying all eight costs five times as much and helps little with so few characters."""
QR_QUIET_ZONE = 4
"""Modules of white around the code. Source: ISO/IEC 18004."""
QR_PNG_SCALE = 8
"""Pixels per module: 296 to 424 pixels in all, sharp on a phone."""


def qr_of(text: str) -> segno.QRCode:
    """Return the QR code of a text: version 3 for an opaque or rotating code, 7 for a signed one."""
    return segno.make_qr(text, error=QR_ERROR_LEVEL, mask=QR_MASK, boost_error=False)


def png_of(text: str) -> bytes:
    """Return the QR code of a text as a PNG picture."""
    picture = BytesIO()
    qr_of(text).save(picture, kind="png", scale=QR_PNG_SCALE, border=QR_QUIET_ZONE)
    return picture.getvalue()


def svg_of(text: str) -> str:
    """Return the QR code of a text as an SVG picture, black on white whatever is behind it."""
    picture = BytesIO()
    qr_of(text).save(
        picture,
        kind="svg",
        border=QR_QUIET_ZONE,
        light="white",
        omitsize=True,
        xmldecl=False,
        svgclass=None,
        lineclass=None,
        title="Handover code",
    )
    return picture.getvalue().decode()
