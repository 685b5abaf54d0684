"""Makes a picture that somebody sent into one that is safe to keep and to show.

Nothing of the file is kept but what people see: the picture is decoded and written anew, without
the place and time that cameras note, without comments, and without whatever else was in the file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import TypeVar

from PIL import Image, ImageOps

T = TypeVar("T")

FILE_BYTES_MAX = 8 * 1024 * 1024
"""Largest file: twice what a phone's camera writes."""
PIXELS_MAX = 50_000_000
"""Most pixels: those of the finest phone cameras. A bomb of a few kilobytes has billions."""
SIDE_PIXELS_MAX = 3_000
"""Longest side of what is kept: a scratch is still seen, and a page can be read."""
QUALITY = 85
"""Quality of what is written as JPEG: more is bytes that nobody sees."""
AT_ONCE = 1
"""Pictures that this process has in hand at once: one takes up to 300 MB for a moment."""

MEDIA_TYPES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
"""What may be sent, with the name that the decoder has for it."""

_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError)
"""What decoders raise over a file that is not what it says."""
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


class NotAPicture(Exception):
    """The file is no picture that can be kept; the message says why."""


@dataclass(frozen=True, slots=True)
class KeptPicture:
    """A picture as it is kept."""

    media_type: str
    content: bytes
    sha256: str
    """Fingerprint of what is kept, in hex."""
    original_sha256: str
    """Fingerprint of the file as it was sent, in hex."""
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class KeptAs:
    """How large a picture is kept, and in which form."""

    side_px_max: int = SIDE_PIXELS_MAX
    """Longest side of what is kept."""
    always_jpeg: bool = False
    """Whether a PNG becomes a JPEG too; drawings with sharp edges are kept as they are otherwise."""


AS_EVIDENCE = KeptAs()
"""How pictures of disputes are kept."""


class PictureRoom:
    """Where pictures are written anew: beside the event loop, one after another."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)

    async def keep(self, raw: bytes, media_type: str, kept_as: KeptAs = AS_EVIDENCE) -> KeptPicture:
        """Return the picture as it may be kept.

        Raises:
            NotAPicture: it is none, not of the type it says, or too large.
        """
        async with self._places:
            return await asyncio.to_thread(kept_picture, raw, media_type, kept_as)

    async def do(self, work: Callable[[], T]) -> T:
        """Do other work on pictures in turn with them."""
        async with self._places:
            return await asyncio.to_thread(work)


def kept_picture(raw: bytes, media_type: str, kept_as: KeptAs = AS_EVIDENCE) -> KeptPicture:
    """Decode a picture and write it anew.

    Raises:
        NotAPicture: it is none, not of the type it says, or too large.
    """
    name = MEDIA_TYPES[media_type]
    try:
        with Image.open(BytesIO(raw), formats=(name,)) as image:
            if image.width * image.height > PIXELS_MAX:
                raise NotAPicture(f"A picture has at most {PIXELS_MAX} pixels.")
            seen = _as_seen(image, kept_as.side_px_max)
    except _BOMBS as error:
        raise NotAPicture(f"A picture has at most {PIXELS_MAX} pixels.") from error
    except _BROKEN as error:
        raise NotAPicture(f"This is no picture of the type {media_type}.") from error
    kept = "PNG" if name == "PNG" and not kept_as.always_jpeg else "JPEG"
    written = BytesIO()
    seen.save(written, kept, quality=QUALITY, optimize=True)
    content = written.getvalue()
    return KeptPicture(
        media_type=f"image/{kept.lower()}",
        content=content,
        sha256=sha256(content).hexdigest(),
        original_sha256=sha256(raw).hexdigest(),
        width=seen.width,
        height=seen.height,
    )


def _as_seen(image: Image.Image, side_px_max: int) -> Image.Image:
    """Return the pixels as people see them: upright, of a bounded size, on white, nothing else."""
    # A JPEG can be decoded at a fraction of its size, which costs a fraction of the memory.
    image.draft("RGB", (side_px_max, side_px_max))
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((side_px_max, side_px_max))
    layer = upright.convert("RGBA")
    plain = Image.new("RGB", layer.size, "white")
    plain.paste(layer, mask=layer.getchannel("A"))
    return plain
