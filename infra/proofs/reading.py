"""Reads what a PDF file holds that says to be a proof document; nothing in it is believed.

A hostile file can keep a reader busy or fill its memory: whoever reads files of strangers does so in a
process that can be ended, as `infra.proofs.examining` does.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from io import BytesIO
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from infra.proofs.writing import SIGNATURE_NAME, STATEMENT_NAME, page_hash

PAGES_MAX = 200
"""Most pages that are looked at: a document of all proofs that there can be has a tenth of them."""
_TAKES_PART = frozenset({"/Type", "/Parent", "/MediaBox", "/Contents", "/Resources", "/Group"})
"""What a page of ours has; anything else could draw over it, turn it, or cut it off."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a file holds."""

    statement: str | None
    """The attached statement."""
    signature: str | None
    """The attached manifest with its signature."""
    pages: tuple[str, ...]
    """Fingerprints of what the pages draw."""
    pictures: tuple[str, ...]
    """Fingerprints of the pictures on them, in their order."""
    strange: tuple[str, ...]
    """What no document of ours has."""

    @property
    def text(self) -> str:
        """The same as JSON."""
        return json.dumps(asdict(self))


def found_in(raw: bytes) -> Found:
    """Return what a file holds.

    Raises:
        Exception: it cannot be read; whatever the reader raises over it.
    """
    with warnings.catch_warnings():
        # A file that is not as it should be is for the checks, not for the log.
        warnings.simplefilter("ignore")
        reader = PdfReader(BytesIO(raw))
        if len(reader.pages) > PAGES_MAX:
            raise ValueError("it has too many pages")
        pages = list(reader.pages)
        return Found(
            statement=_attached(reader, STATEMENT_NAME),
            signature=_attached(reader, SIGNATURE_NAME),
            pages=tuple(page_hash(_drawn_by(page)) for page in pages),
            pictures=tuple(
                dict.fromkeys(
                    sha256(content).hexdigest() for page in pages for content in _pictures_of(page)
                )
            ),
            strange=tuple(_strange_in(reader, pages)),
        )


def _attached(reader: PdfReader, name: str) -> str | None:
    contents = reader.attachments.get(name, [])
    return contents[0].decode("utf-8", "replace") if len(contents) == 1 else None


def _drawn_by(page: PageObject) -> bytes:
    contents = page.get_contents()
    return b"" if contents is None else contents.get_data()


def _pictures_of(page: PageObject) -> Iterator[bytes]:
    """Return the bytes of a page's pictures as they lie in the file."""
    resources: Any = page.get("/Resources", DictionaryObject()).get_object()
    objects: Any = resources.get("/XObject", DictionaryObject()).get_object()
    for each in objects.values():
        stream = each.get_object() if isinstance(each, IndirectObject) else each
        if isinstance(stream, StreamObject) and stream.get("/Subtype") == "/Image":
            # As it was put in: a JPEG file, which is not decoded here.
            yield stream._data  # noqa: SLF001 -- Its public way decodes what only has to be hashed.


def _strange_in(reader: PdfReader, pages: list[PageObject]) -> Iterator[str]:
    root: Any = reader.trailer["/Root"].get_object()
    for name in ("/AA", "/AcroForm", "/OCProperties"):
        if name in root:
            yield f"the file has {name}, which no proof document has"
    # A place to show first is a list; whatever else would be done on opening is not.
    if not isinstance(root.get("/OpenAction", ArrayObject()).get_object(), ArrayObject):
        yield "the file does something when it is opened"
    for number, page in enumerate(pages, start=1):
        for name in sorted(set(page) - _TAKES_PART):
            yield f"page {number} has {name}, which no page of a proof document has"
