"""Pictures of evidence: sent once by the author, shown to all who see the dispute."""

from __future__ import annotations

from typing import Any, ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.access.database import Row
from api.access.permissions import Action, requires
from api.access.request import TokenHash
from api.access.sights import sight_in
from api.edge.answers import json_answer
from api.edge.documented import READS, refusals
from api.edge.documented_headers import TAGGED
from api.edge.problems import EdgeCode, Problem, not_found
from api.edge.requests import StrictRequest, StrictRoute
from api.models.disputes import FileView
from api.queries.dispute_files import add_picture, picture_in, piece_of
from api.routes.paths import DisputePath, EvidencePath
from api.services import Parts
from domain.errors import RefusalCode
from infra.disputes.images import FILE_BYTES_MAX, MEDIA_TYPES, NotAPicture

UPLOAD_WAIT_S_MAX = 120
"""Longest time a file may take: the largest one needs as long at seventy kilobytes a second."""


class FileRequest(StrictRequest):
    """A request whose body is a picture."""

    bytes_max = FILE_BYTES_MAX
    wait_s_max = UPLOAD_WAIT_S_MAX

    @property
    def media_type(self) -> str:
        """What the sender says that the body is."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def require_media_type(self) -> None:
        """Check that the body may be read as what it is.

        Raises:
            Problem: `unsupported_media_type`.
        """
        coding = self.headers.get("content-encoding", "identity").strip().lower()
        if self.media_type not in MEDIA_TYPES or coding != "identity":
            kinds = ", ".join(sorted(MEDIA_TYPES))
            raise Problem(
                EdgeCode.UNSUPPORTED_MEDIA_TYPE, f"Send the file itself, as one of {kinds}."
            )


class FileRoute(StrictRoute):
    """A route that reads a picture."""

    request_class: ClassVar[type[StrictRequest]] = FileRequest


router = APIRouter(prefix="/v1/disputes", tags=["disputes"], route_class=FileRoute)

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_SENT = dict.fromkeys(sorted(MEDIA_TYPES), _BINARY)
_SHOWN: dict[int | str, dict[str, Any]] = {
    200: {
        **TAGGED[200],
        "content": {"image/jpeg": _BINARY, "image/png": _BINARY},
        "description": "The picture.",
    }
}
_HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


@router.put(
    "/{dispute_id}/evidence/{evidence_id}/file",
    dependencies=[requires(Action.SEND_EVIDENCE_FILE)],
    response_model=FileView,
    responses=refusals(
        *READS,
        RefusalCode.DISPUTE_CLOSED,
        RefusalCode.NOT_YOUR_ROLE,
        EdgeCode.BODY_TOO_LARGE,
        EdgeCode.BODY_TOO_SLOW,
        EdgeCode.FILE_ALREADY_THERE,
        EdgeCode.FILE_DIFFERS,
        EdgeCode.FILE_REFUSED,
        EdgeCode.UNSUPPORTED_MEDIA_TYPE,
    ),
    openapi_extra={"requestBody": {"required": True, "content": _SENT}},
    summary="Send the picture of a piece of evidence",
)
async def put_file(
    dispute_id: DisputePath,
    evidence_id: EvidencePath,
    request: Request,
    token: TokenHash,
    parts: Parts,
) -> Response:
    """Send a JPEG, PNG or WebP of at most 8 MiB, as the body itself, to evidence of your own.

    It is written anew from its pixels: place, time and comments that a camera notes are not kept. A
    piece of evidence has one file, which never changes; sending the same one again is fine.
    """
    assert isinstance(request, FileRequest), "the route reads its body so"
    request.require_media_type()
    piece = await piece_of(parts.database, token, dispute_id, evidence_id)
    if piece["piece_author_id"] != sight_in(piece).asker.person_id:
        raise Problem(RefusalCode.NOT_YOUR_ROLE, "Only whoever added the evidence may do this.")
    try:
        kept = await parts.pictures.keep(await request.body(), request.media_type)
    except NotAPicture as reason:
        raise Problem(EdgeCode.FILE_REFUSED, str(reason)) from reason
    if piece["piece_sha256"] not in (None, kept.original_sha256):
        raise Problem(EdgeCode.FILE_DIFFERS, "Its SHA-256 is not the one that the evidence names.")
    await add_picture(parts.database, piece, kept)
    known = await piece_of(parts.database, token, dispute_id, evidence_id)
    if known["file_sha256"] is None:
        raise Problem(RefusalCode.DISPUTE_CLOSED, "The dispute takes nothing more.")
    if known["file_original_sha256"] != kept.original_sha256:
        raise Problem(EdgeCode.FILE_ALREADY_THERE, "This evidence has another file already.")
    return json_answer(_view(known))


@router.get(
    "/{dispute_id}/evidence/{evidence_id}/file",
    dependencies=[requires(Action.SHOW_EVIDENCE_FILE)],
    responses={**_SHOWN, **refusals(*READS)},
    response_class=Response,
    summary="Show the picture of a piece of evidence",
)
async def get_file(
    dispute_id: DisputePath, evidence_id: EvidencePath, token: TokenHash, parts: Parts
) -> Response:
    """Return the picture, to the parties and to support."""
    piece = await piece_of(parts.database, token, dispute_id, evidence_id, with_content=True)
    if piece["file_sha256"] is None:
        raise not_found()
    content = await picture_in(parts.database, piece)
    if content is None:
        raise not_found()
    ending = piece["file_media_type"].partition("/")[2]
    name = f'attachment; filename="{evidence_id}.{ending}"'
    headers = {**_HEADERS, "Content-Disposition": name, "ETag": f'"{piece["file_sha256"]}"'}
    return Response(content, 200, headers, piece["file_media_type"])


def _view(piece: Row) -> FileView:
    return FileView(
        evidence_id=piece["piece_id"],
        media_type=piece["file_media_type"],
        sha256=piece["file_sha256"],
        original_sha256=piece["file_original_sha256"],
        width=piece["file_width"],
        height=piece["file_height"],
    )
