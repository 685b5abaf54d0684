"""Describes to OpenAPI the headers that routes read and answer with, by what they declare."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from api.access.devices import DEVICE_HEADER, SIGNATURE_HEADER
from api.access.preconditions import condition_of
from api.access.request import SEEN_HEADER
from api.access.step_ups import ASKED_AT
from api.access.step_ups import HEADER as STEP_UP_HEADER
from api.edge.documented import Responses, refusals
from api.edge.problems import PROBLEM_MEDIA_TYPE, EdgeCode
from domain.errors import RefusalCode
from domain.identity.actions import Action
from domain.identity.approvals import APPROVED_BY_ALL, APPROVED_BY_HOLDERS

Json = dict[str, Any]

_TEXT: Json = {"type": "string"}
_OBJECTS = {RefusalCode.DELIVERY_CHANGED: "delivery", RefusalCode.OFFER_CHANGED: "offer"}
_RETRIED = {str(EdgeCode.REQUEST_IN_FLIGHT)}
_RETRIED_STATUSES = {
    str(int(status)) for status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
}
_RETRY_AFTER: Json = {
    "description": "Seconds after which to send the same request again.",
    "schema": {"type": "integer", "minimum": 0},
}
TAGGED: Responses = {
    200: {
        "headers": {
            "ETag": {"description": "Names the version that is answered with.", "schema": _TEXT}
        }
    },
    304: {"description": "You have this version already.", "content": {}},
}
"""How a route answers that names the version of what it answers with."""


def describe_headers(route: str, action: Action | None, operation: Json) -> None:
    """Add the headers that every route of its kind reads and answers with.

    `route` is the method and the pattern of the address.
    """
    responses = operation["responses"]
    code = condition_of(route)
    if code is not None:
        _add(operation, _if_match(_OBJECTS[code]))
        responses.update(_by_text(refusals(code)))
    if action in APPROVED_BY_ALL | APPROVED_BY_HOLDERS:
        _add_example(responses, EdgeCode.STEP_UP_REQUIRED)
    if EdgeCode.STEP_UP_REQUIRED in set(_codes(responses)):
        _add(operation, _STEP_UP)
    if RefusalCode.DEVICE_MISSING in set(_codes(responses)):
        _add(operation, _DEVICE)
    if RefusalCode.DEVICE_WRONG in set(_codes(responses)):
        _add(operation, _SIGNATURE)
    for status, response in responses.items():
        if status in _RETRIED_STATUSES or _RETRIED & set(_codes({status: response})):
            response.setdefault("headers", {})["Retry-After"] = _RETRY_AFTER


_STEP_UP: Json = {
    "name": STEP_UP_HEADER,
    "in": "header",
    "required": False,
    "description": f"The grant from `{ASKED_AT}` with which you have approved this very request: its "
    "method, address and body. Without one that is needed it is 403 `step_up_required`.",
    # Where no approval is needed, whatever is sent here is passed over.
    "schema": _TEXT,
}

_DEVICE: Json = {
    "name": DEVICE_HEADER,
    "in": "header",
    "required": False,
    "description": "Id of the device that signs this request, as `/v1/me/devices` gave it. Without one "
    "that is needed it is 403 `device_missing`.",
    "schema": _TEXT,
}
_SIGNATURE: Json = {
    "name": SIGNATURE_HEADER,
    "in": "header",
    "required": False,
    "description": "What the device signs of this request, in base64url without padding: its method, a "
    "space, its path, a line feed, the `Idempotency-Key`, a line feed, and the body as it is sent. One "
    "that does not fit is 403 `device_wrong`.",
    "schema": _TEXT,
}


def _if_match(what: str) -> Json:
    return {
        "name": SEEN_HEADER,
        "in": "header",
        "required": False,
        "description": f"The `ETag` of the {what} as you have seen it; with another one by now, the "
        f"request is refused as 412 `{what}_changed`. Left out, or `*`, nothing is compared.",
        "schema": _TEXT,
    }


def _add(operation: Json, parameter: Json) -> None:
    operation.setdefault("parameters", []).append(parameter)


def _add_example(responses: Json, code: EdgeCode) -> None:
    for status, response in _by_text(refusals(code)).items():
        if status not in responses:
            responses[status] = response
        examples = response["content"][PROBLEM_MEDIA_TYPE]["examples"]
        responses[status]["content"][PROBLEM_MEDIA_TYPE]["examples"].update(examples)


def _by_text(responses: Responses) -> Json:
    return {str(status): response for status, response in responses.items()}


def _codes(responses: Json) -> Iterator[str]:
    for response in responses.values():
        yield from response.get("content", {}).get(PROBLEM_MEDIA_TYPE, {}).get("examples", ())
