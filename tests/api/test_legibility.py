"""A code is read from a dim, blurred and cracked screen: what phones of people look like."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from math import sin

import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

from api.qr import png_of
from tests.api.test_qr import OPAQUE, ROTATING, SIGNED

CODES = {"opaque": OPAQUE, "rotating": ROTATING, "signed": SIGNED}
SCREEN_PIXELS = 420
"""Side of the code in the picture of a camera that is held at arm's length."""


def screen(text: str) -> Image.Image:
    """Return the code as it shines, in the middle of a black phone."""
    code = Image.open(BytesIO(png_of(text))).convert("L").resize((SCREEN_PIXELS, SCREEN_PIXELS))
    phone = Image.new("L", (640, 640), 0)
    phone.paste(code, (110, 110))
    return phone


def dimmed(picture: Image.Image) -> Image.Image:
    """At the lowest brightness in a lit room: white is a dark grey, and black is not black."""
    return picture.point(lambda shade: 40 + shade // 8)


def blurred(picture: Image.Image) -> Image.Image:
    """By a hand that shakes and a lens with a thumb on it."""
    return picture.filter(ImageFilter.GaussianBlur(2.2))


def cracked(picture: Image.Image) -> Image.Image:
    """By a crack from edge to edge, with two smaller ones out of it."""
    seen = picture.copy()
    pen = ImageDraw.Draw(seen)
    crack = [(100 + 12 * step, 250 + 5 * step + 9 * sin(step)) for step in range(40)]
    pen.line(crack, fill=235, width=4)
    pen.line([crack[14], (330, 120)], fill=200, width=3)
    pen.line([crack[22], (300, 560)], fill=20, width=3)
    return seen


def aslant(picture: Image.Image) -> Image.Image:
    """From the side, as nobody holds a phone straight."""
    return picture.rotate(17, resample=Image.Resampling.BICUBIC, fillcolor=30)


@pytest.mark.parametrize("kind", CODES)
@pytest.mark.parametrize("harm", [dimmed, blurred, cracked, aslant], ids=lambda harm: harm.__name__)
def test_a_code_is_read_from_a_poor_screen(
    kind: str, harm: Callable[[Image.Image], Image.Image]
) -> None:
    assert read(harm(screen(CODES[kind]))) == CODES[kind]


@pytest.mark.parametrize("kind", CODES)
def test_a_code_is_read_with_everything_wrong_at_once(kind: str) -> None:
    assert read(dimmed(aslant(blurred(cracked(screen(CODES[kind])))))) == CODES[kind]


def read(picture: Image.Image) -> str | None:
    found = zxingcpp.read_barcodes(picture)
    return found[0].text if found else None
