"""The phone pages: `/show` for whoever hands the parcel over or takes it, `/scan` for its traveler."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path
from starlette.responses import Response

from api.access.permissions import Action, requires
from api.access.preconditions import IfNoneMatch
from api.edge.documented import ALWAYS, Responses, refusals
from api.edge.documented_headers import TAGGED
from api.edge.problems import not_found
from api.edge.requests import StrictRoute
from api.static_files import SERVICE_WORKER, StaticFile, static_files

router = APIRouter(tags=["pages"], route_class=StrictRoute)

CONTENT_POLICY = (
    "default-src 'none'; "
    # The reader of codes is WebAssembly, which this word allows and `eval` it does not.
    "script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob:; "
    "media-src 'self' blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types sendalong"
)
"""What the pages may load and run: what comes from here, and no script in the page itself."""

_COMMON = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Robots-Tag": "noindex, nofollow",
    "Vary": "Accept-Encoding",
}
_SCAN_FEATURES = "camera=(self), geolocation=(self), microphone=()"
_SHOW_FEATURES = "camera=(), geolocation=(self), microphone=()"

AcceptEncoding = Annotated[
    str,
    Header(alias="Accept-Encoding", description="Files are sent compressed to who takes `gzip`."),
]

_OPEN: dict[str, Any] = {"security": []}


_ANSWERS: Responses = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}, **TAGGED[200]},
    304: TAGGED[304],
}
_FILE: Any = {
    "dependencies": [requires(Action.PUBLIC_READ_PAGE)],
    # Files are for the pages alone: no client of the API asks for them.
    "include_in_schema": False,
}
_PAGE: Any = {
    "dependencies": [requires(Action.PUBLIC_READ_PAGE)],
    "response_class": Response,
    "responses": {**_ANSWERS, **refusals(*ALWAYS)},
    "openapi_extra": _OPEN,
}


@router.get("/scan", summary="Page that scans a handover code", **_PAGE)
async def get_scan_page(
    accept_encoding: AcceptEncoding = "", if_none_match: IfNoneMatch = None
) -> Response:
    """Return the traveler's page: it scans by camera, takes a PIN, and works without network."""
    return _answer(
        "scan.html", accept_encoding, if_none_match, {"Permissions-Policy": _SCAN_FEATURES}
    )


@router.get("/show", summary="Page that shows a handover code", **_PAGE)
async def get_show_page(
    accept_encoding: AcceptEncoding = "", if_none_match: IfNoneMatch = None
) -> Response:
    """Return the page of the sender or recipient; a link's token stands behind `#`, unsent."""
    return _answer(
        "show.html", accept_encoding, if_none_match, {"Permissions-Policy": _SHOW_FEATURES}
    )


@router.get("/service-worker.js", **_FILE)
async def get_service_worker(
    accept_encoding: AcceptEncoding = "", if_none_match: IfNoneMatch = None
) -> Response:
    """Return the service worker; it changes whenever a file of the pages does."""
    return _answer(SERVICE_WORKER, accept_encoding, if_none_match)


@router.get("/pages/{name:path}", **_FILE)
async def get_file(
    name: Annotated[str, Path(max_length=200, description="Name of the file.")],
    accept_encoding: AcceptEncoding = "",
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Return a style sheet, a script, a picture or a library of the pages."""
    if name.endswith(".html"):
        # A page has one address: there it may use the camera.
        raise not_found()
    return _answer(name, accept_encoding, if_none_match)


def _answer(
    name: str, encodings: str, if_none_match: str | None, added: dict[str, str] | None = None
) -> Response:
    """Return a file, or that the browser has it already."""
    file = static_files().get(name)
    if file is None:
        raise not_found()
    headers = {**_COMMON, **(added or {}), "ETag": file.tag, "Cache-Control": _keeping(file)}
    if if_none_match is not None and file.tag in if_none_match:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    content = file.content
    if file.compressed is not None and "gzip" in encodings:
        content = file.compressed
        headers["Content-Encoding"] = "gzip"
    return Response(content, headers=headers, media_type=file.media_type)


def _keeping(file: StaticFile) -> str:
    """Return how long browsers may keep a file without asking whether it is still the same."""
    return "public, max-age=31536000, immutable" if file.is_lasting else "no-cache"
