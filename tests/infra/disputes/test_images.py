"""Pictures are written anew: nothing hidden is kept, and no file can take the process down."""

from __future__ import annotations

import asyncio
import struct
import zlib
from hashlib import sha256
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from infra.disputes.images import (
    SIDE_PIXELS_MAX,
    NotAPicture,
    PictureRoom,
    kept_picture,
)

SECRET = b"SECRET-73519"
ORIENTATION, MAKER_NOTE, GPS = 0x0112, 0x927C, 0x8825


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 20), **options: object) -> bytes:
    """Return a picture that is red on its left and blue on its right."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    written = BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def shown(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def test_what_a_camera_notes_is_not_kept() -> None:
    exif = Image.Exif()
    exif[MAKER_NOTE] = SECRET
    exif.get_ifd(GPS)[1] = "N"
    raw = picture(exif=exif, comment=SECRET)
    assert SECRET in raw
    kept = kept_picture(raw, "image/jpeg")
    assert SECRET not in kept.content
    assert not shown(kept.content).getexif()
    assert "comment" not in shown(kept.content).info
    assert kept.original_sha256 == sha256(raw).hexdigest()
    assert kept.sha256 == sha256(kept.content).hexdigest()


def test_texts_and_bytes_behind_a_picture_are_not_kept() -> None:
    notes = PngInfo()
    notes.add_text("Author", SECRET.decode())
    raw = picture("PNG", pnginfo=notes) + b"<script>" + SECRET
    kept = kept_picture(raw, "image/png")
    assert SECRET not in kept.content
    assert (kept.media_type, kept.width, kept.height) == ("image/png", 40, 20)


def test_a_picture_is_kept_as_it_is_seen() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    kept = kept_picture(picture(exif=exif), "image/jpeg")
    image = shown(kept.content)
    assert image.size == (20, 40)
    red, _, blue = image.getpixel((10, 5))  # type: ignore[misc]
    assert (red > 200, blue < 100) == (True, True)


def test_a_picture_with_transparent_parts_is_kept_on_white() -> None:
    written = BytesIO()
    Image.new("RGBA", (2, 2), (0, 0, 0, 0)).save(written, "WEBP", lossless=True)
    kept = kept_picture(written.getvalue(), "image/webp")
    assert kept.media_type == "image/jpeg"
    assert shown(kept.content).getpixel((0, 0)) == (255, 255, 255)


def test_a_large_picture_is_made_smaller() -> None:
    kept = kept_picture(picture(size=(SIDE_PIXELS_MAX + 500, 100)), "image/jpeg")
    assert max(kept.width, kept.height) <= SIDE_PIXELS_MAX


@pytest.mark.parametrize("size", [(10_000, 5_001), (20_000, 20_000), (60_000, 60_000)])
def test_a_bomb_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    header = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1_000)), (b"IEND", b"")]
    raw = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )
    with pytest.raises(NotAPicture, match="pixels"):
        kept_picture(raw, "image/png")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"CANARY",
        b"\xff\xd8\xff\xe0 no picture",
        picture("PNG"),
        picture()[:200],
        b"GIF89a" + picture(),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0",
    ],
)
def test_what_is_no_jpeg_is_refused(raw: bytes) -> None:
    with pytest.raises(NotAPicture, match="no picture"):
        kept_picture(raw, "image/jpeg")


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(["JPEG", "PNG", "WEBP"]))
def test_a_damaged_file_is_kept_as_a_picture_or_refused(data: st.DataObject, kind: str) -> None:
    raw = bytearray(picture(kind))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        kept = kept_picture(bytes(raw), f"image/{kind.lower()}")
    except NotAPicture:
        return
    assert shown(kept.content).size == (kept.width, kept.height)


async def test_pictures_are_written_beside_the_event_loop() -> None:
    room = PictureRoom()
    kept = await asyncio.gather(*(room.keep(picture(), "image/jpeg") for _ in range(3)))
    assert len({each.sha256 for each in kept}) == 1
