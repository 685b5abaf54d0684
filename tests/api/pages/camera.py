"""What the camera of a test sees: a picture that stands still, as film without compression."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import zxingcpp
from PIL import Image

SIZE = (640, 480)
FRAMES = 4
_GREY = bytes([128]) * (SIZE[0] * SIZE[1] // 4)
"""The colours of a frame without any, each at half the width and height."""


def blank_film(path: Path) -> None:
    """Write a film of nothing."""
    _write(path, Image.new("L", SIZE, 90))


def film_of(path: Path, screenshot: bytes) -> None:
    """Write a film of somebody's screen, as a camera in front of it sees it: small and dim."""
    screen = Image.open(BytesIO(screenshot)).convert("L")
    screen.thumbnail((SIZE[0] - 40, SIZE[1] - 20))
    seen = Image.new("L", SIZE, 40)
    seen.paste(screen.point(lambda shade: 30 + shade * 3 // 5), ((SIZE[0] - screen.width) // 2, 10))
    _write(path, seen)


def film_of_label(path: Path, text: str) -> None:
    """Write a film of a parcel's own label: a barcode of lines, some way off."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
    label = Image.fromarray(zxingcpp.write_barcode_to_image(barcode, scale=2))
    seen = Image.new("L", SIZE, 150)
    seen.paste(label.point(lambda shade: 30 + shade * 3 // 5), ((SIZE[0] - label.width) // 2, 160))
    _write(path, seen)


def read_from(screenshot: bytes) -> str:
    """Return what a reader reads on a screen."""
    return str(zxingcpp.read_barcodes(Image.open(BytesIO(screenshot)))[0].text)


def _write(path: Path, picture: Image.Image) -> None:
    frame = b"FRAME\n" + picture.tobytes() + _GREY * 2
    head = b"YUV4MPEG2 W%d H%d F15:1 Ip A1:1 C420jpeg\n" % SIZE
    path.write_bytes(head + frame * FRAMES)
