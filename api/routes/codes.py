"""Handover codes, for the side that shows them and for nobody else."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.access.permissions import Action, permit, requires
from api.access.request import TokenHash
from api.access.sights import sight_of
from api.codes import (
    HTML,
    JSON,
    PNG,
    SVG,
    ShownCode,
    load_code,
    load_linked_code,
    page_of,
    problem_page_of,
)
from api.edge.answers import json_answer
from api.edge.documented import ALWAYS, READS, Responses, refusals
from api.edge.negotiation import choose_media_type
from api.edge.problems import EdgeCode, Problem
from api.edge.requests import StrictRoute
from api.models.records import CodeView, LinkedCodeView
from api.qr import png_of, svg_of
from api.routes.paths import DeliveryPath, LinkPath, PurposePath
from api.services import Parts
from domain.contracts import CodePurpose
from domain.errors import RefusalCode

router = APIRouter(tags=["codes"], route_class=StrictRoute)

_SHOWING = {
    CodePurpose.PICKUP: Action.SHOW_PICKUP_CODE,
    CodePurpose.HANDOVER: Action.SHOW_HANDOVER_CODE,
    CodePurpose.RETURN: Action.SHOW_RETURN_CODE,
    CodePurpose.RELAY: Action.SHOW_RELAY_CODE,
}

_PICTURES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            PNG: {"schema": {"type": "string", "format": "binary"}},
            SVG: {"schema": {"type": "string"}},
        }
    }
}
_PICTURES_AND_PAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {**_PICTURES[200]["content"], HTML: {"schema": {"type": "string"}}}}
}
_REFUSALS = (
    RefusalCode.CODE_NOT_READY,
    RefusalCode.CODE_ALREADY_USED,
    RefusalCode.CODE_EXPIRED,
    RefusalCode.CODE_NEEDS_DEVICE,
    EdgeCode.NOT_ACCEPTABLE,
)
_LINK_REFUSALS = (
    *ALWAYS,
    EdgeCode.NOT_FOUND,
    RefusalCode.CODE_ALREADY_USED,
    RefusalCode.CODE_EXPIRED,
    RefusalCode.CODE_NEEDS_DEVICE,
    EdgeCode.NOT_ACCEPTABLE,
)
_PRIVATE = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Vary": "Accept",
}
_TO_PAGE: dict[int | str, dict[str, Any]] = {
    303: {
        "description": "For browsers, where one of them has to hold the code: the page that does.",
        "headers": {"Location": {"schema": {"type": "string", "format": "uri-reference"}}},
    }
}
_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def _with_page(responses: Responses) -> Responses:
    """Add to each refusal that a browser gets it as a page."""
    for response in responses.values():
        response["content"][HTML] = {"schema": {"type": "string"}}
    return responses


@router.get(
    "/v1/deliveries/{delivery_id}/codes/{purpose}",
    dependencies=[requires(Action.SHOW_CODE)],
    response_model=CodeView,
    responses={**_PICTURES, **refusals(*READS, RefusalCode.NOT_YOUR_ROLE, *_REFUSALS)},
    summary="Show a handover code",
)
async def get_code(
    delivery_id: DeliveryPath,
    purpose: PurposePath,
    request: Request,
    token: TokenHash,
    parts: Parts,
) -> Response:
    """Return the code as JSON, PNG or SVG: to whoever shows it.

    The sender does at pickup and return, the recipient at handover, the first traveler at a relay. Above
    the standard level a device makes the code: it holds it first.
    """
    media_type = choose_media_type(request.headers.get("accept"), (JSON, PNG, SVG))
    sight = await sight_of(parts.database, token, delivery_id)
    permit(sight, _SHOWING[purpose])
    shown = await load_code(parts.database, parts.handover_key, sight.delivery.delivery_id, purpose)
    link = f"{parts.public_url}/v1/links/{shown.code.link_token}"
    view = CodeView(
        delivery_id=shown.delivery_id,
        purpose=purpose,
        code=shown.code.text,
        pin=shown.code.pin,
        link=link,
        valid_until=shown.valid_until,
    )
    return _answer(media_type, shown, view)


@router.get(
    "/v1/links/{token}",
    dependencies=[requires(Action.PUBLIC_SHOW_LINKED_CODE)],
    response_model=LinkedCodeView,
    responses={**_PICTURES_AND_PAGE, **_with_page(refusals(*_LINK_REFUSALS)), **_TO_PAGE},
    summary="Show a handover code by its link",
    openapi_extra={"security": []},
)
async def get_linked_code(token: LinkPath, request: Request, parts: Parts) -> Response:
    """Return the code to whoever holds its link: a page for browsers, else JSON, PNG or SVG."""
    media_type = choose_media_type(request.headers.get("accept"), (JSON, HTML, PNG, SVG))
    try:
        shown = await load_linked_code(parts.database, parts.handover_key, token)
    except Problem as problem:
        if media_type != HTML:
            raise
        if problem.code is RefusalCode.CODE_NEEDS_DEVICE:
            # What stands behind `#` is never sent to a server: no log of ours will hold the token.
            to_page = {**_PRIVATE, "Location": f"/show#{token}"}
            return Response(status_code=HTTPStatus.SEE_OTHER, headers=to_page)
        headers = {**_PRIVATE, "Content-Security-Policy": _PAGE_POLICY}
        return Response(problem_page_of(problem), problem.status_code, headers, HTML)
    view = LinkedCodeView(
        purpose=shown.purpose,
        code=shown.code.text,
        pin=shown.code.pin,
        valid_until=shown.valid_until,
    )
    return _answer(media_type, shown, view)


def _answer(media_type: str, shown: ShownCode, view: CodeView | LinkedCodeView) -> Response:
    if media_type == JSON:
        return json_answer(view, headers=_PRIVATE)
    make: dict[str, Callable[[], str | bytes]] = {
        PNG: lambda: png_of(shown.code.text),
        SVG: lambda: svg_of(shown.code.text),
        HTML: lambda: page_of(shown),
    }
    headers = {**_PRIVATE, "Content-Security-Policy": _PAGE_POLICY}
    return Response(make[media_type](), media_type=media_type, headers=headers)
