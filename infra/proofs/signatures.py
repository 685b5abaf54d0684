"""Draws a signature from its strokes; of how it was written, only the line is kept."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageDraw

from infra.database.chain import canonical_json
from infra.disputes.images import QUALITY, KeptPicture

Stroke = Sequence[Sequence[int]]
"""One line without lifting the hand: points from 0 to `UNITS` on either side of the pad."""
UNITS = 1_000
"""How finely the pad is divided: a phone notes no finer."""
SIZE_PX = (1_000, 500)
"""Width and height of the picture: a pad is twice as wide as high."""
LINE_PX = 5
_INK = (16, 24, 64)


def drawn(strokes: Sequence[Stroke]) -> KeptPicture:
    """Return the picture of a signature."""
    image = Image.new("RGB", SIZE_PX, "white")
    pen = ImageDraw.Draw(image)
    for stroke in strokes:
        points = [_on_picture(point) for point in stroke]
        for x, y in points:
            pen.ellipse((x - 2, y - 2, x + 2, y + 2), fill=_INK)
        if len(points) > 1:
            pen.line(points, fill=_INK, width=LINE_PX, joint="curve")
    written = BytesIO()
    image.save(written, "JPEG", quality=QUALITY, optimize=True)
    content = written.getvalue()
    sent = canonical_json({"strokes": [[list(point) for point in line] for line in strokes]})
    return KeptPicture(
        media_type="image/jpeg",
        content=content,
        sha256=sha256(content).hexdigest(),
        original_sha256=sha256(sent.encode()).hexdigest(),
        width=image.width,
        height=image.height,
    )


def _on_picture(point: Sequence[int]) -> tuple[int, int]:
    x, y = point
    return x * (SIZE_PX[0] - 1) // UNITS, y * (SIZE_PX[1] - 1) // UNITS
